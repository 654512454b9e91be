// The one call of a step, with all that it carries.
#include "controller/actuator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "api/machine_template.h"
#include "tests/simulated/fake_machines.h"
#include "tests/simulated/virtual_time.h"

namespace placer {
namespace {

using Call = IntentStep::Call;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ActuatorTest : public ::testing::Test {
 protected:
  ActuatorTest() {
    machines_.Add("m1", "fra");
    machines_.machines["m1"].instance_id = "01J";
    policy_.app = "shop";
    intent_.machine_id = "m1";
  }

  Observation Seen() const { return {.machines = {machines_.machines.at("m1")}}; }
  void Update(const std::string& state) {
    machines_.machines["m1"].state = state;
    const auto source = std::make_shared<const MachineTemplate>(MakeTemplate(machines_.machines["m1"]));
    const Observation seen = Seen();
    const CallOutcome outcome =
        time_.Await(actuator_.Perform(policy_, {.call = Call::kUpdate}, intent_, seen, source));
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  }
  void AwaitChange(Call call, absl::Status status = absl::OkStatus()) {
    const Observation seen = Seen();
    time_.Await(
        actuator_.AwaitChange(policy_, {.step = {.call = call}, .status = std::move(status)}, intent_, seen));
  }

  VirtualTime time_;
  FakeMachines machines_;
  PlacementPolicy policy_;
  Intent intent_;
  Actuator actuator_{time_.clock(), machines_, "me"};
};

TEST_F(ActuatorTest, AnUpdateLeavesAMachineAtRestAtRest) {
  for (const char* state : {"stopped", "suspended"}) {
    Update(state);
    EXPECT_TRUE(machines_.updates.back().skip_launch) << state;
  }
  for (const char* state : {"started", "failed"}) {
    Update(state);
    EXPECT_FALSE(machines_.updates.back().skip_launch) << state;
  }
}

// One that failed, and was parked before it ever ran.
TEST_F(ActuatorTest, AnUpdateStartsNothingThatIsParked) {
  machines_.machines["m1"].metadata[kMetadataParked] = "web";
  Update("failed");
  EXPECT_TRUE(machines_.updates.back().skip_launch);
}

TEST_F(ActuatorTest, AfterAStopTheVersionThatWasSeenIsWaitedFor) {
  AwaitChange(Call::kStop);
  ASSERT_THAT(machines_.waits, SizeIs(1));
  EXPECT_EQ(machines_.waits[0].machine_id, "m1");
  EXPECT_EQ(machines_.waits[0].state, "stopped");
  EXPECT_EQ(machines_.waits[0].instance_id, "01J");
}

TEST_F(ActuatorTest, WhatIsSuspendedIsWaitedForAsSuspended) {
  policy_.behavior.method = RemovalMethod::kSuspend;
  AwaitChange(Call::kStop);
  ASSERT_THAT(machines_.waits, SizeIs(1));
  EXPECT_EQ(machines_.waits[0].state, "suspended");
}

TEST_F(ActuatorTest, AfterAStartAnyVersionMayBeTheOneThatStarted) {
  AwaitChange(Call::kStart);
  ASSERT_THAT(machines_.waits, SizeIs(1));
  EXPECT_EQ(machines_.waits[0].state, "started");
  EXPECT_EQ(machines_.waits[0].instance_id, "");
}

TEST_F(ActuatorTest, NothingIsWaitedForAfterACallThatFailedOrMovesNothing) {
  AwaitChange(Call::kStop, absl::UnavailableError("HTTP 503"));
  AwaitChange(Call::kCordon);
  EXPECT_THAT(machines_.waits, IsEmpty());
}

}  // namespace
}  // namespace placer
