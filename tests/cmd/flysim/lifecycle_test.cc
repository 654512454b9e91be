// Machines come up, go down and are replaced, each in its own time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cmd/flysim/core/world.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = MachineChange::Kind;

class LifecycleTest : public ::testing::Test {
 protected:
  std::string State(const std::string& id) { return FindMachine(world_, id).state; }
  absl::Status Do(Kind kind, const std::string& id) { return world_.Apply(MakeChange(kind, id)); }
  // The states that it goes through, until nothing has changed for half a minute.
  std::vector<std::string> Follow(const std::string& id) {
    std::vector<std::string> states;
    for (int quiet = 0; quiet < 300; ++quiet) {
      if (states.empty() || states.back() != State(id)) {
        states.push_back(State(id));
        quiet = 0;
      }
      PassSeconds(world_, 0.1);
    }
    return states;
  }

  World world_{MakeOptions(0)};
};

TEST_F(LifecycleTest, ACreatedMachineComesUp) {
  const std::string id = world_.Create(MakeCreate())->id;
  EXPECT_THAT(Follow(id), ElementsAre("created", "starting", "started"));
}

TEST_F(LifecycleTest, StartingTakesTwoToEightSeconds) {
  for (int i = 0; i < 20; ++i) {
    const std::string id = world_.Create(MakeCreate("m-" + std::to_string(i)))->id;
    PassSeconds(world_, 1.9);
    EXPECT_NE(State(id), "started");
    PassSeconds(world_, 6.2);
    EXPECT_EQ(State(id), "started");
  }
}

TEST_F(LifecycleTest, ACreatedMachineIsCordonedWhereItSkipsTheRegistration) {
  CreateMachine request = MakeCreate();
  EXPECT_TRUE(world_.Create(request)->cordoned);
  request.name = "other";
  request.skip_service_registration = false;
  EXPECT_FALSE(world_.Create(request)->cordoned);
}

TEST_F(LifecycleTest, ChecksPassOnlyAfterTheirGrace) {
  const std::string id = world_.Create(MakeCreate())->id;
  while (State(id) != "started") PassSeconds(world_, 0.1);
  ASSERT_EQ(FindMachine(world_, id).checks.size(), 1u);
  EXPECT_EQ(FindMachine(world_, id).checks[0].name, "web");
  EXPECT_EQ(FindMachine(world_, id).checks[0].status, "warning");
  PassSeconds(world_, 4.5);
  EXPECT_EQ(FindMachine(world_, id).checks[0].status, "warning");
  PassSeconds(world_, 3);
  EXPECT_EQ(FindMachine(world_, id).checks[0].status, "passing");
}

TEST_F(LifecycleTest, ABadImageNeverPassesItsChecks) {
  world_.SetImageHealthy("registry.fly.io/demo:release-1", false);
  const std::string id = world_.Create(MakeCreate())->id;
  PassSeconds(world_, 60);
  EXPECT_EQ(State(id), "started");
  EXPECT_EQ(FindMachine(world_, id).checks[0].status, "critical");
  world_.SetImageHealthy("registry.fly.io/demo:release-1", true);
  EXPECT_EQ(FindMachine(world_, id).checks[0].status, "passing");
}

TEST_F(LifecycleTest, OneMachinesChecksCanBeMadeToFail) {
  const std::string id = world_.AddMachine("iad", "started");
  world_.SetChecksPassing(id, false);
  EXPECT_FALSE(IsHealthy(FindMachine(world_, id)));
  world_.SetChecksPassing(id, true);
  EXPECT_TRUE(IsHealthy(FindMachine(world_, id)));
}

TEST_F(LifecycleTest, AStoppedMachineWasStoppingBefore) {
  const std::string id = world_.AddMachine("iad", "started");
  ASSERT_TRUE(Do(Kind::kStop, id).ok());
  EXPECT_THAT(Follow(id), ElementsAre("stopping", "stopped"));
}

TEST_F(LifecycleTest, ASuspendedMachineCanBeStartedAgain) {
  const std::string id = world_.AddMachine("iad", "started");
  ASSERT_TRUE(Do(Kind::kSuspend, id).ok());
  EXPECT_THAT(Follow(id), ElementsAre("suspending", "suspended"));
  ASSERT_TRUE(Do(Kind::kStart, id).ok());
  EXPECT_THAT(Follow(id), ElementsAre("starting", "started"));
}

TEST_F(LifecycleTest, AMachineThatRunsIsNotDestroyed) {
  const std::string id = world_.AddMachine("iad", "started");
  const absl::Status status = Do(Kind::kDestroy, id);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(State(id), "started");
}

TEST_F(LifecycleTest, ForceDestroysAMachineThatRuns) {
  const std::string id = world_.AddMachine("iad", "started");
  ASSERT_TRUE(world_.Apply(MakeChange(Kind::kDestroy, id), /*force=*/true).ok());
  EXPECT_THAT(Follow(id), ElementsAre("destroying", ""));
  EXPECT_EQ(world_.Get(id)->state, "destroyed");
}

TEST_F(LifecycleTest, AStoppedMachineIsDestroyed) {
  const std::string id = world_.AddMachine("iad", "stopped");
  ASSERT_TRUE(Do(Kind::kDestroy, id).ok());
  EXPECT_THAT(Follow(id), ElementsAre("destroying", ""));
}

TEST_F(LifecycleTest, WhatIsDoneAlreadyMayBeAskedForAgain) {
  const std::string started = world_.AddMachine("iad", "started");
  EXPECT_TRUE(Do(Kind::kStart, started).ok());
  const std::string stopped = world_.AddMachine("iad", "stopped");
  EXPECT_TRUE(Do(Kind::kStop, stopped).ok());
  EXPECT_TRUE(Do(Kind::kDestroy, stopped).ok());
  EXPECT_TRUE(Do(Kind::kDestroy, stopped).ok());
}

