// What the planner adds, and what holds it: floors that add, ceilings, budgets, and the order of additions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Additions, BusyRegionGetsAMachine) {
  Scenario world;
  world.Requests("fra", 60);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create fra: TrafficAboveThreshold"));
}

TEST(Additions, PlacedRegionIsFilledToPerRegionMin) {
  Scenario world;
  world.policy.capacity.per_region_min = 2;
  EXPECT_THAT(ActionsOf(world.Requests("fra", 60).Decide()),
              ElementsAre("create fra: TrafficAboveThreshold", "create fra: TrafficAboveThreshold"));
}

TEST(Additions, PlacedRegionWithTooFewMachinesIsFilledUp) {
  Scenario world;
  world.policy.capacity.per_region_min = 2;
  EXPECT_THAT(ActionsOf(world.Requests("fra", 30).Machines("fra", 1).Decide()),
              ElementsAre("create fra: BelowPerRegionMin"));
}

TEST(Additions, PresenceIsDecidedNotSize) {
  Scenario world;
  EXPECT_THAT(ActionsOf(world.Requests("fra", 100000).Machines("fra", 1).Decide()), IsEmpty());
}

TEST(Additions, AMachineOfSomebodyElseCountsAsPlaced) {
  Scenario world;
  world.Requests("fra", 60).Add(MakeForeignMachine("fra-1", "fra"));
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
}

TEST(Additions, AMachineThatAutostopStoppedCountsAsPlaced) {
  Scenario world;
  Machine& machine = world.Requests("fra", 60).Add(MakeMachine("fra-1", "fra"));
  machine.state = "stopped";
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
}

TEST(Additions, ADestroyedMachineDoesNotCount) {
  for (const char* gone : {"destroyed", "destroying"}) {
    Scenario world;
    world.Requests("fra", 60).Add(MakeMachine("fra-1", "fra")).state = gone;
    EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create fra: TrafficAboveThreshold")) << gone;
  }
}

TEST(Additions, AMachineOfAnotherGroupDoesNotCount) {
  Scenario world;
  world.Requests("fra", 60).Add(MakeMachine("fra-1", "fra")).process_group = "worker";
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create fra: TrafficAboveThreshold"));
}

TEST(Additions, AStandbyOrOneOffMachineDoesNotCount) {
  Scenario world;
  world.Requests("fra", 60).Add(MakeMachine("fra-1", "fra")).is_standby = true;
  world.Add(MakeMachine("fra-2", "fra")).is_release_command = true;
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create fra: TrafficAboveThreshold"));
}

TEST(Additions, TrafficOfAClosedRegionPlacesTheNearest) {
  Scenario world;
  EXPECT_THAT(ActionsOf(world.Requests("lhr", 60).Decide()),
              ElementsAre("create ams: TrafficAboveThreshold"));
}

TEST(Additions, TheLastTargetIsPlacedAgainWhilePrometheusIsDown) {
  Scenario world;
  world.PrometheusDown().LastTarget("fra", true);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create fra: TrafficAboveThreshold"));
}

TEST(Additions, ARegionWhoseLastMachineSomebodyElseDestroyedStaysEmpty) {
  Scenario world;
  world.Requests("fra", 30).LastTarget("fra", true);
  world.history.regions["fra"].machines = 1;
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
}

TEST(Additions, AlwaysRunningIsPlacedWithoutTraffic) {
  Scenario world;
  world.policy.regions.always_running = {"iad"};
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create iad: AlwaysRunningMissing"));
}

TEST(Additions, AlwaysRunningIsPlacedOutsideTheAllowedRegions) {
  Scenario world;
  world.policy.regions.always_running = {"nrt"};
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create nrt: AlwaysRunningMissing"));
}

TEST(Additions, AlwaysRunningIsPlacedWhilePrometheusIsDown) {
  Scenario world;
  world.policy.regions.always_running = {"iad"};
  EXPECT_THAT(ActionsOf(world.PrometheusDown().Decide()), ElementsAre("create iad: AlwaysRunningMissing"));
}

TEST(Additions, AlwaysRunningSkipsCooldown) {
  Scenario world;
  world.policy.regions.always_running = {"iad"};
  world.LastAction("iad", Action::kRemove, absl::Seconds(1));
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create iad: AlwaysRunningMissing"));
}

TEST(Additions, AlwaysRunningIsFilledToPerRegionMin) {
  Scenario world;
  world.policy.regions.always_running = {"iad"};
  world.policy.capacity.per_region_min = 2;
  EXPECT_THAT(ActionsOf(world.Machines("iad", 1).Decide()), ElementsAre("create iad: AlwaysRunningMissing"));
}

