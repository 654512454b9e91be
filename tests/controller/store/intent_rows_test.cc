// What acting needs after a restart: round trips with every field set, older files, rows that make no sense.
#include "controller/store/intent_rows.h"

#include <gmock/gmock.h>

#include "tests/controller/store/store_fixture.h"

namespace placer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Intent MakeFullIntent() {
  return {.id = "leave-148e",
          .kind = Intent::Kind::kLeave,
          .phase = Intent::Phase::kWatching,
          .region = "fra",
          .machine_id = "148e",
          .machine_name = "web-fra-0-3",
          .reason = Reason::kSwappedOut,
          .started = At(-100),
          .phase_since = At(-60.5),
          .not_before = At(30),
          .attempts = 3,
          .last_error = "503 it's \"down\"",
          .lease_nonce = "c0ffee",
          .lease_expires = At(90),
          .served = false,
          .more_to_come = true,
          .failed = true};
}

MachineTemplate MakeFullTemplate() {
  return {.machine_id = "3d8d",
          .instance_id = "01H",
          .image = "sha256:aa",
          .image_ref = "registry.fly.io/shop@sha256:aa",
          .release = "rel-7",
          .config = R"({"env":{"A":"é"}})",
          .has_volumes = true};
}

class IntentRowsTest : public StoreTest {
 protected:
  void Store(const History& history) {
    PassRecord record = MakeRecord("web", Mode::kActive);
    record.state.history = history;
    ASSERT_TRUE(Commit(*Open(), record).ok());
  }
  History Reload() {
    const auto state = Open()->Load("web", Mode::kActive);
    EXPECT_TRUE(state.ok()) << state.status();
    return state.ok() ? state->history : History();
  }
};

TEST_F(IntentRowsTest, EveryFieldOfAnIntentSurvivesARestart) {
  History history;
  history.intents = {MakeFullIntent()};
  Store(history);
  const History read = Reload();
  ASSERT_THAT(read.intents, SizeIs(1));
  const Intent& got = read.intents[0];
  const Intent want = MakeFullIntent();
  EXPECT_EQ(got.id, want.id);
  EXPECT_EQ(got.kind, want.kind);
  EXPECT_EQ(got.phase, want.phase);
  EXPECT_EQ(got.region, want.region);
  EXPECT_EQ(got.machine_id, want.machine_id);
  EXPECT_EQ(got.machine_name, want.machine_name);
  EXPECT_EQ(got.reason, want.reason);
  EXPECT_EQ(got.started, want.started);
  EXPECT_EQ(got.phase_since, want.phase_since);
  EXPECT_EQ(got.not_before, want.not_before);
  EXPECT_EQ(got.attempts, want.attempts);
  EXPECT_EQ(got.last_error, want.last_error);
  EXPECT_EQ(got.lease_nonce, want.lease_nonce);
  EXPECT_EQ(got.lease_expires, want.lease_expires);
  EXPECT_EQ(got.served, want.served);
  EXPECT_EQ(got.more_to_come, want.more_to_come);
  EXPECT_EQ(got.failed, want.failed);
}

TEST_F(IntentRowsTest, AFreshIntentKeepsItsDefaults) {
  History history;
  history.intents = {{.id = "web-fra-0-0", .started = At(), .phase_since = At()}};
  Store(history);
  const History read = Reload();
  ASSERT_THAT(read.intents, SizeIs(1));
  EXPECT_EQ(read.intents[0].not_before, absl::InfinitePast());
  EXPECT_EQ(read.intents[0].lease_expires, absl::InfinitePast());
  EXPECT_TRUE(read.intents[0].served);
  EXPECT_FALSE(read.intents[0].failed);
  EXPECT_FALSE(read.intents[0].more_to_come);
}

TEST_F(IntentRowsTest, EveryWordOfAnIntentCanBeReadBack) {
  History history;
  for (int i = 0; i <= static_cast<int>(Reason::kPaused); ++i) {
    history.intents.push_back({.id = "intent-" + std::to_string(i),
                               .kind = static_cast<Intent::Kind>(i % 3),
                               .phase = static_cast<Intent::Phase>(i % 9),
                               .reason = static_cast<Reason>(i)});
  }
  Store(history);
  const History read = Reload();
  ASSERT_EQ(read.intents.size(), history.intents.size());
  for (std::size_t i = 0; i < read.intents.size(); ++i) {
    EXPECT_EQ(read.intents[i].id, history.intents[i].id);
    EXPECT_EQ(read.intents[i].kind, history.intents[i].kind);
    EXPECT_EQ(read.intents[i].phase, history.intents[i].phase);
    EXPECT_EQ(read.intents[i].reason, history.intents[i].reason);
  }
}

