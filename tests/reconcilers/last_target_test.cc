#include "reconcilers/placement/last_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/placement/intents.h"
#include "reconcilers/placement/region_state.h"
#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

History HistoryAfter(const Scenario& world) {
  const ReconcileInput input = world.Input();
  const DemandTable demand =
      MakeDemand(world.policy, world.seen.traffic, *world.seen.platform, ListRegions(input));
  return ComputeLastTargets(input, demand, AssessNewest(world.policy.threshold, demand));
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

// fra was placed, then left, then placed again within the long window; short windows and no stabilization, so
// that each turn is seen at once.
Scenario Flipping() {
  Scenario world;
  world.policy.threshold.short_window = 2;
  world.policy.threshold.long_window = 4;
  world.policy.threshold.alpha_long = 0.9;
  world.policy.behavior.scale_down.stabilization_window = absl::ZeroDuration();
  world.Requests("fra", Level(100)).LastTarget("fra", true);
  for (int point : {56, 57}) world.seen.traffic.regions["fra"][point] = 0.0;
  world.history.decided_point = world.seen.traffic.end - absl::Minutes(10);
  return world;
}

// Minutes before the newest data point.
std::vector<int> FlipsOf(const Scenario& world, const std::string& region) {
  std::vector<int> minutes;
  const History history = HistoryAfter(world);
  for (const absl::Time flip : history.regions.at(region).flips) {
    minutes.push_back(static_cast<int>(absl::ToInt64Minutes(world.seen.traffic.end - flip)));
  }
  return minutes;
}

TEST(Flips, EachTurnIsNotedAtItsDataPoint) {
  EXPECT_THAT(FlipsOf(Flipping(), "fra"), ElementsAre(2, 0));
}

TEST(Flips, CatchingUpAtOnceOrPointByPointIsTheSame) {
  const Scenario at_once = Flipping();
  Scenario stepwise = at_once;
  for (int back = 9; back >= 0; --back) {
    stepwise.seen.traffic = MakeSilence(60 - back);
    stepwise.seen.traffic.end -= absl::Minutes(back);
    auto values = at_once.seen.traffic.regions.at("fra");
    values.resize(60 - back);
    stepwise.Requests("fra", values);
    stepwise.history = HistoryAfter(stepwise);
  }
  EXPECT_EQ(stepwise.history.regions["fra"].flips, HistoryAfter(at_once).regions["fra"].flips);
}

TEST(Flips, APassWithoutANewPointAddsNone) {
  Scenario world = Flipping();
  world.history = HistoryAfter(world);
  EXPECT_THAT(FlipsOf(world, "fra"), ElementsAre(2, 0));
}

TEST(Flips, AreForgottenBehindTheLongWindow) {
  Scenario world;
  world.Requests("fra", 30).LastTarget("fra", true);
  for (int ago : {21, 20, 19, 0}) world.history.regions["fra"].flips.push_back(Noon() - absl::Minutes(ago));
  EXPECT_THAT(FlipsOf(world, "fra"), ElementsAre(19, 0));
}

TEST(Flips, FromTheFutureAreForgotten) {
  Scenario world;
  world.Requests("fra", 30).LastTarget("fra", true).history.regions["fra"].flips = {Noon() +
                                                                                    absl::Minutes(1)};
  EXPECT_THAT(FlipsOf(world, "fra"), IsEmpty());
}

TEST(Flips, TheFirstTargetOfARegionIsNone) {
  EXPECT_THAT(FlipsOf(Scenario().Requests("fra", 60), "fra"), IsEmpty());
}

TEST(Flips, PolicyThatClosesARegionLeavesNone) {
  Scenario world = Flipping();
  world.history = HistoryAfter(world);
  world.policy.regions = {.excluded = {"fra"}};
  EXPECT_THAT(FlipsOf(world, "fra"), IsEmpty());
}

TEST(LastTarget, TrafficThatCollapsedTakesNothingAway) {
  Scenario world;
  for (const char* region : {"fra", "ams", "iad"})
    world.Requests(region, Step(9, 0, 4)).LastTarget(region, true);
  EXPECT_THAT(TargetOf(world, "fra"), Optional(true));
  world.seen.traffic.instance_up[59] = false;
  EXPECT_THAT(TargetOf(world, "fra"), Optional(false));
}

TEST(LastTarget, ZerosThatTheMachinesContradictTakeNothingAway) {
  Scenario everywhere;
  everywhere.Requests("fra", Step(30, 0, 30)).LastTarget("fra", true).seen.traffic.served["fra"] = Level(30);
  EXPECT_THAT(TargetOf(everywhere, "fra"), Optional(true));
  Scenario here = everywhere;
  EXPECT_THAT(TargetOf(here.Requests("iad", 30), "fra"), Optional(true));
  here.seen.traffic.served.clear();
  EXPECT_THAT(TargetOf(here, "fra"), Optional(false));
}

TEST(LastTarget, OutlivesAnEnterOfOursThatFails) {
  Scenario world;
  world.Requests("iad", 30).LastTarget("iad", true);
  IntentStep step =
      BeginIntent({.kind = PlannedAction::Kind::kCreate, .region = "iad", .machine_name = "ap-iad-1"},
                  world.now, world.history);
  RecordOutcome({.step = step, .machine_id = "iad-1", .now = world.now}, world.history);
  world.Machines("iad", 1);
  world.history = HistoryAfter(world);
  EXPECT_EQ(world.history.regions["iad"].machines, 1);
  step = {.intent_id = step.intent_id, .next = Intent::Phase::kDestroying, .failed = true, .why = "critical"};
  RecordOutcome({.step = step, .now = world.now}, world.history);
  world.history = HistoryAfter(world);
  EXPECT_THAT(world.history.regions["iad"].placed, Optional(true));
  world.seen.machines.clear();
  step = {.intent_id = step.intent_id, .call = IntentStep::Call::kDestroy};
  RecordOutcome({.step = step, .now = world.now}, world.history);
  EXPECT_THAT(TargetOf(world, "iad"), Optional(true));
}

TEST(LastTarget, OneAnswerOfThePlatformTakesNothingAway) {
  Scenario world;
  world.policy.regions.allowed.clear();
  world.Requests("fra", 30).LastTarget("fra", true);
  Platform& platform = world.EditPlatform();
  platform.regions.erase("fra");
  platform.from_platform = true;
  EXPECT_THAT(TargetOf(world, "fra"), Optional(true));
  world.EditPlatform().confirmed = true;
  EXPECT_THAT(TargetOf(world, "fra"), Optional(false));
}

}  // namespace
}  // namespace placer
