// A deploy by flyctl: leases on all machines, then one after another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "cmd/flysim/core/world.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

constexpr char kNewImage[] = "registry.fly.io/demo:release-2";

class ReleaseTest : public ::testing::Test {
 protected:
  int CountOnNewImage() {
    int count = 0;
    for (const Machine& machine : world_.machines()) {
      count += machine.metadata.contains(kMetadataReleaseVersion) &&
                       machine.metadata.at(kMetadataReleaseVersion) == "2"
                   ? 1
                   : 0;
    }
    return count;
  }
  int CountLeased() {
    int count = 0;
    for (const Machine& machine : world_.machines()) count += machine.lease ? 1 : 0;
    return count;
  }

  World world_{MakeOptions(0)};
  std::string iad_ = world_.AddMachine("iad", "started");
  std::string nrt_ = world_.AddMachine("nrt", "stopped");
};

TEST_F(ReleaseTest, BringsEveryMachineToOneNewImageAndRelease) {
  const std::string before = FindMachine(world_, iad_).image;
  world_.Release({.image = kNewImage});
  PassSeconds(world_, 120);
  EXPECT_FALSE(world_.ReleaseUnderWay());
  std::set<std::string> images;
  std::set<std::string> releases;
  for (const Machine& machine : world_.machines()) {
    images.insert(machine.image);
    releases.insert(machine.metadata.at(kMetadataReleaseId));
  }
  EXPECT_EQ(images.size(), 1u);
  EXPECT_FALSE(images.contains(before));
  EXPECT_EQ(releases.size(), 1u);
  EXPECT_EQ(CountOnNewImage(), 3);
  EXPECT_EQ(FindMachine(world_, iad_).state, "started");
  EXPECT_EQ(FindMachine(world_, nrt_).state, "stopped");
}

TEST_F(ReleaseTest, HoldsEveryLeaseUntilItIsOver) {
  world_.Release({.image = kNewImage});
  PassSeconds(world_, 2);
  EXPECT_EQ(CountLeased(), 3);
  while (world_.ReleaseUnderWay()) {
    EXPECT_EQ(CountLeased(), 3);
    PassSeconds(world_, 1);
  }
  EXPECT_EQ(CountLeased(), 0);
}

TEST_F(ReleaseTest, ReplacesOneMachineAtATime) {
  world_.Release({.image = kNewImage});
  for (int i = 0; i < 120; ++i) {
    PassSeconds(world_, 1);
    int replacing = 0;
    for (const Machine& machine : world_.machines()) replacing += machine.state == "replacing" ? 1 : 0;
    EXPECT_LE(replacing, 1);
  }
}

TEST_F(ReleaseTest, WaitsForALeaseThatSomebodyHolds) {
  const Lease lease = *world_.Take({.machine_id = iad_, .ttl = absl::Seconds(60)});
  world_.Release({.image = kNewImage});
  PassSeconds(world_, 50);
  EXPECT_EQ(CountOnNewImage(), 0);
  ASSERT_TRUE(world_.Apply(MakeChange(MachineChange::Kind::kReleaseLease, iad_, lease.nonce)).ok());
  PassSeconds(world_, 120);
  EXPECT_EQ(CountOnNewImage(), 3);
}

TEST_F(ReleaseTest, APartialOneLeavesMachinesOnTheOldImageAndItsLeasesToExpire) {
  world_.Release({.image = kNewImage, .max_machines = 1});
  while (world_.ReleaseUnderWay()) PassSeconds(world_, 1);
  EXPECT_EQ(CountOnNewImage(), 1);
  EXPECT_EQ(CountLeased(), 3);
  PassSeconds(world_, 15);
  EXPECT_EQ(CountLeased(), 0);
  EXPECT_EQ(CountOnNewImage(), 1);
}

TEST_F(ReleaseTest, ABadImageStopsItAtTheFirstMachine) {
  world_.SetImageHealthy(kNewImage, false);
  world_.RemoveMachine(nrt_);
  world_.Release({.image = kNewImage});
  PassSeconds(world_, 600);
  EXPECT_FALSE(world_.ReleaseUnderWay());
  EXPECT_EQ(CountOnNewImage(), 1);
}

TEST_F(ReleaseTest, LeavesAloneWhatFlyctlDidNotMake) {
  const std::string foreign = world_.AddMachine({.region = "syd", .from_flyctl = false});
  const std::string before = FindMachine(world_, foreign).instance_id;
  world_.Release({.image = kNewImage});
  PassSeconds(world_, 120);
  EXPECT_EQ(FindMachine(world_, foreign).instance_id, before);
}

TEST_F(ReleaseTest, KeepsTheMarksOfOthersUnlessToldOtherwise) {
  const std::string ours = world_.AddMachine({.region = "syd", .metadata = {{kMetadataPolicy, "web"}}});
  world_.Release({.image = kNewImage});
  PassSeconds(world_, 120);
  EXPECT_TRUE(FindMachine(world_, ours).metadata.contains(kMetadataPolicy));
  world_.Release({.image = kNewImage, .drops_foreign_marks = true});
  PassSeconds(world_, 120);
  EXPECT_FALSE(FindMachine(world_, ours).metadata.contains(kMetadataPolicy));
}

TEST_F(ReleaseTest, IsNoWriteOfOurs) {
  world_.Release({.image = kNewImage});
  PassSeconds(world_, 120);
  EXPECT_TRUE(world_.writes().empty());
}

}  // namespace
}  // namespace placer::flysim
