#include "reconcilers/placement/last_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/placement/region_state.h"
#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using testing::Eq;
using testing::Optional;

History HistoryAfter(const Scenario& world) {
  const ReconcileInput input = world.Input();
  const DemandTable demand =
      MakeDemand(world.policy, world.seen.traffic, world.seen.platform, ListRegions(input));
  return UpdateLastTargets(input, demand, AssessNewest(world.policy.threshold, demand));
}

std::optional<bool> TargetOf(const Scenario& world, const std::string& region) {
  return HistoryAfter(world).regions[region].placed;
}

// Traffic placed fra for three points, `points` ago; then 30 points without a clear answer.
Scenario PlacedInThePast(int points) {
  Scenario world;
  world.Requests("fra", 30);
  for (int i = 0; i < 5; ++i) world.seen.traffic.regions["fra"][59 - points - i] = 70.0;
  return world;
}

TEST(LastTarget, FollowsAClearAnswerAtTheNewestPoint) {
  Scenario world;
  EXPECT_THAT(TargetOf(world.Requests("fra", 60).LastTarget("fra", false), "fra"), Optional(true));
  EXPECT_THAT(TargetOf(world.Requests("fra", 0).LastTarget("fra", true), "fra"), Optional(false));
}

TEST(LastTarget, KeepRetainsIt) {
  Scenario world;
  world.Requests("fra", 30);
  EXPECT_THAT(TargetOf(world.LastTarget("fra", true), "fra"), Optional(true));
  EXPECT_THAT(TargetOf(world.LastTarget("fra", false), "fra"), Optional(false));
}

TEST(LastTarget, WithoutAClearAnswerThereIsNone) {
  Scenario world;
  EXPECT_EQ(TargetOf(world.Requests("fra", 30), "fra"), std::nullopt);
}

TEST(LastTarget, AfterAGapEveryPointIsCaughtUp) {
  Scenario world = PlacedInThePast(10);
  world.history.decided_point = world.seen.traffic.end - absl::Minutes(11);
  EXPECT_THAT(TargetOf(world.LastTarget("fra", false), "fra"), Optional(true));
}

TEST(LastTarget, APointIsTakenUpOnce) {
  Scenario world = PlacedInThePast(10);
  world.history.decided_point = world.seen.traffic.end - absl::Minutes(5);
  EXPECT_THAT(TargetOf(world.LastTarget("fra", false), "fra"), Optional(false));
}

TEST(LastTarget, WhereNothingWasEverDecidedOnlyTheNewestPointCounts) {
  EXPECT_EQ(TargetOf(PlacedInThePast(10), "fra"), std::nullopt);
}

TEST(LastTarget, OfSeveralClearAnswersTheNewestWins) {
  Scenario world;
  world.Requests("fra", Step(60, 0, 25));
  world.history.decided_point = world.seen.traffic.end - absl::Minutes(40);
  EXPECT_THAT(TargetOf(world, "fra"), Optional(false));
}

TEST(LastTarget, APassWithoutANewPointChangesNothing) {
  Scenario world;
  world.Requests("fra", 60).AllPointsDecided().LastTarget("fra", false);
  EXPECT_THAT(TargetOf(world, "fra"), Optional(false));
}

TEST(LastTarget, AClockThatWentBackFreezesNothing) {
  Scenario world;
  world.Requests("fra", 60).LastTarget("fra", false);
  world.history.decided_point = world.seen.traffic.end + absl::Hours(24);
  EXPECT_THAT(TargetOf(world, "fra"), Optional(true));
  EXPECT_EQ(HistoryAfter(world).decided_point, world.seen.traffic.end);
}