TEST_F(LifecycleTest, AMachineThatWasJustCreatedIsNotStarted) {
  const std::string id = world_.Create(MakeCreate())->id;
  const absl::Status status = Do(Kind::kStart, id);
  EXPECT_EQ(ScopeOf(status), ErrorScope::kRetry);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("unable to start machine from current state: 'created'"));
}

TEST_F(LifecycleTest, AMachineThatSkipsItsLaunchStaysCreatedUntilItIsStarted) {
  const std::string id = world_.Create(MakeCreate(), /*skip_launch=*/true)->id;
  EXPECT_THAT(Follow(id), ElementsAre("created"));
  EXPECT_TRUE(Do(Kind::kStart, id).ok());
  EXPECT_THAT(Follow(id), ElementsAre("starting", "started"));
}

class UpdateTest : public LifecycleTest {
 protected:
  absl::StatusOr<Machine> Update(const std::string& id, const std::string& version = "") {
    return world_.Update({.machine_id = id, .config = kSmallConfig, .current_version = version});
  }
};

TEST_F(UpdateTest, AStartedMachineIsReplacedAndComesBack) {
  const std::string id = world_.AddMachine("iad", "started");
  ASSERT_TRUE(Update(id).ok());
  EXPECT_THAT(Follow(id), ElementsAre("replacing", "started"));
}

TEST_F(UpdateTest, AStoppedMachineStaysStopped) {
  const std::string id = world_.AddMachine("iad", "stopped");
  ASSERT_TRUE(Update(id).ok());
  EXPECT_THAT(Follow(id), ElementsAre("replacing", "stopped"));
}

TEST_F(UpdateTest, AMachineAtRestThatSkipsItsLaunchIsStoppedAfterwards) {
  for (const char* state : {"stopped", "suspended"}) {
    const std::string id = world_.AddMachine("iad", state);
    ASSERT_TRUE(world_.Update({.machine_id = id, .config = kSmallConfig, .skip_launch = true}).ok());
    EXPECT_THAT(Follow(id), ElementsAre("replacing", "stopped")) << state;
  }
}

TEST_F(UpdateTest, ChangesTheInstanceAndTheConfigAndNoMore) {
  const std::string id = world_.AddMachine("iad", "started");
  const Machine before = FindMachine(world_, id);
  PassSeconds(world_, 60);
  ASSERT_TRUE(Update(id).ok());
  const Machine after = FindMachine(world_, id);
  EXPECT_NE(after.instance_id, before.instance_id);
  EXPECT_EQ(after.metadata.at("autoplacer_policy"), "web");
  EXPECT_EQ(after.name, before.name);
  EXPECT_EQ(after.created_at, before.created_at);
  EXPECT_GT(after.config_changed_at, before.config_changed_at);
}

TEST_F(UpdateTest, AnotherVersionThanTheOneSeenIsAConflict) {
  const std::string id = world_.AddMachine("iad", "started");
  const std::string seen = FindMachine(world_, id).instance_id;
  ASSERT_TRUE(Update(id, seen).ok());
  PassSeconds(world_, 30);
  const absl::Status status = Update(id, seen).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ScopeOf(status), ErrorScope::kConflict);
}

TEST_F(UpdateTest, AMachineBeingReplacedIsNeitherStartedNorUpdated) {
  const std::string id = world_.AddMachine("iad", "stopped");
  ASSERT_TRUE(Update(id).ok());
  EXPECT_EQ(ScopeOf(Do(Kind::kStart, id)), ErrorScope::kRetry);
  EXPECT_EQ(ScopeOf(Update(id).status()), ErrorScope::kConflict);
}

TEST_F(UpdateTest, MetadataChangesNeitherInstanceNorConfigTime) {
  const std::string id = world_.AddMachine("iad", "started");
  const Machine before = FindMachine(world_, id);
  PassSeconds(world_, 5);
  ASSERT_TRUE(
      world_.Apply({.kind = Kind::kSetMetadata, .machine_id = id, .key = "mark", .value = "\"x\""}).ok());
  Machine after = FindMachine(world_, id);
  EXPECT_EQ(after.metadata.at("mark"), "\"x\"");
  EXPECT_THAT(*after.config, HasSubstr("mark"));
  EXPECT_EQ(after.instance_id, before.instance_id);
  EXPECT_EQ(after.config_changed_at, before.config_changed_at);
  ASSERT_TRUE(world_.Apply({.kind = Kind::kSetMetadata, .machine_id = id, .key = "mark"}).ok());
  EXPECT_FALSE(FindMachine(world_, id).metadata.contains("mark"));
}

TEST_F(LifecycleTest, StoppingAMachineThatServesCutsRequestsOff) {
  World busy(MakeOptions(150));
  const std::string id = busy.machines().front().id;
  PassSeconds(busy, 60);
  ASSERT_TRUE(busy.Apply(MakeChange(Kind::kStop, id)).ok());
  EXPECT_GT(busy.totals().cut_off, 0);
}

TEST_F(LifecycleTest, StoppingADrainedMachineCutsNothingOff) {
  World busy(MakeOptions(150));
  const std::string id = busy.machines().front().id;
  busy.AddMachine("ams", "started");
  PassSeconds(busy, 60);
  ASSERT_TRUE(busy.Apply(MakeChange(Kind::kCordon, id)).ok());
  PassSeconds(busy, 2);
  ASSERT_TRUE(busy.Apply(MakeChange(Kind::kStop, id)).ok());
  EXPECT_EQ(busy.totals().cut_off, 0);
  EXPECT_EQ(busy.totals().dropped, 0);
}

}  // namespace
}  // namespace placer::flysim
