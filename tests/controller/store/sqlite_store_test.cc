#include "controller/store/sqlite_store.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "tests/controller/store/store_fixture.h"

namespace placer {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

PolicyState MakeFullState() {
  PolicyState state;
  state.history.decided_point = At(-12);
  state.history.regions["fra"] = {
      .placed = true,
      .last_action = LastAction{.action = Action::kDeploy, .ended = At(-1.000001), .complete = false},
      .machines = 2};
  state.history.regions["iad"] = {.placed = false};
  state.history.regions["syd"] = {};
  state.history.actions = {{.time = At(-50), .action = Action::kRemove, .region = "iad", .failed = true},
                           {.time = At(-40), .action = Action::kDeploy, .region = "fra"}};
  state.shadow.created = {{.id = "shadow-9", .region = "fra", .created_at = At(-40)},
                          {.id = "shadow-10", .region = "ams", .created_at = At(-30)}};
  state.shadow.removed = {"1781", "2234"};
  state.target = "shop/app";
  state.shadow.next_id = 11;
  state.last_seen = {{"1781", "iad"}, {"9999", "fra"}};
  return state;
}

void ExpectFullState(const PolicyState& state) {
  const PolicyState want = MakeFullState();
  EXPECT_EQ(state.history.decided_point, want.history.decided_point);
  ASSERT_THAT(state.history.regions, SizeIs(3));
  const RegionHistory& fra = state.history.regions.at("fra");
  EXPECT_EQ(fra.placed, true);
  EXPECT_EQ(fra.machines, 2);
  ASSERT_TRUE(fra.last_action.has_value());
  EXPECT_EQ(fra.last_action->action, Action::kDeploy);
  EXPECT_EQ(fra.last_action->ended, At(-1.000001));
  EXPECT_FALSE(fra.last_action->complete);
  EXPECT_EQ(state.history.regions.at("iad").placed, false);
  EXPECT_FALSE(state.history.regions.at("iad").last_action.has_value());
  EXPECT_EQ(state.history.regions.at("syd").placed, std::nullopt);
  ASSERT_THAT(state.history.actions, SizeIs(2));
  EXPECT_EQ(state.history.actions[0].time, At(-50));
  EXPECT_EQ(state.history.actions[0].action, Action::kRemove);
  EXPECT_EQ(state.history.actions[0].region, "iad");
  EXPECT_TRUE(state.history.actions[0].failed);
  EXPECT_FALSE(state.history.actions[1].failed);
  ASSERT_THAT(state.shadow.created, SizeIs(2));
  EXPECT_EQ(state.shadow.created[1].id, "shadow-10");
  EXPECT_EQ(state.shadow.created[1].region, "ams");
  EXPECT_EQ(state.shadow.created[1].created_at, At(-30));
  EXPECT_EQ(state.shadow.removed, want.shadow.removed);
  EXPECT_EQ(state.target, "shop/app");
  EXPECT_EQ(state.shadow.next_id, 11);
  EXPECT_EQ(state.last_seen, want.last_seen);
}

TEST_F(StoreTest, NothingStoredIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(Open()->Load("web", Mode::kDryRun).status()));
}

TEST_F(StoreTest, EverythingOfAStateSurvivesARestart) {
  PassRecord record = MakeRecord();
  record.state = MakeFullState();
  ASSERT_TRUE(Commit(*Open(), record).ok());
  const auto state = Open()->Load("web", Mode::kDryRun);
  ASSERT_TRUE(state.ok()) << state.status();
  ExpectFullState(*state);
}

TEST_F(StoreTest, ALaterPassReplacesTheStateAsAWhole) {
  const auto store = Open();
  PassRecord record = MakeRecord();
  record.state = MakeFullState();
  ASSERT_TRUE(Commit(*store, record).ok());
  record.state = PolicyState();
  ASSERT_TRUE(Commit(*store, record).ok());
  const auto state = store->Load("web", Mode::kDryRun);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_THAT(state->history.regions, IsEmpty());
  EXPECT_THAT(state->history.actions, IsEmpty());
  EXPECT_THAT(state->shadow.created, IsEmpty());
  EXPECT_THAT(state->shadow.removed, IsEmpty());
  EXPECT_THAT(state->last_seen, IsEmpty());
}