TEST_F(IntentRowsTest, TheTemplateSurvivesARestart) {
  History history;
  history.machine_template = std::make_shared<const MachineTemplate>(MakeFullTemplate());
  Store(history);
  const History read = Reload();
  ASSERT_NE(read.machine_template, nullptr);
  const MachineTemplate want = MakeFullTemplate();
  EXPECT_EQ(read.machine_template->machine_id, want.machine_id);
  EXPECT_EQ(read.machine_template->instance_id, want.instance_id);
  EXPECT_EQ(read.machine_template->image, want.image);
  EXPECT_EQ(read.machine_template->image_ref, want.image_ref);
  EXPECT_EQ(read.machine_template->release, want.release);
  EXPECT_EQ(read.machine_template->config, want.config);
  EXPECT_TRUE(read.machine_template->has_volumes);
}

TEST_F(IntentRowsTest, FailuresOfARegionSurviveARestart) {
  History history;
  history.regions["fra"] = {.failed_creates = 4,
                            .retry_at = At(600),
                            .failure = ErrorScope::kRegion,
                            .failure_message = "no capacity in fra",
                            .stands_in_for = "ams",
                            .flips = {At(-120), At(-60)}};
  Store(history);
  const RegionHistory fra = Reload().regions.at("fra");
  EXPECT_EQ(fra.failed_creates, 4);
  EXPECT_EQ(fra.retry_at, At(600));
  EXPECT_EQ(fra.failure, ErrorScope::kRegion);
  EXPECT_EQ(fra.failure_message, "no capacity in fra");
  EXPECT_EQ(fra.stands_in_for, "ams");
  EXPECT_THAT(fra.flips, ElementsAre(At(-120), At(-60)));
}

TEST_F(IntentRowsTest, ARefusedTokenSurvivesARestart) {
  History history;
  history.blocked_until = At(300);
  history.blocked_message = "401 unauthorized";
  Store(history);
  const History read = Reload();
  EXPECT_EQ(read.blocked_until, At(300));
  EXPECT_EQ(read.blocked_message, "401 unauthorized");
}

TEST_F(IntentRowsTest, ALaterPassReplacesAllOfIt) {
  History history;
  history.intents = {MakeFullIntent()};
  history.machine_template = std::make_shared<const MachineTemplate>(MakeFullTemplate());
  history.regions["fra"].flips = {At()};
  history.blocked_until = At(300);
  Store(history);
  Store(History());
  const History read = Reload();
  EXPECT_THAT(read.intents, IsEmpty());
  EXPECT_EQ(read.machine_template, nullptr);
  EXPECT_THAT(read.regions, IsEmpty());
  EXPECT_EQ(read.blocked_until, absl::InfinitePast());
}

TEST_F(IntentRowsTest, ASavedStateIsReadBackWithoutAPass) {
  PolicyState state;
  state.history.intents = {MakeFullIntent()};
  ASSERT_TRUE(Await(Open()->Save("web", Mode::kActive, state)).ok());
  EXPECT_THAT(Reload().intents, SizeIs(1));
  EXPECT_THAT(*Open()->RecentEvents("", 10), IsEmpty());
}

TEST_F(IntentRowsTest, SavingTouchesNoOtherSet) {
  Store(History{.blocked_message = "active"});
  PolicyState state;
  state.history.blocked_message = "dry run";
  ASSERT_TRUE(Await(Open()->Save("web", Mode::kDryRun, state)).ok());
  EXPECT_EQ(Reload().blocked_message, "active");
}

// The tables as the versions before wrote them, with a policy that stands in fra.
constexpr char kVersion2[] = R"sql(
DROP TABLE region_flips; DROP TABLE intents; DROP TABLE machine_templates; DROP TABLE identity;
ALTER TABLE policy_state DROP COLUMN blocked_until_us;
ALTER TABLE policy_state DROP COLUMN blocked_message;
ALTER TABLE region_state DROP COLUMN failed_creates;
ALTER TABLE region_state DROP COLUMN retry_at_us;
ALTER TABLE region_state DROP COLUMN failure;
ALTER TABLE region_state DROP COLUMN failure_message;
ALTER TABLE region_state DROP COLUMN stands_in_for;
INSERT INTO policy_state VALUES('web', 'active', 1795560360000000, 1, 'shop/app');
INSERT INTO region_state VALUES('web', 'active', 'fra', 1, 2, 'deploy', 1795560300000000, 1);
PRAGMA user_version=2;
)sql";