TEST(Additions, GoByShortAverage) {
  Scenario world;
  world.policy.capacity.total_max = 2;
  world.Requests("ams", 60).Requests("fra", 80).Requests("iad", 70);
  EXPECT_THAT(ActionsOf(world.Decide()),
              ElementsAre("create fra: TrafficAboveThreshold", "create iad: TrafficAboveThreshold"));
}

TEST(Additions, OfEqualTrafficGoByCode) {
  Scenario world;
  world.policy.capacity.total_max = 2;
  world.Requests("iad", 60).Requests("fra", 60).Requests("ams", 60);
  EXPECT_THAT(ActionsOf(world.Decide()),
              ElementsAre("create ams: TrafficAboveThreshold", "create fra: TrafficAboveThreshold"));
}

TEST(Additions, AlwaysRunningComesFirstThenThePrimaryRegion) {
  Scenario world;
  world.policy.regions.always_running = {"nrt"};
  world.seen.primary_region = "iad";
  world.Requests("fra", 90).Requests("iad", 60);
  EXPECT_THAT(ActionsOf(world.Decide()),
              ElementsAre("create nrt: AlwaysRunningMissing", "create iad: TrafficAboveThreshold",
                          "create fra: TrafficAboveThreshold"));
}

TEST(Additions, StopAtTotalMax) {
  Scenario world;
  world.policy.capacity.total_max = 1;
  const ReconcileResult result = world.Machines("fra", 1).Requests("fra", 90).Requests("iad", 90).Decide();
  EXPECT_THAT(ActionsOf(result), IsEmpty());
  EXPECT_EQ(ReasonOf(result, "iad"), "TotalMax");
}

TEST(Additions, CeilingBindsAlwaysRunningToo) {
  Scenario world;
  world.policy.capacity.total_max = 1;
  world.policy.regions.always_running = {"iad"};
  EXPECT_THAT(ActionsOf(world.Machines("fra", 1).Requests("fra", 90).Decide()), IsEmpty());
}

TEST(Additions, CeilingCountsFailedAndUnknownMachines) {
  for (const char* state :
       {"failed", "created", "starting", "stopped", "suspended", "replacing", "stopping"}) {
    Scenario world;
    world.policy.capacity.total_max = 1;
    world.Requests("iad", 90).Add(MakeMachine("fra-1", "fra")).state = state;
    EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty()) << state;
  }
  Scenario world;
  world.policy.capacity.total_max = 1;
  world.Requests("iad", 90).Add(MakeForeignMachine("fra-1", "fra")).process_group = "";
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
}

TEST(Additions, CeilingDoesNotCountMachinesOfAnotherGroup) {
  Scenario world;
  world.policy.capacity.total_max = 1;
  world.Requests("iad", 90).Add(MakeMachine("fra-1", "fra")).process_group = "worker";
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create iad: TrafficAboveThreshold"));
}

TEST(Additions, MachinesThatThisPlanRemovesStillCountToTheCeiling) {
  Scenario world;
  world.policy.capacity.total_max = 2;
  world.policy.regions.excluded = {"nrt"};
  world.Machines("fra", 1).Machines("nrt", 1).Requests("fra", 60).Requests("iad", 60);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove nrt-1: ExcludedRemoved"));
}

TEST(Additions, MaxCreatesPerHourCountsFailures) {
  Scenario world;
  world.policy.capacity.max_creates_per_hour = 3;
  world.Requests("fra", 60).Acted(Action::kDeploy, absl::Minutes(30), 3, true);
  EXPECT_EQ(ReasonOf(world.Decide(), "fra"), "MaxCreatesPerHour");
}

TEST(Additions, MaxCreatesPerHourSlides) {
  Scenario world;
  world.policy.capacity.max_creates_per_hour = 3;
  world.Requests("fra", 60).Acted(Action::kDeploy, absl::Hours(1), 3);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create fra: TrafficAboveThreshold"));
}

TEST(Additions, MaxCreatesPerHourDoesNotCountRemovals) {
  Scenario world;
  world.policy.capacity.max_creates_per_hour = 3;
  world.Requests("fra", 60).Acted(Action::kRemove, absl::Minutes(2), 3);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create fra: TrafficAboveThreshold"));
}