// Rows that somebody else changed show whether they were written again.
TEST_F(StoreTest, WhatDidNotChangeIsNotWrittenAgain) {
  const auto store = Open();
  PassRecord record = MakeRecord();
  record.state = MakeFullState();
  ASSERT_TRUE(Commit(*store, record).ok());
  Sql("UPDATE policy_state SET next_shadow_id=99; UPDATE region_state SET machines=7 WHERE region='fra'");
  ASSERT_TRUE(Commit(*store, record).ok());
  EXPECT_EQ(store->Load("web", Mode::kDryRun)->shadow.next_id, 99);
  record.state.history.regions["iad"].machines = 1;
  ASSERT_TRUE(Commit(*store, record).ok());
  EXPECT_EQ(store->Load("web", Mode::kDryRun)->shadow.next_id, 99);
  EXPECT_EQ(store->Load("web", Mode::kDryRun)->history.regions["fra"].machines, 2);
}

TEST_F(StoreTest, AfterAFailureTheWholeStateIsWrittenAgain) {
  const auto store = Open();
  PassRecord record = MakeRecord();
  record.state = MakeFullState();
  ASSERT_TRUE(Commit(*store, record).ok());
  Sql("CREATE TRIGGER broken BEFORE INSERT ON traffic BEGIN SELECT RAISE(ABORT, 'no more'); END");
  record.traffic[At()]["fra"] = 1;
  ASSERT_FALSE(Commit(*store, record).ok());
  Sql("DROP TRIGGER broken; UPDATE policy_state SET next_shadow_id=99");
  ASSERT_TRUE(Commit(*store, record).ok());
  ExpectFullState(*store->Load("web", Mode::kDryRun));
}

TEST_F(StoreTest, WhatWasForgottenIsWrittenAgain) {
  const auto store = Open();
  PassRecord record = MakeRecord();
  record.state = MakeFullState();
  ASSERT_TRUE(Commit(*store, record).ok());
  ASSERT_TRUE(Await(store->Forget("web", Mode::kDryRun)).ok());
  ASSERT_TRUE(Commit(*store, record).ok());
  ExpectFullState(*store->Load("web", Mode::kDryRun));
}

TEST_F(StoreTest, ASaveAndAPassKnowOfEachOther) {
  const auto store = Open();
  PassRecord record = MakeRecord();
  record.state = MakeFullState();
  ASSERT_TRUE(Commit(*store, record).ok());
  PolicyState saved = record.state;
  saved.shadow.next_id = 12;
  saved.history.regions.erase("syd");
  ASSERT_TRUE(Await(store->Save("web", Mode::kDryRun, saved)).ok());
  EXPECT_EQ(store->Load("web", Mode::kDryRun)->shadow.next_id, 12);
  EXPECT_THAT(store->Load("web", Mode::kDryRun)->history.regions, SizeIs(2));
  ASSERT_TRUE(Commit(*store, record).ok());
  ExpectFullState(*store->Load("web", Mode::kDryRun));
}

TEST_F(StoreTest, ADecisionOfAnEarlierRunIsNotStoredTwice) {
  PassRecord record = MakeRecord();
  record.decision.regions = {MakeRegionDecision("fra", Reason::kWithinThresholds, Action::kNone, 1)};
  ASSERT_TRUE(Commit(*Open(), record).ok());
  const auto store = Open();
  ASSERT_TRUE(Commit(*store, record).ok());
  EXPECT_THAT(*StoredDecisions("fra"), SizeIs(1));
}

TEST_F(StoreTest, InfinitePastSurvivesARestart) {
  PassRecord record = MakeRecord();
  record.state.history.decided_point = absl::InfinitePast();
  ASSERT_TRUE(Commit(*Open(), record).ok());
  EXPECT_EQ(Open()->Load("web", Mode::kDryRun)->history.decided_point, absl::InfinitePast());
}

TEST_F(StoreTest, DryRunAndActiveNeverSeeEachOther) {
  const auto store = Open();
  PassRecord record = MakeRecord("web", Mode::kDryRun);
  record.state.shadow.next_id = 5;
  ASSERT_TRUE(Commit(*store, record).ok());
  EXPECT_TRUE(absl::IsNotFound(store->Load("web", Mode::kActive).status()));
  EXPECT_TRUE(absl::IsNotFound(store->Load("api", Mode::kDryRun).status()));
}

TEST_F(StoreTest, ForgetDeletesOneSetOnly) {
  const auto store = Open();
  ASSERT_TRUE(Commit(*store, MakeRecord("web", Mode::kDryRun)).ok());
  ASSERT_TRUE(Commit(*store, MakeRecord("web", Mode::kActive)).ok());
  ASSERT_TRUE(Await(store->Forget("web", Mode::kDryRun)).ok());
  EXPECT_TRUE(absl::IsNotFound(store->Load("web", Mode::kDryRun).status()));
  EXPECT_TRUE(store->Load("web", Mode::kActive).ok());
}

