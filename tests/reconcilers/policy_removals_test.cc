// Removals that the policy asks for: closed regions and lowered ceilings. They need no traffic evidence, no
// cooldown and no stabilization; floors and maxActions still bind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// nrt is excluded and has a machine; so has fra, which is busy.
Scenario ExcludedNrt() {
  Scenario world;
  world.policy.regions.excluded = {"nrt"};
  world.Requests("fra", 60).Machines("fra", 1).Machines("nrt", 1);
  return world;
}

TEST(PolicyRemovals, ExcludingARegionRemovesItsMachines) {
  EXPECT_THAT(ActionsOf(ExcludedNrt().Decide()), ElementsAre("remove nrt-1: ExcludedRemoved"));
}

TEST(PolicyRemovals, ARegionThatIsNotAllowedIsLeft) {
  Scenario world = ExcludedNrt();
  world.policy.regions.excluded.clear();
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove nrt-1: NotAllowedRemoved"));
}

TEST(PolicyRemovals, ExcludingARegionWorksWhilePrometheusIsDown) {
  EXPECT_THAT(ActionsOf(ExcludedNrt().PrometheusDown().Decide()),
              ElementsAre("remove nrt-1: ExcludedRemoved"));
}

TEST(PolicyRemovals, ExcludingARegionWorksBeforeTheFirstTraffic) {
  Scenario world = ExcludedNrt();
  world.seen.traffic = Traffic();
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove nrt-1: ExcludedRemoved"));
}

TEST(PolicyRemovals, ExcludingARegionWorksHoweverBusyItIs) {
  Scenario world = ExcludedNrt();
  EXPECT_THAT(ActionsOf(world.Requests("nrt", 1000).LastTarget("nrt", true).Decide()),
              testing::Contains("remove nrt-1: ExcludedRemoved"));
}

TEST(PolicyRemovals, SkipTheCooldown) {
  EXPECT_THAT(ActionsOf(ExcludedNrt().LastAction("nrt", Action::kDeploy, absl::Seconds(1)).Decide()),
              ElementsAre("remove nrt-1: ExcludedRemoved"));
}

TEST(PolicyRemovals, ObeyMaxActions) {
  const ReconcileResult result = ExcludedNrt().Acted(Action::kRemove, absl::Seconds(30)).Decide();
  EXPECT_THAT(ActionsOf(result), IsEmpty());
  EXPECT_EQ(ReasonOf(result, "nrt"), "MaxActions");
}

TEST(PolicyRemovals, ObeyTotalMin) {
  Scenario world = ExcludedNrt();
  world.policy.capacity.total_min = 2;
  world.policy.capacity.total_max = 2;
  const ReconcileResult result = world.Decide();
  EXPECT_THAT(ActionsOf(result), IsEmpty());
  EXPECT_EQ(ReasonOf(result, "nrt"), "TotalMin");
}

TEST(PolicyRemovals, LeaveForeignMachinesAlone) {
  Scenario world = ExcludedNrt();
  world.seen.machines[1].metadata.clear();
  const ReconcileResult result = world.Decide();
  EXPECT_THAT(ActionsOf(result), IsEmpty());
  EXPECT_EQ(ReasonOf(result, "nrt"), "NotOurMachines");
}

TEST(PolicyRemovals, PrimaryRegionStaysUnlessExcludedByName) {
  Scenario world = ExcludedNrt();
  world.seen.primary_region = "nrt";
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove nrt-1: ExcludedRemoved"));
  world.policy.regions.excluded.clear();  // merely not allowed
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
  EXPECT_EQ(ReasonOf(world.Decide(), "nrt"), "PrimaryRegion");
}

// The only machine is in an excluded region.
Scenario OnlyNrt() {
  Scenario world;
  world.policy.regions = {.allowed = {"fra", "sin", "iad"}, .excluded = {"nrt"}};
  world.Machines("nrt", 1);
  return world;
}

TEST(PolicyRemovals, ExcludedLastMachineIsReplacedByTheNearestFirst) {
  EXPECT_THAT(ActionsOf(OnlyNrt().Decide()), ElementsAre("create sin: ReplacesExcluded"));
}

TEST(PolicyRemovals, TheReplacementNeedsNoEvidence) {
  EXPECT_THAT(ActionsOf(OnlyNrt().PrometheusDown().Decide()), ElementsAre("create sin: ReplacesExcluded"));
}

