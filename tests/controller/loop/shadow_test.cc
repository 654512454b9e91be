#include "controller/shadow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulated/fake_machines.h"
#include "tests/simulated/virtual_run.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ShadowTest : public ::testing::Test {
 protected:
  std::vector<std::string> Lay(std::vector<Machine> machines) {
    ForgetVanished(machines, shadow_);
    laid_ = LayShadow(policy_, std::move(machines), shadow_);
    std::vector<std::string> ids;
    for (const Machine& machine : laid_) ids.push_back(machine.id);
    return ids;
  }
  void Create(const std::string& region) {
    ApplyToShadow({.kind = PlannedAction::Kind::kCreate, .region = region}, VirtualStart(), shadow_);
  }
  void Remove(const std::string& region, const std::string& id) {
    ApplyToShadow({.kind = PlannedAction::Kind::kRemove, .region = region, .machine_id = id}, VirtualStart(),
                  shadow_);
  }

  PlacementPolicy policy_ = MakePolicy();
  Shadow shadow_;
  std::vector<Machine> laid_;
};

TEST_F(ShadowTest, WithoutChangesTheMachinesShowAsTheyAre) {
  EXPECT_THAT(Lay({MakeMachine("a", "fra"), MakeMachine("b", "ams")}), ElementsAre("a", "b"));
}

TEST_F(ShadowTest, ASimulatedMachineServesAtOnceAndCountsAsCreated) {
  Create("lhr");
  ASSERT_THAT(Lay({MakeMachine("a", "fra")}), ElementsAre("a", "shadow-1"));
  const Machine& machine = laid_[1];
  EXPECT_TRUE(IsHealthy(machine));
  EXPECT_EQ(machine.region, "lhr");
  EXPECT_EQ(machine.process_group, policy_.process_group);
  EXPECT_EQ(machine.metadata.at(kMetadataPolicy), "web");
  EXPECT_EQ(machine.created_at, VirtualStart());
}

TEST_F(ShadowTest, ARemovedMachineIsNotShown) {
  Remove("fra", "a");
  EXPECT_THAT(Lay({MakeMachine("a", "fra"), MakeMachine("b", "ams")}), ElementsAre("b"));
}

TEST_F(ShadowTest, ASimulatedMachineCanBeRemovedAgain) {
  Create("lhr");
  Remove("lhr", "shadow-1");
  EXPECT_THAT(Lay({}), IsEmpty());
  EXPECT_THAT(shadow_.removed, IsEmpty());
}

TEST_F(ShadowTest, IdsOfSimulatedMachinesAreNeverReused) {
  Create("lhr");
  Remove("lhr", "shadow-1");
  Create("lhr");
  EXPECT_THAT(Lay({}), ElementsAre("shadow-2"));
}

TEST_F(ShadowTest, ARealMachineThatAppearsShowsThrough) {
  Create("lhr");
  Remove("fra", "a");
  EXPECT_THAT(Lay({MakeMachine("a", "fra"), MakeMachine("c", "fra")}), ElementsAre("c", "shadow-1"));
}

TEST_F(ShadowTest, ARealMachineThatChangesOrGoesShowsThrough) {
  Create("lhr");
  Machine stopped = MakeMachine("a", "fra");
  stopped.state = "stopped";
  EXPECT_THAT(Lay({stopped}), ElementsAre("a", "shadow-1"));
  EXPECT_EQ(laid_[0].state, "stopped");
  EXPECT_THAT(Lay({}), ElementsAre("shadow-1"));
}

TEST_F(ShadowTest, ARemovalIsForgottenOnceTheMachineIsGoneInTruth) {
  Remove("fra", "a");
  Remove("ams", "b");
  Lay({MakeMachine("b", "ams")});
  EXPECT_THAT(shadow_.removed, ElementsAre("b"));
}

TEST_F(ShadowTest, LayingItForgetsNothing) {
  Remove("fra", "a");
  EXPECT_THAT(LayShadow(policy_, {}, shadow_), IsEmpty());
  EXPECT_THAT(shadow_.removed, ElementsAre("a"));
}

TEST_F(ShadowTest, RemovingTwiceIsRemovingOnce) {
  Remove("fra", "b");
  Remove("fra", "a");
  Remove("fra", "b");
  EXPECT_THAT(shadow_.removed, ElementsAre("a", "b"));
}

}  // namespace
}  // namespace placer
