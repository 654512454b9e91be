#include "reconcilers/placement/guards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

bool ReversingAfter(std::vector<int> minutes_ago) {
  RegionHistory region;
  for (const int ago : minutes_ago) region.flips.push_back(Noon() - absl::Minutes(ago));
  return IsReversing(MakePolicy(), region, Noon());
}

TEST(Reversal, TwoFlipsWithinTheLongWindowHold) {
  EXPECT_TRUE(ReversingAfter({19, 0}));
  EXPECT_TRUE(ReversingAfter({15, 10, 5}));
}

TEST(Reversal, OneFlipDoesNot) {
  EXPECT_FALSE(ReversingAfter({}));
  EXPECT_FALSE(ReversingAfter({3}));
}

TEST(Reversal, OlderFlipsDoNotCount) {
  EXPECT_FALSE(ReversingAfter({20, 3}));
}

TEST(Reversal, FlipsAfterTheDataPointDoNotCount) {
  EXPECT_FALSE(ReversingAfter({3, -1}));
}

Scenario Serving(double requests_per_point) {
  Scenario world;
  world.seen.traffic.served["fra"] = Level(requests_per_point);
  return world;
}

bool FraStillServes(const Scenario& world) {
  return IsStillServing(world.policy, world.seen.traffic, "fra");
}

TEST(StillServing, AsMuchAsPlacesARegion) {
  EXPECT_TRUE(FraStillServes(Serving(50)));
  EXPECT_FALSE(FraStillServes(Serving(49.9)));
}

TEST(StillServing, IsScaledAsTheThresholdIs) {
  Scenario world = Serving(10);
  world.policy.threshold.per = absl::Minutes(5);
  EXPECT_TRUE(FraStillServes(world));
}

TEST(StillServing, OnlyTheShortWindowCounts) {
  Scenario world;
  world.seen.traffic.served["fra"] = Step(1000, 10, 5);
  EXPECT_FALSE(FraStillServes(world));
  world.seen.traffic.served["fra"] = Step(0, 60, 5);
  EXPECT_TRUE(FraStillServes(world));
}

TEST(StillServing, IsTheMeanOfThePointsThatAreKnown) {
  Scenario world = Serving(60);
  for (int point : {55, 57}) world.seen.traffic.served["fra"][point].reset();
  world.seen.traffic.served["fra"][56] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(FraStillServes(world));
}

TEST(StillServing, WhatIsNotKnownHoldsNothing) {
  Scenario world;
  EXPECT_FALSE(FraStillServes(world));
  world.seen.traffic.served["iad"] = Level(100);
  EXPECT_FALSE(FraStillServes(world));
  EXPECT_FALSE(IsStillServing(world.policy, Traffic(), "fra"));
}

TEST(StillServing, TheRealMachinesSayNothingOfAShadow) {
  Scenario world = Serving(100);
  world.policy.mode = Mode::kDryRun;
  EXPECT_FALSE(FraStillServes(world));
}

// One machine each in fra (leaving), ams (nearest to it) and iad, with hard limits of 100; fra works on
// `leaving` requests at a time, ams on `receiving`.
Scenario Neighbours(double leaving, double receiving) {
  Scenario world;
  for (const char* region : {"ams", "fra", "iad"}) world.Machines(region, 1);
  for (Machine& machine : world.seen.machines) machine.hard_limit = 100;
  world.seen.traffic.concurrency = {{"fra", Level(leaving)}, {"ams", Level(receiving)}, {"iad", Level(0)}};
  return world;
}

Machine& Find(Scenario& world, const std::string& id) {
  return *std::find_if(world.seen.machines.begin(), world.seen.machines.end(),
                       [&](const Machine& machine) { return machine.id == id; });
}

bool FraHasRoom(Scenario& world, std::vector<std::string> going = {}) {
  std::vector<const Machine*> others;
  for (const std::string& id : going) others.push_back(&Find(world, id));
  return HasRoom(world.policy, world.seen, Find(world, "fra-1"), others);
}

TEST(Room, BothTogetherMayUseFourFifthsOfTheReceiversHardLimits) {
  Scenario fits = Neighbours(30, 50);
  EXPECT_TRUE(FraHasRoom(fits));
  Scenario bursts = Neighbours(30, 50.1);
  EXPECT_FALSE(FraHasRoom(bursts));
}

