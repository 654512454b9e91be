// The write calls of the platform in process: what they do, how long they take, and what their errors say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "cmd/autoplacer/demo_platform.h"
#include "tests/simulated/virtual_time.h"

namespace placer {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1790000040);

class DemoWritesTest : public ::testing::Test {
 protected:
  static flysim::WorldOptions MakeOptions() {
    flysim::WorldOptions options;
    options.start = kStart;
    options.requests_per_second = 100;
    return options;
  }
  // Runs the call, moving the clock on whenever everything sleeps. Throws if it takes longer than any may.
  template <typename T>
  T Run(Task<T> task) {
    const auto result = time_.Start(std::move(task));
    const absl::Time give_up = time_.now() + absl::Hours(1);
    while (!result->has_value() && time_.clock().NextDeadline() <= give_up)
      time_.RunUntil(time_.clock().NextDeadline());
    return std::move(*result).value();
  }
  absl::Status Apply(MachineChange::Kind kind) {
    return Run(machines_.Apply("demo", {.kind = kind, .machine_id = id_}));
  }

  VirtualTime time_{kStart};
  flysim::World world_{MakeOptions()};
  DemoMachines machines_{world_, time_.clock()};
  std::string id_ = world_.AddMachine("iad", "stopped");
  CreateMachine create_{
      .name = "ap-demo-nrt-0-g1", .region = "nrt", .config = R"({"image":"registry.fly.io/demo"})"};
};

TEST_F(DemoWritesTest, ACreatedMachineIsListedAndComesUp) {
  const auto created = Run(machines_.Create("demo", create_));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(Run(machines_.List("demo"))->size(), 3u);
  EXPECT_TRUE(Run(machines_.Wait(
                      "demo", {.machine_id = created->id, .state = "started", .timeout = absl::Seconds(60)}))
                  .ok());
  EXPECT_GT(time_.now(), kStart + absl::Seconds(1));
  EXPECT_EQ(Run(machines_.Get("demo", created->id))->state, "started");
}

TEST_F(DemoWritesTest, AWaitEndsAfterItsTimeout) {
  const absl::Status status =
      Run(machines_.Wait("demo", {.machine_id = id_, .state = "started", .timeout = absl::Seconds(7)}));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(time_.now(), kStart + absl::Seconds(7));
}

TEST_F(DemoWritesTest, LeasesUpdatesAndVolumesWork) {
  const auto lease = Run(machines_.Take("demo", {.machine_id = id_, .ttl = absl::Seconds(30)}));
  ASSERT_TRUE(lease.ok()) << lease.status();
  EXPECT_EQ(ScopeOf(Apply(MachineChange::Kind::kStart)), ErrorScope::kConflict);
  UpdateMachine update{.machine_id = id_, .config = create_.config, .lease_nonce = lease->nonce};
  EXPECT_TRUE(Run(machines_.Update("demo", update)).ok());
  EXPECT_TRUE(Run(machines_.Create("demo", CreateVolume{.name = "data", .region = "iad"})).ok());
  EXPECT_EQ(Run(machines_.ListVolumes("demo"))->size(), 1u);
}

TEST_F(DemoWritesTest, ErrorsCarryTheirScope) {
  world_.SetCapacity("nrt", 0);
  EXPECT_EQ(ScopeOf(Run(machines_.Create("demo", create_)).status()), ErrorScope::kRegion);
  EXPECT_EQ(ScopeOf(Run(machines_.Create("other", create_)).status()), ErrorScope::kGone);
  EXPECT_EQ(ScopeOf(Run(machines_.Get("demo", "none")).status()), ErrorScope::kGone);
}

TEST_F(DemoWritesTest, ALostReplyIsADeadlineWithoutAScope) {
  world_.SetFaults({.lost_replies = 1});
  const absl::Status status = Run(machines_.Create("demo", create_)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ScopeOf(status), ErrorScope::kUnknown);
  EXPECT_EQ(world_.machines().size(), 3u);
}

TEST_F(DemoWritesTest, ASlowWriteHappensInTheMiddle) {
  world_.SetFaults({.delay_min = absl::Seconds(4), .delay_max = absl::Seconds(4)});
  ASSERT_TRUE(Run(machines_.Create("demo", create_)).ok());
  EXPECT_EQ(time_.now(), kStart + absl::Seconds(4));
  EXPECT_EQ(world_.writes().front().time, kStart + absl::Seconds(2));
}

TEST_F(DemoWritesTest, ReleasingALeaseThatNobodyHoldsIsDone) {
  EXPECT_TRUE(Apply(MachineChange::Kind::kReleaseLease).ok());
}

TEST_F(DemoWritesTest, TrafficTellsWhereRequestsWereServed) {
  DemoTraffic traffic(world_, time_.clock());
  PlacementPolicy policy;
  policy.app = "demo";
  policy.traffic.resolution = absl::Minutes(1);
  time_.RunUntil(kStart + absl::Minutes(3));
  const auto answer = Run(traffic.Fetch(policy, kStart + absl::Minutes(3), 4));
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->served.at("fra")[0].has_value());
  double entered = 0;
  for (const auto& [region, values] : answer->regions) entered += values[3].value_or(0);
  EXPECT_EQ(answer->served.at("fra")[3], PointValue(entered));
  EXPECT_NEAR(answer->served_errors.at("fra")[3].value_or(-1), entered / 1000, 1);
  EXPECT_NEAR(answer->concurrency.at("fra")[3].value_or(-1), entered / 60 * 0.02, 0.01);
  EXPECT_FALSE(answer->served.contains("iad"));
}

}  // namespace
}  // namespace placer