TEST(Additions, MaxActionsCountsMachines) {
  Scenario world;
  world.policy.capacity.per_region_min = 3;
  world.policy.behavior.scale_up.max_actions = 2;
  const ReconcileResult result = world.Requests("fra", 60).Decide();
  EXPECT_EQ(result.plan.actions.size(), 2u);
  EXPECT_TRUE(RegionOf(result, "fra").unfinished);
}

TEST(Additions, MaxActionsCountsEarlierPassesOfItsPeriod) {
  Scenario world;
  world.policy.behavior.scale_up.max_actions = 2;
  world.Requests("fra", 60).Acted(Action::kDeploy, absl::Seconds(59), 2);
  EXPECT_EQ(ReasonOf(world.Decide(), "fra"), "MaxActions");
}

TEST(Additions, MaxActionsSlides) {
  Scenario world;
  world.policy.behavior.scale_up.max_actions = 2;
  world.Requests("fra", 60).Acted(Action::kDeploy, absl::Minutes(1), 2);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create fra: TrafficAboveThreshold"));
}

TEST(Additions, MaxActionsOfOneDirectionLeavesTheOtherAlone) {
  Scenario world;
  world.Requests("fra", 60).Acted(Action::kRemove, absl::Seconds(1), 5);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create fra: TrafficAboveThreshold"));
}

TEST(Additions, WithoutMaxActionsThereIsNoLimit) {
  Scenario world;
  world.policy.behavior.scale_up.max_actions.reset();
  world.policy.capacity.per_region_min = 10;
  EXPECT_EQ(world.Requests("fra", 60).Decide().plan.actions.size(), 10u);
}

TEST(Additions, StandBeforeRemovalsWhichDependOnThem) {
  Scenario world;
  world.Requests("fra", 60).Machines("ams", 1).Machines("iad", 1).Requests("iad", 30);
  const ReconcileResult result = world.Decide();
  EXPECT_THAT(ActionsOf(result),
              ElementsAre("create fra: TrafficAboveThreshold", "remove ams-1: TrafficBelowThreshold"));
  EXPECT_TRUE(result.plan.actions[1].needs_additions);
}

TEST(Additions, RemovalsOfAPlanWithoutAdditionsDependOnNothing) {
  Scenario world;
  world.Requests("fra", 60).Machines("fra", 1).Machines("ams", 1);
  EXPECT_FALSE(world.Decide().plan.actions.at(0).needs_additions);
}

TEST(Additions, NothingIsDecidedWhileThePolicyIsPaused) {
  Scenario world;
  world.policy.mode = Mode::kPaused;
  const ReconcileResult result = world.Requests("fra", 60).Machines("ams", 1).Decide();
  EXPECT_THAT(ActionsOf(result), IsEmpty());
  EXPECT_EQ(result.history.decided_point, absl::InfinitePast());
}

TEST(Additions, NothingIsDecidedBeforeTheMachinesAreKnown) {
  Scenario world;
  world.seen.machines_known = false;
  EXPECT_THAT(ActionsOf(world.Requests("fra", 60).Decide()), IsEmpty());
}

TEST(Additions, NothingIsDecidedOnAnOldMachineList) {
  Scenario world;
  world.seen.machines_error = absl::UnavailableError("timeout");
  EXPECT_THAT(ActionsOf(world.Requests("fra", 60).Machines("ams", 2).Decide()), IsEmpty());
}

TEST(Additions, OwnProcessGroupIsNeverTouched) {
  Scenario world;
  world.seen.self = {.machine_id = "fra-1", .process_group = "app"};
  world.policy.adopt = Adopt::kAll;
  world.policy.regions = {.excluded = {"fra"}, .always_running = {"iad"}};
  EXPECT_THAT(ActionsOf(world.Machines("fra", 3).Machines("ams", 3).Decide()), IsEmpty());
}

TEST(Additions, AnotherProcessGroupThanOursIsSteered) {
  Scenario world;
  world.seen.self = {.machine_id = "self", .process_group = "autoplacer"};
  EXPECT_THAT(ActionsOf(world.Requests("fra", 60).Decide()),
              ElementsAre("create fra: TrafficAboveThreshold"));
}

TEST(Additions, FailingObservationsDelayTheNextPassUpToAMinute) {
  Scenario world;
  EXPECT_EQ(world.Decide().requeue_after, absl::Seconds(15));
  world.failures = 1;
  EXPECT_EQ(world.Decide().requeue_after, absl::Seconds(30));
  world.failures = 1000;
  EXPECT_EQ(world.Decide().requeue_after, absl::Minutes(1));
}

}  // namespace
}  // namespace placer