TEST(PolicyRemovals, TheReplacementMayBeARegionThatNothingElseNames) {
  Scenario world = OnlyNrt();
  world.policy.regions.allowed.clear();
  world.seen.traffic = Traffic();
  const ReconcileResult result = world.Decide();
  ASSERT_THAT(result.plan.actions, testing::SizeIs(1));
  EXPECT_EQ(result.plan.actions[0].reason, Reason::kReplacesExcluded);
  const std::optional<double> chosen =
      ComputeRttMs(*world.seen.platform, "nrt", result.plan.actions[0].region);
  for (const auto& [code, region] : world.seen.platform->regions) {
    if (region.deprecated || code == "nrt") continue;
    EXPECT_LE(*chosen, *ComputeRttMs(*world.seen.platform, "nrt", code)) << code;
  }
}

TEST(PolicyRemovals, ALostMachineIsNoReplacement) {
  Scenario world = OnlyNrt();
  world.policy.regions.allowed.clear();
  world.policy.capacity.total_min = 2;
  world.seen.traffic = Traffic();
  world.Machines("ams", 1).LastTarget("fra", false).Add(MakeMachine("fra-1", "fra")).state = "failed";
  const ReconcileResult result = world.Decide();
  ASSERT_THAT(result.plan.actions, testing::SizeIs(1));
  EXPECT_EQ(result.plan.actions[0].reason, Reason::kReplacesExcluded);
}

TEST(PolicyRemovals, OnceSomeoneElseServesNoReplacementIsLookedFor) {
  Scenario world = OnlyNrt();
  world.policy.regions.allowed.clear();
  world.Machines("iad", 1);
  const ReconcileResult result = world.Decide();
  EXPECT_THAT(ActionsOf(result), ElementsAre("remove nrt-1: ExcludedRemoved"));
  EXPECT_EQ(result.decision.regions.size(), 2u);
}

TEST(PolicyRemovals, NeitherTheEmbeddedTableNorOneAnswerOfThePlatformClosesARegion) {
  for (const char* code : {"zzz", "mad"}) {  // unknown to the table, and retired in it
    Scenario world = ExcludedNrt();
    world.policy.regions = {};
    world.Machines(code, 1).Requests("nrt", 60);
    EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty()) << code;
    EXPECT_EQ(RegionOf(world.Decide(), code).message, "Region is not an active region of the platform");
    world.EditPlatform().from_platform = true;
    EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty()) << code;
    world.EditPlatform().confirmed = true;
    EXPECT_THAT(ActionsOf(world.Decide()),
                ElementsAre(absl::StrCat("remove ", code, "-1: NotAllowedRemoved")));
  }
}

TEST(PolicyRemovals, TheReplacementIsAwaited) {
  for (const char* state : {"created", "starting"}) {
    Scenario world = OnlyNrt();
    world.Add(MakeMachine("sin-1", "sin")).state = state;
    const ReconcileResult result = world.Decide();
    EXPECT_THAT(ActionsOf(result), IsEmpty()) << state;
    EXPECT_EQ(ReasonOf(result, "nrt"), "LastHealthyMachine") << state;
  }
}

TEST(PolicyRemovals, AReplacementWhoseChecksDoNotPassYetIsAwaited) {
  Scenario world = OnlyNrt();
  world.Add(MakeMachine("sin-1", "sin")).checks = {{.name = "http", .status = "critical"}};
  EXPECT_THAT(ActionsOf(world.LastAction("sin", Action::kDeploy, absl::Seconds(59)).Decide()), IsEmpty());
}

TEST(PolicyRemovals, AReplacementThatStaysUnhealthyForItsCooldownIsReplacedItself) {
  Scenario world = OnlyNrt();
  world.Add(MakeMachine("sin-1", "sin")).checks = {{.name = "http", .status = "critical"}};
  EXPECT_THAT(ActionsOf(world.LastAction("sin", Action::kDeploy, absl::Minutes(1)).Decide()),
              ElementsAre("create fra: ReplacesExcluded"));
}

TEST(PolicyRemovals, TheExcludedMachineGoesOnceTheReplacementIsHealthy) {
  EXPECT_THAT(ActionsOf(OnlyNrt().Machines("sin", 1).Decide()), ElementsAre("remove nrt-1: ExcludedRemoved"));
}

TEST(PolicyRemovals, AnAdditionThatComesAnywayIsTheReplacement) {
  EXPECT_THAT(ActionsOf(OnlyNrt().Requests("iad", 60).Decide()),
              ElementsAre("create iad: TrafficAboveThreshold"));
}

