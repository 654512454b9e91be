// Removals that the traffic asks for: what they need, and the floors that hold them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// fra is busy, ams idle; both have one machine.
Scenario IdleAms() {
  Scenario world;
  world.Requests("fra", 60).Requests("ams", 0).Machines("fra", 1).Machines("ams", 1);
  return world;
}

void ExpectHeld(const Scenario& world, const std::string& reason) {
  const ReconcileResult result = world.Decide();
  EXPECT_THAT(ActionsOf(result), IsEmpty());
  EXPECT_EQ(ReasonOf(result, "ams"), reason);
}

TEST(TrafficRemovals, IdleRegionIsLeft) {
  EXPECT_THAT(ActionsOf(IdleAms().Decide()), ElementsAre("remove ams-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, WitnessedSilenceIsLeft) {
  Scenario world = IdleAms();
  world.seen.traffic.regions.erase("ams");
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, LastHealthyMachineStaysEvenWhenIdle) {
  Scenario world;
  ExpectHeld(world.Machines("ams", 1), "LastHealthyMachine");
}

TEST(TrafficRemovals, AnUnhealthyMachineElsewhereDoesNotFreeTheLastHealthyOne) {
  for (int unhealthy = 0; unhealthy < 4; ++unhealthy) {
    Scenario world = IdleAms();
    Machine& other = world.seen.machines[1];
    ASSERT_EQ(other.region, "fra");
    if (unhealthy == 0) other.state = "stopped";
    if (unhealthy == 1) other.cordoned = true;
    if (unhealthy == 1) other.metadata.clear();  // one of ours would be brought back
    if (unhealthy == 2) other.host_status = "unknown";
    if (unhealthy == 3) other.checks = {{.name = "http", .status = "critical"}};
    ExpectHeld(world, "LastHealthyMachine");
  }
}

TEST(TrafficRemovals, AHealthyMachineOfSomebodyElseCountsToTheFloor) {
  Scenario world = IdleAms();
  world.seen.machines[1].metadata.clear();
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, AHealthyMachineOfAnotherGroupDoesNot) {
  Scenario world = IdleAms();
  world.seen.machines[1].process_group = "worker";
  world.seen.traffic.regions["fra"] = Level(30);
  ExpectHeld(world, "LastHealthyMachine");
}

TEST(TrafficRemovals, InSilenceTheTopRankedRegionStays) {
  Scenario world;
  world.policy.behavior.scale_down.max_actions.reset();
  world.Machines("ams", 1).Machines("fra", 1).Machines("iad", 1).Requests("fra", 3).Requests("ams", 2);
  EXPECT_THAT(ActionsOf(world.Decide()),
              ElementsAre("remove iad-1: TrafficBelowThreshold", "remove ams-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, InSilenceTheTopRankedRegionStaysWhileALowerOneIsHeld) {
  Scenario world;
  world.Machines("ams", 1).Machines("fra", 1).Requests("fra", 3).Requests("ams", 2);
  const ReconcileResult result = world.LastAction("ams", Action::kDeploy, absl::Minutes(5)).Decide();
  EXPECT_THAT(ActionsOf(result), IsEmpty());
  EXPECT_EQ(ReasonOf(result, "ams"), "Cooldown");
  EXPECT_EQ(ReasonOf(result, "fra"), "LastHealthyMachine");
}

TEST(TrafficRemovals, InSilenceTheTopRankedRegionGoesIfAnotherKeepsAHealthyMachine) {
  Scenario world;
  world.Machines("fra", 1).Requests("fra", 3).Requests("ams", 2);
  world.Add(MakeForeignMachine("ams-1", "ams"));
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove fra-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, WaitForTheLastTargetThatANewPolicyHasYetToChange) {
  // Between two data points, remove was raised from below the traffic to above it.
  ExpectHeld(IdleAms().LastTarget("ams", true).AllPointsDecided(), "Stabilizing");
}

TEST(TrafficRemovals, InSilenceTheTopRankedRegionWithAHealthyMachineStays) {
  Scenario world;
  world.policy.behavior.scale_down.max_actions.reset();
  world.Machines("ams", 1).Machines("fra", 1).Requests("fra", 3);
  world.seen.machines[1].state = "stopped";
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove fra-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, EqualRegionsAreRemovedFromTheEndOfTheAlphabet) {
  Scenario world;
  EXPECT_THAT(ActionsOf(world.Machines("ams", 1).Machines("fra", 1).Decide()),
              ElementsAre("remove fra-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, UnhealthyMachinesGoFirstThenTheYoungest) {
  Scenario world;
  world.policy.behavior.scale_down.max_actions.reset();
  world.Requests("fra", 60).Machines("fra", 1).Machines("ams", 4);
  world.seen.machines[1].created_at += absl::Hours(2);
  world.seen.machines[2].created_at += absl::Hours(1);
  world.seen.machines[3].state = "stopped";
  EXPECT_THAT(ActionsOf(world.Decide()),
              ElementsAre("remove ams-4: TrafficBelowThreshold", "remove ams-2: TrafficBelowThreshold",
                          "remove ams-3: TrafficBelowThreshold", "remove ams-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, NeedFreshEvidence) {
  Scenario partial = IdleAms();
  partial.seen.traffic.partial_answer = true;
  ExpectHeld(partial, "EvidencePartial");
  Scenario stale = IdleAms();
  stale.now += absl::Minutes(10);
  ExpectHeld(stale, "EvidenceStale");
  ExpectHeld(IdleAms().PrometheusDown(), "EvidenceMissing");
}

TEST(TrafficRemovals, NonsenseInOneRegionHoldsOnlyThatRegion) {
  Scenario world = IdleAms();
  world.Machines("iad", 1);
  world.seen.traffic.regions["ams"] = Step(0, std::numeric_limits<double>::quiet_NaN(), 1);
  const ReconcileResult result = world.Decide();
  EXPECT_EQ(ReasonOf(result, "ams"), "EvidenceMissing");
  EXPECT_THAT(ActionsOf(result), ElementsAre("remove iad-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, AMixtureOfValuesAndSilenceHolds) {
  Scenario world = IdleAms();
  world.Requests("ams", PointValues(60));
  world.seen.traffic.regions["ams"][50] = 1.0;
  ExpectHeld(world, "CoverageMixed");
}

TEST(TrafficRemovals, WaitForTheStabilizationWindow) {
  Scenario world = IdleAms();
  world.Requests("ams", Step(200, 0, 5));
  int back = 0;  // points since the first one at which both averages are low
  while (RegionOf(world.Decide(), "ams").verdict != Verdict::kLeave) {
    ASSERT_LT(++back, 60);
    world.Requests("ams", Step(200, 0, 5 + back));
  }
  for (int held = 0; held < 4; ++held) {
    ExpectHeld(world, "Stabilizing");
    world.Requests("ams", Step(200, 0, 5 + ++back));
  }
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, ARestartAddsNoWaitToTheStabilizationWindow) {
  Scenario world = IdleAms();
  ASSERT_TRUE(world.history.regions.empty());
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, ObeyTheCooldown) {
  Scenario world = IdleAms();
  ExpectHeld(world.LastAction("ams", Action::kDeploy, absl::Minutes(9)), "Cooldown");
  EXPECT_THAT(ActionsOf(world.LastAction("ams", Action::kDeploy, absl::Minutes(10)).Decide()),
              ElementsAre("remove ams-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, CooldownOfAnotherRegionDoesNotMatter) {
  Scenario world = IdleAms();
  world.LastAction("fra", Action::kDeploy, absl::Minutes(1));
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, MaxActionsCountsMachines) {
  Scenario world;
  world.Requests("fra", 60).Machines("fra", 1).Machines("ams", 2);
  const ReconcileResult result = world.Decide();
  EXPECT_EQ(result.plan.actions.size(), 1u);
  EXPECT_TRUE(RegionOf(result, "ams").unfinished);
}

TEST(TrafficRemovals, MaxActionsCountsEarlierPassesOfItsPeriod) {
  Scenario world = IdleAms();
  ExpectHeld(world.Acted(Action::kRemove, absl::Seconds(59)), "MaxActions");
}

TEST(TrafficRemovals, UnfinishedRemovalGoesOnWithoutCooldown) {
  Scenario world = IdleAms();
  world.LastAction("ams", Action::kRemove, absl::Minutes(2), /*complete=*/false);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, AnUnfinishedAdditionDoesNotSkipTheCooldownOfRemoval) {
  Scenario world = IdleAms();
  ExpectHeld(world.LastAction("ams", Action::kDeploy, absl::Minutes(2), /*complete=*/false), "Cooldown");
}

TEST(TrafficRemovals, TotalMinStopsRemovalsButAddsNothing) {
  Scenario world = IdleAms();
  world.policy.capacity.total_min = 2;
  ExpectHeld(world, "TotalMin");
  world.policy.capacity.total_min = 5;
  ExpectHeld(world, "TotalMin");
}

TEST(TrafficRemovals, AlwaysRunningStays) {
  Scenario world = IdleAms();
  world.policy.regions.always_running = {"ams"};
  ExpectHeld(world, "AlwaysRunning");
}

TEST(TrafficRemovals, PrimaryRegionStays) {
  Scenario world = IdleAms();
  world.seen.primary_region = "ams";
  ExpectHeld(world, "PrimaryRegion");
}

TEST(TrafficRemovals, AdoptCreatedLeavesForeignMachinesAlone) {
  Scenario world = IdleAms();
  world.seen.machines[0].metadata.clear();
  ExpectHeld(world, "NotOurMachines");
  world.seen.machines[0].metadata[kMetadataPolicy] = "another";
  ExpectHeld(world, "NotOurMachines");
}

TEST(TrafficRemovals, AdoptAllRemovesForeignMachines) {
  Scenario world = IdleAms();
  world.policy.adopt = Adopt::kAll;
  world.seen.machines[0].metadata.clear();
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: TrafficBelowThreshold"));
}

TEST(TrafficRemovals, MachinesOfUnknownGroupAreNeverTouched) {
  Scenario world = IdleAms();
  world.policy.adopt = Adopt::kAll;
  world.seen.machines[0].process_group = "";
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
}

TEST(TrafficRemovals, StandbysAndOneOffMachinesAreNeverTouched) {
  Scenario world = IdleAms();
  world.policy.adopt = Adopt::kAll;
  world.seen.machines[0].is_standby = true;
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
  world.seen.machines[0].is_standby = false;
  world.seen.machines[0].is_release_command = true;
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
}

TEST(TrafficRemovals, ARegionThatThisPlanFillsIsNotLeft) {
  Scenario world = IdleAms();
  world.policy.regions.always_running = {"ams"};
  world.policy.capacity.per_region_min = 2;
  world.seen.traffic.regions["fra"] = Level(30);
  world.Machines("fra", 2);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create ams: AlwaysRunningMissing"));
}

TEST(TrafficRemovals, AreNotRepeatedOnceDone) {
  Scenario world = IdleAms();
  ReconcileResult first = world.Decide();
  world.history = first.history;
  std::erase_if(world.seen.machines, [](const Machine& machine) { return machine.region == "ams"; });
  const ReconcileResult second = world.Decide();
  EXPECT_THAT(ActionsOf(second), IsEmpty());
  EXPECT_EQ(ReasonOf(second, "ams"), "NotDeployed");
}

}  // namespace
}  // namespace placer