TEST(Room, IsJudgedByTheShortWindow) {
  Scenario world = Neighbours(30, 10);
  world.seen.traffic.concurrency["ams"] = Step(10, 60, 5);
  EXPECT_FALSE(FraHasRoom(world));
  world.seen.traffic.concurrency["ams"] = Step(60, 10, 5);
  EXPECT_TRUE(FraHasRoom(world));
}

TEST(Room, AllMachinesOfTheReceiverCount) {
  Scenario world = Neighbours(60, 60);
  EXPECT_FALSE(FraHasRoom(world));
  world.Add(MakeMachine("ams-2", "ams")).hard_limit = 100;
  EXPECT_TRUE(FraHasRoom(world));
}

TEST(Room, OneMachineWithoutALimitTakesAnything) {
  Scenario world = Neighbours(90, 90);
  Find(world, "ams-1").hard_limit = 0;
  EXPECT_TRUE(FraHasRoom(world));
}

TEST(Room, WhatIsNotKnownHoldsNothing) {
  for (const char* region : {"fra", "ams"}) {
    Scenario world = Neighbours(90, 90);
    world.seen.traffic.concurrency.erase(region);
    EXPECT_TRUE(FraHasRoom(world)) << region;
  }
}

TEST(Room, AnAnswerOfLongAgoHoldsNothing) {
  Scenario world = Neighbours(90, 90);
  EXPECT_TRUE(FraHasRoom(world.PrometheusDown()));
}

TEST(Room, AnUnhealthyNeighbourTakesNothingOver) {
  Scenario world = Neighbours(50, 50);
  Find(world, "ams-1").checks = {{.name = "http", .status = "critical"}};
  EXPECT_TRUE(FraHasRoom(world));  // iad has room
  world.seen.traffic.concurrency["iad"] = Level(50);
  EXPECT_FALSE(FraHasRoom(world));
}

TEST(Room, ANeighbourThatLeavesTooHandsBothOn) {
  Scenario world = Neighbours(30, 30);
  EXPECT_TRUE(FraHasRoom(world, {"ams-1"}));
  world.seen.traffic.concurrency["iad"] = Level(30);
  EXPECT_FALSE(FraHasRoom(world, {"ams-1"}));
}

TEST(Room, MachinesThatStayInTheRegionTakeOverFirst) {
  Scenario world = Neighbours(60, 70);
  world.Add(MakeMachine("fra-2", "fra")).hard_limit = 100;
  EXPECT_TRUE(FraHasRoom(world));  // fra-2 alone bears the 60 of fra
  world.seen.traffic.concurrency["fra"] = Level(81);
  EXPECT_FALSE(FraHasRoom(world));
}

TEST(Room, ARegionThatIsEmptiedInStepsIsCountedOnce) {
  Scenario world = Neighbours(30, 50);
  world.Add(MakeMachine("fra-2", "fra")).hard_limit = 100;
  EXPECT_TRUE(FraHasRoom(world, {"fra-2", "fra-1"}));
}

TEST(Room, MachinesOfOtherGroupsTakeNothingOver) {
  Scenario world = Neighbours(50, 50);
  Find(world, "ams-1").process_group = "worker";
  EXPECT_TRUE(FraHasRoom(world));
}

TEST(Room, WhereNobodyStaysTheFloorsDecide) {
  Scenario world = Neighbours(90, 90);
  EXPECT_TRUE(FraHasRoom(world, {"ams-1", "iad-1"}));
}

// fra left five points ago: its machine is stopped. ams took over; it answered 100 requests a point all the
// time.
class ReceiverWatch : public testing::Test {
 protected:
  ReceiverWatch() : world_(Neighbours(0, 20)) {
    Find(world_, "fra-1").state = "stopped";
    world_.seen.traffic.served["ams"] = Level(100);
  }
  Worsening Watch(const std::string& left = "fra") {
    return IsReceiverWorse(world_.policy, world_.seen, left, Noon() - absl::Minutes(5));
  }
  void Errors(double before, double after) {
    world_.seen.traffic.served_errors["ams"] = Step(before, after, 5);
  }

  Scenario world_;
};

TEST_F(ReceiverWatch, AReceiverThatBearsItIsNotWorse) {
  EXPECT_FALSE(Watch().worse);
  EXPECT_THAT(Watch().why, IsEmpty());
}

TEST_F(ReceiverWatch, ACriticalCheckIsWorse) {
  Find(world_, "ams-1").checks = {{.name = "http", .status = "critical"}};
  EXPECT_TRUE(Watch().worse);
  EXPECT_EQ(Watch().why, "Check http of machine ams-1 in ams, which takes over, is critical");
}

