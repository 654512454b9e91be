#include "cmd/flysim/core/router.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

// A machine takes 1,000 requests per second up to its soft limit and 1,250 up to its hard one.
constexpr std::int64_t kSoft = 1000;
constexpr std::int64_t kHard = 1250;

class RouterTest : public ::testing::Test {
 protected:
  FleetMachine& Add(const std::string& region, const std::string& state = "started") {
    return fleet_.Add(region, state, kStart);
  }
  StatusCounts Serve(const std::string& edge, std::int64_t requests) {
    router_.BeginStep();
    const StatusCounts answers = router_.Serve(edge, requests, kStart);
    router_.EndStep();
    return answers;
  }

  Fleet fleet_{WorldOptions{.start = kStart}};
  Router router_{Platform{.regions = EmbeddedRegions()}, fleet_, absl::Seconds(1)};
};

TEST_F(RouterTest, TheNearestRegionServes) {
  FleetMachine& fra = Add("fra");
  FleetMachine& iad = Add("iad");
  Serve("lhr", 10);
  EXPECT_EQ(fra.step_requests, 10);
  EXPECT_EQ(iad.step_requests, 0);
  Serve("ewr", 10);
  EXPECT_EQ(fra.step_requests, 0);
  EXPECT_EQ(iad.step_requests, 10);
}

TEST_F(RouterTest, AMachineInTheEdgesOwnRegionComesFirst) {
  Add("ams");
  FleetMachine& lhr = Add("lhr");
  Serve("lhr", 10);
  EXPECT_EQ(lhr.step_requests, 10);
}

TEST_F(RouterTest, ANewMachineNearbyTakesOver) {
  Add("iad");
  Serve("fra", 10);
  FleetMachine& fra = Add("fra");
  Serve("fra", 10);
  EXPECT_EQ(fra.step_requests, 10);
}

TEST_F(RouterTest, ACordonedMachineIsSkipped) {
  FleetMachine& fra = Add("fra");
  FleetMachine& iad = Add("iad");
  fleet_.SetCordoned(fra, true, kStart);
  Serve("fra", 10);
  EXPECT_EQ(fra.step_requests, 0);
  EXPECT_EQ(iad.step_requests, 10);
}

class RouterStateTest : public RouterTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(RouterStateTest, AMachineThatIsNotStartedIsSkippedWhileAnotherRuns) {
  FleetMachine& fra = Add("fra", GetParam());
  FleetMachine& iad = Add("iad");
  Serve("fra", 10);
  EXPECT_EQ(fra.step_requests, 0);
  EXPECT_EQ(iad.step_requests, 10);
  EXPECT_EQ(fra.machine.state, GetParam());
}

INSTANTIATE_TEST_SUITE_P(States, RouterStateTest,
                         ::testing::Values("stopped", "failed", "suspended", "created"));

TEST_F(RouterTest, MachinesOfARegionShareItsLoad) {
  FleetMachine& one = Add("fra");
  FleetMachine& other = Add("fra");
  Serve("fra", 101);
  EXPECT_NEAR(static_cast<double>(one.step_requests), 50.5, 1);
  EXPECT_EQ(one.step_requests + other.step_requests, 101);
}

TEST_F(RouterTest, AboveTheSoftLimitRequestsStayInTheRegion) {
  FleetMachine& fra = Add("fra");
  FleetMachine& ams = Add("ams");
  Serve("fra", kSoft + 100);
  EXPECT_EQ(fra.step_requests, kSoft + 100);
  EXPECT_EQ(ams.step_requests, 0);
}

TEST_F(RouterTest, AboveTheHardLimitTheRestGoesToTheNextRegion) {
  FleetMachine& fra = Add("fra");
  FleetMachine& ams = Add("ams");
  Serve("fra", kHard + 70);
  EXPECT_EQ(fra.step_requests, kHard);
  EXPECT_EQ(ams.step_requests, 70);
}

TEST_F(RouterTest, AMachineBelowItsSoftLimitIsPreferredToOneAboveIt) {
  FleetMachine& full = Add("fra");
  router_.BeginStep();
  router_.Serve("fra", kSoft, kStart);
  FleetMachine& idle = Add("fra");
  router_.Serve("fra", 200, kStart);
  EXPECT_EQ(full.step_requests, kSoft);
  EXPECT_EQ(idle.step_requests, 200);
}

TEST_F(RouterTest, WhatNobodyServesIsUnavailable) {
  Add("fra");
  const StatusCounts answers = Serve("fra", kHard + 30);
  EXPECT_EQ(answers.unavailable, 30);
  EXPECT_EQ(answers.total(), kHard + 30);
}

TEST_F(RouterTest, WithoutAnyMachineEverythingIsUnavailable) {
  EXPECT_EQ(Serve("fra", 5).unavailable, 5);
}

TEST_F(RouterTest, AStoppedMachineIsStartedWhenTheRunningOnesAreAboveTheirSoftLimit) {
  FleetMachine& running = Add("fra");
  FleetMachine& stopped = Add("fra", "stopped");
  Serve("fra", kSoft);
  EXPECT_EQ(stopped.machine.state, "stopped");
  Serve("fra", kSoft + 50);
  EXPECT_EQ(stopped.machine.state, "started");
  EXPECT_EQ(running.step_requests + stopped.step_requests, kSoft + 50);
  EXPECT_EQ(stopped.events.front().type, "start");
}

TEST_F(RouterTest, TheNearestStoppedMachineIsStartedWhenNoneRuns) {
  FleetMachine& iad = Add("iad", "stopped");
  FleetMachine& fra = Add("fra", "stopped");
  EXPECT_EQ(Serve("lhr", 10).unavailable, 0);
  EXPECT_EQ(fra.machine.state, "started");
  EXPECT_EQ(iad.machine.state, "stopped");
}

TEST_F(RouterTest, AMachineWithoutAutostartStaysStopped) {
  FleetMachine& fra = Add("fra", "stopped");
  fra.autostart = false;
  EXPECT_EQ(Serve("fra", 10).unavailable, 10);
  EXPECT_EQ(fra.machine.state, "stopped");
}

TEST_F(RouterTest, ConcurrencyIsRateTimesServiceTime) {
  FleetMachine& fra = Add("fra");
  Serve("fra", 500);
  EXPECT_DOUBLE_EQ(fra.concurrency, 500 * kServiceTimeSeconds);
}

TEST_F(RouterTest, MachinesInARegionWithoutCoordinatesServeLast) {
  FleetMachine& unknown = Add("zzz");
  FleetMachine& syd = Add("syd");
  Serve("lhr", 10);
  EXPECT_EQ(syd.step_requests, 10);
  fleet_.SetState(syd, "stopped", "user", kStart);
  syd.autostart = false;
  Serve("lhr", 10);
  EXPECT_EQ(unknown.step_requests, 10);
}

TEST_F(RouterTest, OfAThousandAnswersTenAreNotFoundAndOneIsAnError) {
  Add("fra");
  const StatusCounts answers = Serve("fra", 1000);
  EXPECT_EQ(answers.not_found, 10);
  EXPECT_EQ(answers.error, 1);
  EXPECT_EQ(answers.ok, 989);
}

}  // namespace
}  // namespace placer::flysim
