#include "cmd/autoplacer/read_only_machines.h"

#include <gtest/gtest.h>

#include "tests/simulated/fake_machines.h"
#include "tests/simulated/virtual_time.h"

namespace placer {
namespace {

class ReadOnlyMachinesTest : public ::testing::Test {
 protected:
  FakeMachines inner_;
  ReadOnlyMachines machines_{inner_};
  VirtualTime time_;
};

TEST_F(ReadOnlyMachinesTest, RefusesEveryChange) {
  EXPECT_TRUE(absl::IsFailedPrecondition(time_.Await(machines_.Create("shop", CreateMachine{})).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(time_.Await(machines_.Update("shop", UpdateMachine{})).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(time_.Await(machines_.Apply("shop", MachineChange{}))));
  EXPECT_TRUE(absl::IsFailedPrecondition(time_.Await(machines_.Take("shop", TakeLease{})).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(time_.Await(machines_.Create("shop", CreateVolume{})).status()));
}

}  // namespace
}  // namespace placer