TEST_F(ReceiverWatch, AWarningOrAStoppedMachinesCheckIsNot) {
  Find(world_, "ams-1").checks = {{.name = "http", .status = "warning"}};
  Machine& stopped = world_.Add(MakeMachine("ams-2", "ams"));
  stopped.state = "stopped";
  stopped.checks = {{.name = "http", .status = "critical"}};
  EXPECT_FALSE(Watch().worse);
}

TEST_F(ReceiverWatch, OthersThatAreUnwellDidNotTakeOver) {
  Find(world_, "iad-1").checks = {{.name = "http", .status = "critical"}};
  EXPECT_FALSE(Watch().worse);
}

TEST_F(ReceiverWatch, MoreThanOneErrorInTwentyIsWorse) {
  Errors(0, 5);
  EXPECT_FALSE(Watch().worse);
  Errors(0, 5.5);
  EXPECT_TRUE(Watch().worse);
  EXPECT_EQ(Watch().why, "ams, which takes over, answers 5.5% of its requests with 5xx; it was 0.0% before");
}

TEST_F(ReceiverWatch, ErrorsThatWereThereBeforeAreNotTheLeavesDoing) {
  Errors(10, 20);
  EXPECT_FALSE(Watch().worse);
  Errors(10, 20.5);
  EXPECT_TRUE(Watch().worse);
}

TEST_F(ReceiverWatch, AHandfulOfErrorsIsChance) {
  world_.seen.traffic.served["ams"] = Level(4);
  Errors(0, 1.9);  // 9.5 in five points
  EXPECT_FALSE(Watch().worse);
  Errors(0, 2);
  EXPECT_TRUE(Watch().worse);
}

TEST_F(ReceiverWatch, PointsThatBeganBeforeTheLeaveSayNothingOfIt) {
  world_.seen.traffic.served_errors["ams"] = Level(0);
  world_.seen.traffic.served_errors["ams"][54] = 100.0;
  EXPECT_FALSE(Watch().worse);
  world_.seen.traffic.served_errors["ams"][54] = 0.0;
  world_.seen.traffic.served_errors["ams"][55] = 100.0;
  EXPECT_TRUE(Watch().worse);
  // Half a minute later the leave falls into that point.
  EXPECT_FALSE(
      IsReceiverWorse(world_.policy, world_.seen, "fra", Noon() - absl::Minutes(5) + absl::Seconds(30))
          .worse);
}

TEST_F(ReceiverWatch, WorkAtItsHardLimitsIsWorse) {
  world_.seen.traffic.concurrency["ams"] = Step(20, 99.9, 3);
  EXPECT_FALSE(Watch().worse);
  world_.seen.traffic.concurrency["ams"] = Step(20, 100, 1);
  EXPECT_TRUE(Watch().worse);
  EXPECT_EQ(Watch().why,
            "ams, which takes over, works on 100.0 requests at a time; its hard limits allow 100");
}

TEST_F(ReceiverWatch, WithoutALimitThereIsNoneToReach) {
  world_.seen.traffic.concurrency["ams"] = Level(1000);
  Find(world_, "ams-1").hard_limit = 0;
  EXPECT_FALSE(Watch().worse);
}

TEST_F(ReceiverWatch, WithoutMetricsOnlyTheChecksAreJudged) {
  Errors(0, 100);
  world_.PrometheusDown();
  EXPECT_FALSE(Watch().worse);
  world_.seen.traffic = Traffic();
  EXPECT_FALSE(Watch().worse);
}

TEST_F(ReceiverWatch, MachinesThatStayInTheRegionAreTheReceiver) {
  world_.Add(MakeMachine("fra-2", "fra")).checks = {{.name = "http", .status = "critical"}};
  EXPECT_THAT(Watch().why, HasSubstr("fra-2"));
}

TEST_F(ReceiverWatch, BeforeALeaveOnlyTheChecksAreLeft) {
  Errors(0, 100);
  EXPECT_FALSE(IsReceiverWorse(world_.policy, world_.seen, "fra", world_.now).worse);
  Find(world_, "ams-1").checks = {{.name = "http", .status = "critical"}};
  EXPECT_TRUE(IsReceiverWorse(world_.policy, world_.seen, "fra", world_.now).worse);
}

TEST_F(ReceiverWatch, WhereNobodyRunsNobodyIsWorse) {
  world_.seen.machines.clear();
  EXPECT_FALSE(Watch().worse);
}

}  // namespace
}  // namespace placer
