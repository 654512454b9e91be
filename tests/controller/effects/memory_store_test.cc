#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/effects/store.h"
#include "tests/simulated/virtual_time.h"

namespace placer {
namespace {

using ::testing::ElementsAre;

PassRecord MakePass(const std::string& policy, Mode mode, const std::string& placed_region) {
  PassRecord record{.policy = policy, .mode = mode};
  record.state.history.regions[placed_region].placed = true;
  record.events.push_back({VirtualStart(), policy, false, "Placed", placed_region});
  return record;
}

class MemoryStoreTest : public ::testing::Test {
 protected:
  void Commit(const PassRecord& record) { ASSERT_TRUE(time_.Await(store_.Commit(record)).ok()); }
  std::vector<std::string> Messages(const std::string& policy, int limit) {
    std::vector<std::string> messages;
    const absl::StatusOr<std::vector<Event>> events = store_.RecentEvents(policy, limit);
    for (const Event& event : events.value()) messages.push_back(event.message);
    return messages;
  }

  MemoryStore store_;
  VirtualTime time_;
};

TEST_F(MemoryStoreTest, NothingStoredIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(store_.Load("web", Mode::kDryRun).status()));
}

TEST_F(MemoryStoreTest, GivesBackTheLastCommit) {
  Commit(MakePass("web", Mode::kDryRun, "fra"));
  Commit(MakePass("web", Mode::kDryRun, "ams"));
  const auto state = store_.Load("web", Mode::kDryRun);
  ASSERT_TRUE(state.ok());
  EXPECT_TRUE(state->history.regions.contains("ams"));
  EXPECT_FALSE(state->history.regions.contains("fra"));
}

TEST_F(MemoryStoreTest, PoliciesAndModesDoNotSeeEachOther) {
  Commit(MakePass("web", Mode::kDryRun, "fra"));
  EXPECT_TRUE(absl::IsNotFound(store_.Load("web", Mode::kActive).status()));
  EXPECT_TRUE(absl::IsNotFound(store_.Load("api", Mode::kDryRun).status()));
}

TEST_F(MemoryStoreTest, ForgetsOneModeOnly) {
  Commit(MakePass("web", Mode::kDryRun, "fra"));
  Commit(MakePass("web", Mode::kActive, "fra"));
  ASSERT_TRUE(time_.Await(store_.Forget("web", Mode::kDryRun)).ok());
  EXPECT_TRUE(absl::IsNotFound(store_.Load("web", Mode::kDryRun).status()));
  EXPECT_TRUE(store_.Load("web", Mode::kActive).ok());
}

TEST_F(MemoryStoreTest, ASavedStateIsGivenBackWithoutAnEvent) {
  PolicyState state;
  state.history.regions["fra"].placed = true;
  ASSERT_TRUE(time_.Await(store_.Save("web", Mode::kActive, state)).ok());
  EXPECT_TRUE(store_.Load("web", Mode::kActive)->history.regions.contains("fra"));
  EXPECT_THAT(Messages("", 10), ElementsAre());
}

TEST_F(MemoryStoreTest, EventsComeNewestFirstUpToTheLimit) {
  for (const char* region : {"fra", "ams", "lhr"}) Commit(MakePass("web", Mode::kDryRun, region));
  EXPECT_THAT(Messages("web", 2), ElementsAre("lhr", "ams"));
}

TEST_F(MemoryStoreTest, EventsOfOnePolicyOrOfAll) {
  Commit(MakePass("web", Mode::kDryRun, "fra"));
  Commit(MakePass("api", Mode::kDryRun, "ams"));
  EXPECT_THAT(Messages("web", 10), ElementsAre("fra"));
  EXPECT_THAT(Messages("", 10), ElementsAre("ams", "fra"));
}

}  // namespace
}  // namespace placer