TEST_F(StoreTest, CommitResumesOnTheCallersThread) {
  const auto store = Open();
  std::thread::id resumed_on;
  const auto observe = [](SqliteStore& target, std::thread::id& where) -> Task<absl::Status> {
    absl::Status status = co_await target.Commit(MakeRecord());
    where = std::this_thread::get_id();
    co_return status;
  };
  ASSERT_TRUE(Await(observe(*store, resumed_on)).ok());
  EXPECT_EQ(resumed_on, std::this_thread::get_id());
}

TEST_F(StoreTest, HostileNamesAreStoredAsTheyAre) {
  const auto store = Open();
  constexpr char kHostile[] = "'; DROP TABLE events; --\0\xff\n../x";
  const std::string name(kHostile, sizeof kHostile - 1);
  PassRecord record = MakeRecord(name);
  record.state.history.regions[name].machines = 3;
  ASSERT_TRUE(Commit(*store, record).ok());
  const auto state = store->Load(name, Mode::kDryRun);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->history.regions.at(name).machines, 3);
}

TEST_F(StoreTest, AFailureInTheMiddleStoresNothingOfThePass) {
  const auto store = Open();
  PassRecord record = MakeRecord();
  record.state.shadow.next_id = 2;
  ASSERT_TRUE(Commit(*store, record).ok());
  // Traffic is written after state, decision and events.
  Sql("CREATE TRIGGER broken BEFORE INSERT ON traffic BEGIN SELECT RAISE(ABORT, 'no more'); END");
  record.state.shadow.next_id = 3;
  record.events = {{.policy = "web"}};
  record.decision.regions = {MakeRegionDecision("fra", Reason::kNotDeployed)};
  record.traffic[At()]["fra"] = 1;
  const absl::Status failed = Commit(*store, record);
  EXPECT_THAT(std::string(failed.message()), HasSubstr("no more"));
  EXPECT_EQ(store->Load("web", Mode::kDryRun)->shadow.next_id, 2);
  EXPECT_THAT(*store->RecentEvents("", 10), IsEmpty());
  EXPECT_THAT(*StoredDecisions(), IsEmpty());
}

TEST_F(StoreTest, TheNextPassIsStoredAfterAFailure) {
  const auto store = Open();
  Sql("CREATE TRIGGER broken BEFORE INSERT ON traffic BEGIN SELECT RAISE(ABORT, 'no more'); END");
  PassRecord record = MakeRecord();
  record.traffic[At()]["fra"] = 1;
  ASSERT_FALSE(Commit(*store, record).ok());
  Sql("DROP TRIGGER broken");
  EXPECT_TRUE(Commit(*store, record).ok());
}

