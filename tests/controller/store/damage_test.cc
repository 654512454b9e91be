// A disk that is full, a file that is damaged or removed while it is open, and a directory that lets us store
// nothing: the program goes on, and says so once.
#include <gmock/gmock.h>

#include "controller/store/fallback_store.h"
#include "tests/controller/store/store_fixture.h"

namespace placer {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

PassRecord MakeBigRecord() {
  PassRecord record = MakeRecord();
  record.events = {{.policy = "web", .message = std::string(100'000, 'x')}};
  return record;
}

class DamageTest : public StoreTest {
 protected:
  // Overwrites the database in place, after another connection made the store's cache worthless.
  void Damage() {
    Sql("PRAGMA wal_checkpoint(TRUNCATE); UPDATE policy_state SET next_shadow_id=9;"
        "PRAGMA wal_checkpoint(TRUNCATE)");
    const auto size = std::filesystem::file_size(Path("autoplacer.db"));
    std::fstream file(Path("autoplacer.db"), std::ios::binary | std::ios::in | std::ios::out);
    file << std::string(size, 'x');
  }
};

TEST_F(DamageTest, AFullDiskIsLoggedOnceAndOnceWhenItIsWellAgain) {
  const auto store = Open();
  ASSERT_TRUE(Commit(*store, MakeRecord()).ok());
  {
    const FullDisk full(std::filesystem::file_size(Path("autoplacer.db-wal")) + 5000);
    for (int pass = 0; pass < 3; ++pass) EXPECT_FALSE(Commit(*store, MakeBigRecord()).ok());
  }
  ASSERT_TRUE(Commit(*store, MakeRecord()).ok());
  ASSERT_TRUE(Commit(*store, MakeRecord()).ok());
  EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("ERROR passes cannot be stored"),
                                        HasSubstr("INFO passes are stored again")));
}

TEST_F(DamageTest, ASaveOnAFullDiskFailsAndKeepsTheLastState) {
  const auto store = Open();
  PolicyState state;
  state.history.blocked_message = "first";
  ASSERT_TRUE(Await(store->Save("web", Mode::kActive, state)).ok());
  state.history.blocked_message = std::string(100'000, 'x');
  {
    const FullDisk full(std::filesystem::file_size(Path("autoplacer.db-wal")) + 5000);
    EXPECT_FALSE(Await(store->Save("web", Mode::kActive, state)).ok());
  }
  EXPECT_EQ(store->Load("web", Mode::kActive)->history.blocked_message, "first");
}

TEST_F(DamageTest, AFullDiskAtStartIsNoReasonToMoveAnythingAside) {
  {
    const FullDisk full(100);
    EXPECT_FALSE(SqliteStore::Open(folder_.path(), log_, {}).ok());
  }
  EXPECT_THAT(FilesLike("autoplacer.db.corrupt"), IsEmpty());
  EXPECT_TRUE(Commit(*Open(), MakeRecord()).ok());
}

TEST_F(DamageTest, APassThatFindsTheFileDamagedIsStoredInAFreshOne) {
  const auto store = Open();
  ASSERT_TRUE(Commit(*store, MakeRecord()).ok());
  Damage();
  PassRecord record = MakeRecord();
  record.state.shadow.next_id = 42;
  const absl::Status stored = Commit(*store, record);
  EXPECT_TRUE(stored.ok()) << stored;
  EXPECT_EQ(store->Load("web", Mode::kDryRun)->shadow.next_id, 42);
  EXPECT_THAT(FilesLike("autoplacer.db.corrupt"), Contains("autoplacer.db.corrupt-20261124T224612Z"));
  EXPECT_THAT(log_.lines(), ElementsAre(AllOf(HasSubstr("ERROR the database was lost while it was open"),
                                              HasSubstr("corrupt-20261124T224612Z"))));
}

TEST_F(DamageTest, WhatWasStoredAfterDamageSurvivesARestart) {
  std::string owner;
  {
    const auto store = Open();
    ASSERT_TRUE(Commit(*store, MakeRecord()).ok());
    owner = store->owner_id();
    Damage();
    PassRecord record = MakeRecord();
    record.state.shadow.next_id = 42;
    ASSERT_TRUE(Commit(*store, record).ok());
    record.state.shadow.next_id = 43;
    ASSERT_TRUE(Commit(*store, record).ok());
  }
  const auto store = Open();
  EXPECT_EQ(store->Load("web", Mode::kDryRun)->shadow.next_id, 43);
  EXPECT_EQ(store->owner_id(), owner);
}

TEST_F(DamageTest, ASaveThatFindsTheFileDamagedIsStoredInAFreshOne) {
  const auto store = Open();
  ASSERT_TRUE(Commit(*store, MakeRecord()).ok());
  Damage();
  PolicyState state;
  state.shadow.next_id = 42;
  EXPECT_TRUE(Await(store->Save("web", Mode::kDryRun, state)).ok());
  EXPECT_EQ(store->Load("web", Mode::kDryRun)->shadow.next_id, 42);
}

TEST_F(DamageTest, AFileThatSomebodyRemovedIsBegunAfresh) {
  const auto store = Open();
  ASSERT_TRUE(Commit(*store, MakeRecord()).ok());
  for (const std::string& file : FilesLike("autoplacer.db")) std::filesystem::remove(Path(file));
  EXPECT_TRUE(Commit(*store, MakeRecord()).ok());
  EXPECT_TRUE(store->Load("web", Mode::kDryRun).ok());
  EXPECT_TRUE(std::filesystem::exists(Path("autoplacer.db")));
}

// The disk may be full just when a fresh file is to be begun.
class LostFileTest : public DamageTest {
 protected:
  std::unique_ptr<SqliteStore> OpenAndDamage() {
    auto store = Open();
    EXPECT_TRUE(Commit(*store, MakeRecord()).ok());
    Damage();
    return store;
  }
  void Remove() {
    for (const std::string& file : FilesLike("autoplacer.db")) std::filesystem::remove(Path(file));
  }
  static PassRecord MakeLater() {
    PassRecord record = MakeRecord();
    record.state.shadow.next_id = 42;
    return record;
  }
};

TEST_F(LostFileTest, NothingIsStoredUntilAFreshFileIsBegunAndThenItSurvivesARestart) {
  {
    const auto store = Open();
    ASSERT_TRUE(Commit(*store, MakeRecord()).ok());
    Remove();
    {
      const FullDisk full(0);
      for (int pass = 0; pass < 3; ++pass) EXPECT_FALSE(Commit(*store, MakeLater()).ok());
    }
    ASSERT_TRUE(Commit(*store, MakeLater()).ok());
  }
  const auto state = Open()->Load("web", Mode::kDryRun);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->shadow.next_id, 42);
}

TEST_F(LostFileTest, AFreshFileIsSaidToBeBegunOnceAndWhenItIs) {
  const auto store = OpenAndDamage();
  {
    const FullDisk full(0);
    for (int pass = 0; pass < 3; ++pass) EXPECT_FALSE(Commit(*store, MakeLater()).ok());
  }
  ASSERT_TRUE(Commit(*store, MakeLater()).ok());
  EXPECT_THAT(log_.lines(),
              ElementsAre(AllOf(HasSubstr("ERROR passes cannot be stored"),
                                HasSubstr("kept as " + Path("autoplacer.db.corrupt-20261124T224612Z"))),
                          HasSubstr("ERROR the database was lost while it was open"),
                          HasSubstr("INFO passes are stored again")));
  EXPECT_THAT(FilesLike("autoplacer.db.corrupt-20261124T224612Z-2"), IsEmpty());
}

TEST_F(LostFileTest, OfAFileThatIsGoneNothingIsSaidToBeKept) {
  const auto store = Open();
  ASSERT_TRUE(Commit(*store, MakeRecord()).ok());
  Remove();
  ASSERT_TRUE(Commit(*store, MakeRecord()).ok());
  EXPECT_THAT(log_.lines(), ElementsAre(HasSubstr("kept_as= ")));
}

class FallbackStoreTest : public StoreTest {
 protected:
  FallbackStore store_{absl::UnavailableError("read-only file system")};
};

TEST_F(FallbackStoreTest, EveryCommitSaysWhyNothingIsStored) {
  EXPECT_EQ(Await(store_.Commit(MakeRecord())).message(), "read-only file system");
  EXPECT_EQ(Await(store_.Commit(MakeRecord())).message(), "read-only file system");
}

TEST_F(FallbackStoreTest, TheStateIsKeptInMemory) {
  PassRecord record = MakeRecord();
  record.state.shadow.next_id = 42;
  EXPECT_FALSE(Await(store_.Commit(record)).ok());
  EXPECT_EQ(store_.Load("web", Mode::kDryRun)->shadow.next_id, 42);
}

TEST_F(FallbackStoreTest, APassMayActOnWhatMemoryHolds) {
  PolicyState state;
  state.shadow.next_id = 42;
  EXPECT_TRUE(Await(store_.Save("web", Mode::kActive, state)).ok());
  EXPECT_EQ(store_.Load("web", Mode::kActive)->shadow.next_id, 42);
}

TEST_F(FallbackStoreTest, EventsThatAreHandedOverAgainShowOnce) {
  PassRecord record = MakeRecord();
  record.events = {{.time = At(1), .policy = "web", .message = "first"}};
  EXPECT_FALSE(Await(store_.Commit(record)).ok());
  record.events.push_back({.time = At(3), .policy = "web", .message = "third"});
  EXPECT_FALSE(Await(store_.Commit(record)).ok());
  PassRecord other = MakeRecord("api");
  other.events = {{.time = At(2), .policy = "api", .message = "second"}};
  EXPECT_FALSE(Await(store_.Commit(other)).ok());
  std::vector<std::string> messages;
  const absl::StatusOr<std::vector<Event>> events = store_.RecentEvents("", 10);
  for (const Event& event : events.value()) messages.push_back(event.message);
  EXPECT_THAT(messages, ElementsAre("third", "second", "first"));
  EXPECT_THAT(*store_.RecentEvents("", 2), SizeIs(2));
  EXPECT_THAT(*store_.RecentEvents("api", 10), SizeIs(1));
}

}  // namespace
}  // namespace placer