TEST(PolicyRemovals, ACeilingStopsTheReplacement) {
  Scenario world = OnlyNrt();
  world.policy.capacity.total_max = 1;
  const ReconcileResult result = world.Decide();
  EXPECT_THAT(ActionsOf(result), IsEmpty());
  EXPECT_EQ(ReasonOf(result, "sin"), "TotalMax");
  EXPECT_EQ(RegionOf(result, "sin").wanted, Action::kDeploy);
}

TEST(PolicyRemovals, LoweringPerRegionMaxRemovesTheRest) {
  Scenario world;
  world.policy.capacity.per_region_max = 2;
  world.policy.behavior.scale_down.max_actions.reset();
  EXPECT_THAT(ActionsOf(world.PrometheusDown().Machines("fra", 4).Decide()),
              ElementsAre("remove fra-4: AbovePerRegionMax", "remove fra-3: AbovePerRegionMax"));
}

TEST(PolicyRemovals, PerRegionMaxSaysWhenTheMachinesAreNotOurs) {
  Scenario world;
  world.policy.capacity.per_region_max = 1;
  for (const char* id : {"fra-1", "fra-2"}) world.Add(MakeForeignMachine(id, "fra"));
  EXPECT_EQ(ReasonOf(world.Requests("fra", 60).Decide(), "fra"), "NotOurMachines");
}

TEST(PolicyRemovals, AlwaysRunningAndPrimaryRegionsAreClampedToo) {
  Scenario world;
  world.policy.capacity.per_region_max = 1;
  world.policy.regions.always_running = {"fra"};
  world.seen.primary_region = "fra";
  EXPECT_THAT(ActionsOf(world.Machines("fra", 2).Decide()), ElementsAre("remove fra-2: AbovePerRegionMax"));
}

TEST(PolicyRemovals, LoweringTotalMaxTakesFromTheBottomOfTheRank) {
  Scenario world;
  world.policy.capacity.total_max = 2;
  world.policy.behavior.scale_down.max_actions.reset();
  world.Machines("ams", 1).Machines("fra", 1).Machines("iad", 1).Machines("nrt", 1);
  world.policy.regions.allowed.push_back("nrt");
  world.Requests("ams", 40).Requests("fra", 20).Requests("iad", 30).Requests("nrt", 60);
  EXPECT_THAT(ActionsOf(world.Decide()),
              ElementsAre("remove fra-1: AboveTotalMax", "remove iad-1: AboveTotalMax"));
}

TEST(PolicyRemovals, LoweringTotalMaxWorksWhilePrometheusIsDown) {
  Scenario world;
  world.policy.capacity.total_max = 1;
  EXPECT_THAT(ActionsOf(world.PrometheusDown().Machines("ams", 1).Machines("fra", 1).Decide()),
              ElementsAre("remove fra-1: AboveTotalMax"));
}

TEST(PolicyRemovals, TotalMaxEmptiesNeitherAlwaysRunningNorPrimaryRegions) {
  Scenario world;
  world.policy.capacity.total_max = 1;
  world.policy.behavior.scale_down.max_actions.reset();
  world.policy.regions.always_running = {"fra"};
  world.seen.primary_region = "iad";
  world.Machines("ams", 1).Machines("fra", 1).Machines("iad", 1).Requests("ams", 1000);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: AboveTotalMax"));
}

TEST(PolicyRemovals, MachinesOfUnknownGroupCountButStay) {
  Scenario world;
  world.policy.capacity.total_max = 2;
  world.Requests("fra", 60).Requests("ams", 30).Machines("ams", 1).Machines("fra", 1);
  world.Add(MakeMachine("iad-1", "iad")).process_group = "";
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: AboveTotalMax"));
}

TEST(PolicyRemovals, MaxActionsHoldsOnlyTheRegionsThatWouldGo) {
  Scenario world;
  world.policy.capacity.total_max = 2;
  world.Machines("ams", 1).Machines("fra", 1).Machines("iad", 1);
  world.Requests("ams", 60).Requests("fra", 30).Requests("iad", 60).Acted(Action::kRemove, absl::Seconds(1));
  const ReconcileResult result = world.Decide();
  EXPECT_EQ(ReasonOf(result, "fra"), "MaxActions");
  EXPECT_EQ(ReasonOf(result, "iad"), "AlreadyDeployed");
  EXPECT_EQ(ReasonOf(result, "ams"), "AlreadyDeployed");
}

}  // namespace
}  // namespace placer