TEST_F(StoreTest, ADiskThatTakesNoMoreFailsThePassAndKeepsTheLast) {
  const auto store = Open();
  PassRecord record = MakeRecord();
  record.state.shadow.next_id = 2;
  ASSERT_TRUE(Commit(*store, record).ok());
  record.state.shadow.next_id = 3;
  record.events = {{.policy = "web", .message = std::string(100'000, 'x')}};
  absl::Status failed;
  {
    const FullDisk full(std::filesystem::file_size(Path("autoplacer.db-wal")) + 5000);
    failed = Commit(*store, record);
  }
  EXPECT_TRUE(absl::IsUnavailable(failed) || absl::IsResourceExhausted(failed)) << failed;
  EXPECT_EQ(store->Load("web", Mode::kDryRun)->shadow.next_id, 2);
  EXPECT_TRUE(Commit(*store, record).ok());
}

TEST_F(StoreTest, AKillBetweenCommitsLosesOnlyTheOneInFlight) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto store = Open();
    PassRecord record = MakeRecord();
    record.state.shadow.next_id = 42;
    if (!Commit(*store, record).ok()) _exit(1);
    auto database = SqliteDatabase::Open(Path("autoplacer.db"));
    if (!database.ok() ||
        !database->Execute("BEGIN IMMEDIATE; UPDATE policy_state SET next_shadow_id=43").ok()) {
      _exit(1);
    }
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto state = Open()->Load("web", Mode::kDryRun);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->shadow.next_id, 42);
  EXPECT_THAT(log_.lines(), IsEmpty());
}

struct UnusableFile {
  const char* name;
  const char* sql;  // run on a good database; nullptr: the file is overwritten by text
  const char* words;
};

class UnusableDatabaseTest : public StoreTest, public testing::WithParamInterface<UnusableFile> {};

TEST_P(UnusableDatabaseTest, IsMovedAsideWithAWarningAndAFreshOneBegins) {
  if (GetParam().sql != nullptr) {
    ASSERT_TRUE(Commit(*Open(), MakeRecord()).ok());
    Sql(GetParam().sql);
  } else {
    WriteFile("autoplacer.db", std::string(5000, 'x'));
  }
  const auto store = Open();
  ASSERT_NE(store, nullptr);
  EXPECT_TRUE(absl::IsNotFound(store->Load("web", Mode::kDryRun).status()));
  EXPECT_TRUE(Commit(*store, MakeRecord()).ok());
  EXPECT_THAT(FilesLike("autoplacer.db.corrupt"), Contains("autoplacer.db.corrupt-20261124T224612Z"));
  ASSERT_THAT(log_.lines(), SizeIs(1));
  EXPECT_THAT(log_.lines()[0], AllOf(HasSubstr("WARN"), HasSubstr(GetParam().words)));
}

INSTANTIATE_TEST_SUITE_P(
    , UnusableDatabaseTest,
    testing::Values(
        UnusableFile{"NotADatabase", nullptr, "not a database"},
        UnusableFile{"NewerVersion", "PRAGMA user_version=77", "77 was written by a newer program"},
        UnusableFile{"NegativeVersion", "PRAGMA user_version=-1", "schema version -1"},
        UnusableFile{"SomebodyElses", "PRAGMA user_version=0", "tables of another program"},
        UnusableFile{"MissingTable", "DROP TABLE region_state", "no such table"},
        UnusableFile{"ImpossibleOwner", "UPDATE identity SET owner_id='me'", "impossible owner id"},
        UnusableFile{"UnknownAction", "INSERT INTO action_records VALUES('web','dry_run',0,0,'jump','fra',0)",
                     "unknown action: jump"},
        UnusableFile{"ActionThatFailedTwice",
                     "INSERT INTO action_records VALUES('web','dry_run',0,0,'deploy','fra',2)",
                     "neither 0 nor 1 for a failed action: 2"},
        UnusableFile{"LessThanNoMachine",
                     "INSERT INTO region_state(policy,mode,region,machines) VALUES('web','dry_run','fra',-1)",
                     "impossible number of machines: -1"},
        UnusableFile{"PlacedTwice",
                     "INSERT INTO region_state(policy,mode,region,placed,machines) "
                     "VALUES('web','dry_run','fra',2,0)",
                     "neither 0 nor 1 for a placed region: 2"},
        UnusableFile{"CompleteTwice",
                     "INSERT INTO region_state(policy,mode,region,machines,last_action,last_action_complete) "
                     "VALUES('web','dry_run','fra',0,'deploy',2)",
                     "neither 0 nor 1 for a complete action: 2"},
        UnusableFile{"MoreShadowsThanNumbers", "UPDATE policy_state SET next_shadow_id=2147483648",
                     "impossible number of shadow machines: 2147483648"}),
    [](const auto& param) { return param.param.name; });

TEST_F(StoreTest, ASecondDamagedFileDoesNotOverwriteTheFirst) {
  WriteFile("autoplacer.db", std::string(5000, 'x'));
  Open();
  std::filesystem::remove(Path("autoplacer.db-wal"));
  WriteFile("autoplacer.db", std::string(5000, 'y'));
  Open();
  EXPECT_EQ(ReadFile("autoplacer.db.corrupt-20261124T224612Z"), std::string(5000, 'x'));
  EXPECT_EQ(ReadFile("autoplacer.db.corrupt-20261124T224612Z-2"), std::string(5000, 'y'));
}

TEST_F(StoreTest, ADataDirectoryThatCannotBeIsUnavailable) {
  WriteFile("file", "x");
  const auto store = SqliteStore::Open(Path("file/data"), log_, {});
  EXPECT_TRUE(absl::IsUnavailable(store.status())) << store.status();
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("file/data"));
}

TEST_F(StoreTest, ADestroyedStoreEndsTheCommitInFlight) {
  asio::io_context io(1);
  auto store = Open();
  bool resumed = false;
  asio::co_spawn(io, store->Commit(MakeRecord()), [&](std::exception_ptr, absl::Status) { resumed = true; });
  io.poll_one();
  store.reset();
  EXPECT_TRUE(Open()->Load("web", Mode::kDryRun).ok());
  EXPECT_FALSE(resumed);
}

TEST_F(StoreTest, OneProcessAtATimeUsesADirectory) {
  const auto store = Open();
  CapturingLog log;
  const auto second = SqliteStore::Open(folder_.path(), log, {});
  EXPECT_TRUE(absl::IsAlreadyExists(second.status())) << second.status();
  EXPECT_EQ(second.status().message(), "another controller uses the data directory " + folder_.path());
}

}  // namespace
}  // namespace placer