TEST_F(IntentRowsTest, AFileOfVersionTwoIsBroughtToTheNewestForm) {
  Open();
  Sql(kVersion2);
  const History read = Reload();
  EXPECT_EQ(read.decided_point, At(-12));
  const RegionHistory fra = read.regions.at("fra");
  EXPECT_EQ(fra.machines, 2);
  EXPECT_EQ(fra.last_action->ended, At(-72));
  EXPECT_EQ(fra.failed_creates, 0);
  EXPECT_EQ(fra.retry_at, absl::InfinitePast());
  EXPECT_EQ(fra.failure, ErrorScope::kUnknown);
  EXPECT_THAT(fra.flips, IsEmpty());
  EXPECT_EQ(read.blocked_until, absl::InfinitePast());
  EXPECT_THAT(read.intents, IsEmpty());
  EXPECT_THAT(log_.lines(), IsEmpty());
}

TEST_F(IntentRowsTest, AFileOfVersionTwoTakesIntentsOnceItWasOpened) {
  Open();
  Sql(kVersion2);
  Store(History{.intents = {MakeFullIntent()}});
  EXPECT_THAT(Reload().intents, SizeIs(1));
}

TEST_F(IntentRowsTest, AnEmptyFileOfVersionTwoGetsAnOwnerId) {
  Open();
  Sql(kVersion2);
  EXPECT_THAT(Open()->owner_id(), SizeIs(16));
}

struct BadRow {
  const char* name;
  const char* sql;
  const char* words;
};

class BadRowTest : public IntentRowsTest, public testing::WithParamInterface<BadRow> {};

TEST_P(BadRowTest, IsDataLossAndAFreshDatabaseBegins) {
  History history;
  history.intents = {MakeFullIntent()};
  history.machine_template = std::make_shared<const MachineTemplate>(MakeFullTemplate());
  history.regions["fra"].flips = {At()};
  Store(history);
  const auto store = Open();
  Sql(GetParam().sql);
  const auto state = store->Load("web", Mode::kActive);
  EXPECT_TRUE(absl::IsDataLoss(state.status())) << state.status();
  EXPECT_THAT(std::string(state.status().message()), HasSubstr(GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(
    , BadRowTest,
    testing::Values(BadRow{"Kind", "UPDATE intents SET kind='Jump'", "unknown kind of intent: Jump"},
                    BadRow{"Phase", "UPDATE intents SET phase=''", "unknown phase: "},
                    BadRow{"Reason", "UPDATE intents SET reason='Whim'", "unknown reason: Whim"},
                    BadRow{"Attempts", "UPDATE intents SET attempts=-1", "impossible number of attempts: -1"},
                    BadRow{"HugeAttempts", "UPDATE intents SET attempts=2147483648", "attempts: 2147483648"},
                    BadRow{"Served", "UPDATE intents SET served=2", "neither 0 nor 1 for served: 2"},
                    BadRow{"MoreToCome", "UPDATE intents SET more_to_come=-1", "more_to_come: -1"},
                    BadRow{"Failed", "UPDATE intents SET failed=7", "neither 0 nor 1 for failed: 7"},
                    BadRow{"NoId", "UPDATE intents SET id=''", "an intent without an id"},
                    BadRow{"Volumes", "UPDATE machine_templates SET has_volumes=9", "has_volumes: 9"},
                    BadRow{"FailedCreates", "UPDATE region_state SET failed_creates=-2", "creates: -2"},
                    BadRow{"Failure", "UPDATE region_state SET failure='bad'", "unknown failure: bad"},
                    BadRow{"Flip", "UPDATE region_flips SET region='nrt'", "unknown region: nrt"}),
    [](const auto& param) { return param.param.name; });

TEST_F(IntentRowsTest, TheOwnerIdIsSixteenHexDigits) {
  EXPECT_THAT(Open()->owner_id(), testing::MatchesRegex("[0-9a-f]{16}"));
}

TEST_F(IntentRowsTest, TheOwnerIdIsTheSameAcrossRestarts) {
  const std::string first = Open()->owner_id();
  EXPECT_EQ(Open()->owner_id(), first);
}

TEST_F(IntentRowsTest, AnotherDirectoryHasAnotherOwner) {
  const std::string first = Open()->owner_id();
  std::filesystem::remove(Path("autoplacer.db"));
  EXPECT_NE(Open()->owner_id(), first);
}

}  // namespace
}  // namespace placer
