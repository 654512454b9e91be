// What the store keeps for people: events, decisions, traffic.
#include "controller/store/record_rows.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/controller/store/store_fixture.h"

namespace placer {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class StoredRecordsTest : public StoreTest {};

TEST_F(StoredRecordsTest, EventsComeNewestFirstAndByPolicy) {
  const auto store = Open();
  PassRecord record = MakeRecord();
  record.events = {
      {.time = At(1), .policy = "web", .warning = true, .reason = "Rejected", .message = "line\n2"},
      {.time = At(2), .policy = "api", .reason = "Deployed", .message = "fra"},
      {.time = At(3), .policy = "web", .reason = "Removed", .message = "iad"}};
  ASSERT_TRUE(Commit(*store, record).ok());
  const auto web = store->RecentEvents("web", 10);
  ASSERT_TRUE(web.ok()) << web.status();
  ASSERT_THAT(*web, SizeIs(2));
  EXPECT_EQ(web->at(0).reason, "Removed");
  EXPECT_EQ(web->at(1).message, "line\n2");
  EXPECT_TRUE(web->at(1).warning);
  EXPECT_EQ(web->at(1).time, At(1));
  EXPECT_THAT(*store->RecentEvents("", 2), SizeIs(2));
  EXPECT_THAT(*store->RecentEvents("", -1), IsEmpty());
}

TEST_F(StoredRecordsTest, OnlyTheNewestEventsAreKept) {
  const auto store = Open();
  PassRecord record = MakeRecord();
  for (int i = 0; i < kKeptEvents + 7; ++i)
    record.events.push_back({.policy = "web", .message = std::to_string(i)});
  ASSERT_TRUE(Commit(*store, record).ok());
  const auto events = store->RecentEvents("", kKeptEvents * 2);
  ASSERT_TRUE(events.ok());
  EXPECT_THAT(*events, SizeIs(kKeptEvents));
  EXPECT_EQ(events->back().message, "7");
}

TEST_F(StoredRecordsTest, ASteadyDecisionIsStoredOnce) {
  const auto store = Open();
  PassRecord record = MakeRecord();
  for (int pass = 0; pass < 3; ++pass) {
    record.decision.regions = {MakeRegionDecision("fra", Reason::kWithinThresholds, Action::kNone, 1)};
    record.decision.regions[0].message = "pass " + std::to_string(pass);
    ASSERT_TRUE(Commit(*store, record).ok());
  }
  EXPECT_THAT(*StoredDecisions("fra"), SizeIs(1));
}

TEST_F(StoredRecordsTest, EveryChangeOfReasonOrTargetIsStored) {
  const auto store = Open();
  for (const auto& [reason, target] : std::vector<std::pair<Reason, int>>{
           {Reason::kCooldown, 1}, {Reason::kWithinThresholds, 1}, {Reason::kWithinThresholds, 2}}) {
    PassRecord record = MakeRecord();
    record.decision.regions = {MakeRegionDecision("fra", reason, Action::kNone, target)};
    ASSERT_TRUE(Commit(*store, record).ok());
  }
  const auto decisions = StoredDecisions("fra");
  ASSERT_THAT(*decisions, SizeIs(3));
  EXPECT_EQ(decisions->at(0).target, 2);
  EXPECT_EQ(decisions->at(2).reason, "Cooldown");
}

TEST_F(StoredRecordsTest, EveryActionIsStoredEvenIfItRepeats) {
  const auto store = Open();
  PassRecord record = MakeRecord();
  record.decision.regions = {MakeRegionDecision("fra", Reason::kTrafficAboveThreshold, Action::kDeploy, 1)};
  ASSERT_TRUE(Commit(*store, record).ok());
  ASSERT_TRUE(Commit(*store, record).ok());
  EXPECT_THAT(*StoredDecisions(), SizeIs(2));
}

TEST_F(StoredRecordsTest, OldDecisionsAndTrafficAreDropped) {
  const auto store = Open();
  PassRecord old = MakeRecord();
  old.decision.time = At() - kKeptDecisionsFor - absl::Seconds(1);
  old.decision.regions = {MakeRegionDecision("fra", Reason::kNotDeployed)};
  old.traffic[At() - kKeptTrafficFor - absl::Seconds(1)]["fra"] = 1;
  old.traffic[At() - kKeptTrafficFor]["fra"] = 2;
  ASSERT_TRUE(Commit(*store, old).ok());
  ASSERT_TRUE(Commit(*store, MakeRecord()).ok());
  EXPECT_THAT(*StoredDecisions(), IsEmpty());
  EXPECT_THAT(*StoredTraffic(), SizeIs(1));
}

TEST_F(StoredRecordsTest, TrafficWithoutANumberIsLeftOut) {
  const auto store = Open();
  PassRecord record = MakeRecord();
  record.traffic[At()] = {{"ams", std::numeric_limits<double>::quiet_NaN()},
                          {"fra", 12.5},
                          {"iad", std::numeric_limits<double>::infinity()}};
  ASSERT_TRUE(Commit(*store, record).ok());
  const auto traffic = StoredTraffic();
  ASSERT_TRUE(traffic.ok());
  EXPECT_EQ(traffic->at(At()), (std::map<std::string, double>{{"fra", 12.5}}));
}
}  // namespace
}  // namespace placer