TEST(LastTarget, CatchingUpAtOnceOrPointByPointIsTheSame) {
  for (int past = 0; past < 25; ++past) {
    Scenario at_once = PlacedInThePast(past);
    at_once.LastTarget("fra", false);
    at_once.history.decided_point = at_once.seen.traffic.end - absl::Minutes(20);
    Scenario stepwise = at_once;
    for (int back = 19; back >= 0; --back) {
      stepwise.seen.traffic = MakeSilence(60 - back);
      stepwise.seen.traffic.end -= absl::Minutes(back);
      auto values = at_once.seen.traffic.regions["fra"];
      values.resize(60 - back);
      stepwise.Requests("fra", values);
      stepwise.history = HistoryAfter(stepwise);
    }
    EXPECT_EQ(stepwise.history.regions["fra"].placed, TargetOf(at_once, "fra")) << past;
  }
}

TEST(LastTarget, TheDecidedPointMovesWithTheAnswer) {
  Scenario world;
  EXPECT_EQ(HistoryAfter(world).decided_point, world.seen.traffic.end);
}

TEST(LastTarget, AFailedQueryDecidesNoPoint) {
  Scenario world;
  world.PrometheusDown().Requests("fra", 60);
  EXPECT_EQ(HistoryAfter(world).decided_point, absl::InfinitePast());
  EXPECT_EQ(TargetOf(world, "fra"), std::nullopt);
}

TEST(LastTarget, ARegionClosedByPolicyIsNotPlaced) {
  Scenario world;
  world.policy.regions = {.excluded = {"fra"}};
  EXPECT_THAT(TargetOf(world.Requests("fra", 60).LastTarget("fra", true), "fra"), Optional(false));
}

TEST(LastTarget, APartialAnswerNeverTakesAway) {
  Scenario world;
  world.seen.traffic.partial_answer = true;
  EXPECT_THAT(TargetOf(world.Requests("fra", 0).LastTarget("fra", true), "fra"), Optional(true));
}

TEST(LastTarget, APartialAnswerMayPlace) {
  Scenario world;
  world.seen.traffic.partial_answer = true;
  EXPECT_THAT(TargetOf(world.Requests("fra", 60).LastTarget("fra", false), "fra"), Optional(true));
}

TEST(LastTarget, IsClearedWhenSomebodyElseDestroysTheLastMachine) {
  Scenario world;
  world.Requests("fra", 30).LastTarget("fra", true);
  world.history.regions["fra"].machines = 1;
  EXPECT_EQ(TargetOf(world, "fra"), std::nullopt);
}

TEST(LastTarget, StaysWhileAMachineIsLeft) {
  Scenario world;
  world.Requests("fra", 30).LastTarget("fra", true).Machines("fra", 1);
  world.history.regions["fra"].machines = 2;
  EXPECT_THAT(TargetOf(world, "fra"), Optional(true));
}

TEST(LastTarget, AFailedMachineListClearsNothing) {
  Scenario world;
  world.Requests("fra", 30).LastTarget("fra", true);
  world.history.regions["fra"].machines = 1;
  world.seen.machines_error = absl::UnavailableError("timeout");
  EXPECT_THAT(TargetOf(world, "fra"), Optional(true));
}

TEST(LastTarget, ARegionThatNeverHadAMachineKeepsItsTarget) {
  Scenario world;
  world.Requests("fra", 30).LastTarget("fra", true);
  EXPECT_THAT(TargetOf(world, "fra"), Optional(true));
}

TEST(LastTarget, RemembersTheMachinesOfTheGroupOnly) {
  Scenario world;
  world.Machines("fra", 2);
  world.Add(MakeMachine("fra-3", "fra")).process_group = "worker";
  EXPECT_EQ(HistoryAfter(world).regions["fra"].machines, 2);
}

TEST(LastTarget, UpwardStabilizationHoldsItBackToo) {
  Scenario world;
  world.policy.behavior.scale_up.stabilization_window = absl::Minutes(10);
  EXPECT_EQ(TargetOf(world.Requests("fra", Step(0, 60, 6)), "fra"), std::nullopt);
}

}  // namespace
}  // namespace placer
