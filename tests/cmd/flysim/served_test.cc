// Where requests were served, and what Fly Proxy stops by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cmd/flysim/core/world.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

using ::testing::IsEmpty;

TEST(ServedTest, CountsWhereTheMachinesAre) {
  World world(MakeOptions(150));
  PassSeconds(world, 600);
  const auto served = world.CountServed(kStart, world.now());
  double entered = 0;
  for (const auto& [region, count] : world.CountEdgeRequests(kStart, world.now())) entered += count;
  ASSERT_EQ(served.size(), 1u);
  EXPECT_EQ(served.at("fra").requests, entered);
  EXPECT_NEAR(served.at("fra").errors, entered / 1000, 1);
  EXPECT_NEAR(served.at("fra").concurrency, entered / 600 * 0.02, 0.01);
}

TEST(ServedTest, AgreesWithTheMetricsPage) {
  World world(MakeOptions(150));
  world.AddMachine("iad", "started");
  PassSeconds(world, 300);
  const auto page = ParsePage(world.RenderMetrics());
  for (const auto& [region, served] : world.CountServed(kStart, world.now())) {
    const std::string label = "region=\"" + region + "\"";
    EXPECT_EQ(SumSeries(page, "fly_app_http_responses_count", {label}), served.requests);
    EXPECT_EQ(SumSeries(page, "fly_app_http_responses_count", {label, "status=\"500\""}), served.errors);
    EXPECT_GT(SumSeries(page, "fly_app_concurrency", {label}), 0);
  }
}

TEST(ServedTest, ARegionIsAbsentBeforeItServed) {
  World world(MakeOptions(150));
  PassSeconds(world, 60);
  world.AddMachine("iad", "started");
  PassSeconds(world, 60);
  EXPECT_FALSE(world.CountServed(kStart, kStart + absl::Seconds(60)).contains("iad"));
  EXPECT_GT(world.CountServed(kStart + absl::Seconds(60), world.now()).at("iad").requests, 0);
}

TEST(ServedTest, WhatIsForgottenIsAbsent) {
  WorldOptions options = MakeOptions(150);
  options.history = absl::Minutes(5);
  World world(options);
  PassSeconds(world, 1200);
  EXPECT_THAT(world.CountServed(kStart, kStart + absl::Minutes(1)), IsEmpty());
}

TEST(ServedTest, RequestsThatNobodyHasRoomForAreDropped) {
  World world(MakeOptions(20'000));
  PassSeconds(world, 10);
  EXPECT_GT(world.totals().dropped, 0);
  EXPECT_GT(world.totals().overflowed, 0);
  const MachineRecord machine = world.machines_ever().front();
  EXPECT_EQ(machine.peak_concurrency, machine.hard_limit);
}

class AutostopTest : public ::testing::Test {
 protected:
  static std::string MakeConfig(int min_machines) {
    return R"({"image":"i","services":[{"internal_port":8080,"autostart":true,"autostop":"stop",)"
           R"("min_machines_running":)" +
           std::to_string(min_machines) + R"(,"concurrency":{"soft_limit":20,"hard_limit":25}}]})";
  }
};

TEST_F(AutostopTest, AMachineThatNobodyAsksIsStopped) {
  WorldOptions options = MakeOptions(0);
  options.initial_regions = {};
  World world(options);
  const std::string id = world.AddMachine({.region = "iad", .config = MakeConfig(1)});
  PassSeconds(world, 301);
  EXPECT_EQ(FindMachine(world, id).state, "stopped");
}

TEST_F(AutostopTest, OfSeveralOneIsStoppedAtATimeWhileOthersServe) {
  WorldOptions options = MakeOptions(150);
  options.initial_regions = {};
  World world(options);
  for (int i = 0; i < 3; ++i) world.AddMachine({.region = "iad", .config = MakeConfig(0)});
  const auto running = [&] {
    int count = 0;
    for (const Machine& machine : world.machines()) count += machine.state == "started" ? 1 : 0;
    return count;
  };
  PassSeconds(world, 301);
  EXPECT_EQ(running(), 2);
  PassSeconds(world, 301);
  EXPECT_EQ(running(), 1);
  PassSeconds(world, 601);
  EXPECT_EQ(running(), 1);
  EXPECT_EQ(world.totals().dropped, 0);
}

TEST_F(AutostopTest, ThePrimaryRegionKeepsItsMinimum) {
  World world(MakeOptions(0));  // fra is the primary region
  world.RemoveMachine(world.machines().front().id);
  const std::string id = world.AddMachine({.region = "fra", .config = MakeConfig(1)});
  PassSeconds(world, 1000);
  EXPECT_EQ(FindMachine(world, id).state, "started");
}

}  // namespace
}  // namespace placer::flysim
