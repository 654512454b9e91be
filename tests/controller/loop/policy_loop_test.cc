// One policy's loop, seen through the Controller, in virtual time: when it runs, what it stores and says.
#include "controller/policy_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/loop/loop_fixture.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PolicyLoopTest : public LoopFixture {};

TEST_F(PolicyLoopTest, TheFirstPassRunsAtOnce) {
  Apply({MakePolicy()});
  EXPECT_THAT(Passes(), ElementsAre(absl::ZeroDuration()));
}

TEST_F(PolicyLoopTest, PassesFollowEachOtherAnIntervalApartAndNeverMore) {
  Apply({MakePolicy()});
  run_.RunFor(absl::Minutes(10));
  const std::vector<absl::Duration> passes = Passes();
  ASSERT_GE(passes.size(), 40u);
  for (std::size_t i = 1; i < passes.size(); ++i) {
    EXPECT_LE(passes[i] - passes[i - 1], absl::Seconds(15));
    EXPECT_GE(passes[i] - passes[i - 1], absl::Seconds(15) * 0.9);
  }
}

TEST_F(PolicyLoopTest, TheStatusNamesTheTimeOfTheNextPass) {
  Apply({MakePolicy()});
  const absl::Time next = run_.StatusOf().next_reconcile;
  run_.RunUntil(next - absl::Nanoseconds(1));
  EXPECT_THAT(Passes(), SizeIs(1));
  run_.RunUntil(next);
  EXPECT_THAT(Passes(), SizeIs(2));
}

TEST_F(PolicyLoopTest, ActionsChangeTheShadowThatTheNextPassSees) {
  PlanOnce({Create("ams"), RemoveMachine("fra", "m1")});
  Apply({MakePolicy()});
  run_.RunFor(absl::Seconds(15));
  const Observation& seen = reconciler_.questions().at(1).seen;
  ASSERT_THAT(seen.machines, SizeIs(1));
  EXPECT_EQ(seen.machines[0].region, "ams");
}

TEST_F(PolicyLoopTest, ActionsAreInTheHistoryThatTheNextPassGets) {
  PlanOnce({Create("ams")});
  Apply({MakePolicy()});
  run_.RunFor(absl::Seconds(15));
  const History& history = reconciler_.questions().at(1).history;
  ASSERT_THAT(history.actions, SizeIs(1));
  EXPECT_EQ(history.actions[0].region, "ams");
  EXPECT_EQ(history.actions[0].time, VirtualStart());
  EXPECT_EQ(history.regions.at("ams").last_action->action, Action::kDeploy);
  EXPECT_EQ(history.regions.at("ams").machines, 1);
}

TEST_F(PolicyLoopTest, TheHistoryCountsTheMachinesThatOurOwnActionsLeave) {
  reconciler_.plan = [](const ReconcileInput& input) -> std::vector<PlannedAction> {
    if (input.history.actions.empty()) return {Create("ams"), Create("ams")};
    if (input.history.actions.size() == 2)
      return {RemoveMachine("ams", "shadow-1"), RemoveMachine("ams", "shadow-2")};
    return {};
  };
  Apply({MakePolicy()});
  run_.RunFor(absl::Seconds(40));
  EXPECT_EQ(reconciler_.questions()[1].history.regions.at("ams").machines, 2);
  EXPECT_EQ(reconciler_.questions()[2].history.regions.at("ams").machines, 0);
}

TEST_F(PolicyLoopTest, AMachineThatWasNotCountedIsNotTakenFromTheCount) {
  PlanOnce({RemoveMachine("fra", "m1")});
  Apply({MakePolicy()});
  run_.RunFor(absl::Seconds(15));
  EXPECT_EQ(reconciler_.questions().back().history.regions.at("fra").machines, 0);
}

TEST_F(PolicyLoopTest, AnActionThatALaterPassGoesOnWithIsNotComplete) {
  PlannedAction part = Create("ams");
  part.more_to_come = true;
  PlanOnce({part, Create("lhr")});
  Apply({MakePolicy()});
  run_.RunFor(absl::Seconds(15));
  const History& history = reconciler_.questions().back().history;
  EXPECT_FALSE(history.regions.at("ams").last_action->complete);
  EXPECT_TRUE(history.regions.at("lhr").last_action->complete);
}

TEST_F(PolicyLoopTest, ActionsThatNoWindowReachesAreDropped) {
  PlanOnce({Create("ams")});
  Apply({MakePolicy()});
  run_.RunFor(absl::Hours(1) - absl::Minutes(1));
  EXPECT_THAT(reconciler_.questions().back().history.actions, SizeIs(1));
  run_.RunFor(absl::Minutes(2));
  EXPECT_THAT(reconciler_.questions().back().history.actions, IsEmpty());
}

TEST_F(PolicyLoopTest, OnlyALeaveThatWasUndoneIsKeptForAsLongAsTheCooldown) {
  PolicyState stored;
  stored.history.actions = {
      {VirtualStart(), Action::kDeploy, "lhr", /*failed=*/false},
      {VirtualStart(), Action::kRemove, "ams", /*failed=*/true},
      {VirtualStart() + absl::Hours(2), Action::kRemove, "fra", /*failed=*/true},  // by a wrong clock
  };
  ASSERT_TRUE(run_.time().Await(run_.store().Save("web", Mode::kDryRun, stored)).ok());
  PlacementPolicy policy = MakePolicy();
  policy.behavior.scale_down.cooldown = absl::Hours(3);
  Apply({policy});
  run_.RunFor(absl::Hours(1) + absl::Minutes(1));
  const std::vector<ActionRecord>& kept = reconciler_.questions().back().history.actions;
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(kept[0].region, "ams");
  run_.RunFor(absl::Hours(2));
  EXPECT_THAT(reconciler_.questions().back().history.actions, IsEmpty());
}

TEST_F(PolicyLoopTest, RecentActionsComeNewestFirst) {
  PlanOnce({Create("ams"), RemoveMachine("fra", "m1")});
  Apply({MakePolicy()});
  const std::vector<RecentAction> recent = run_.StatusOf().recent_actions;
  ASSERT_THAT(recent, SizeIs(2));
  EXPECT_EQ(recent[0].region, "fra");
  EXPECT_EQ(recent[0].action, Action::kRemove);
  EXPECT_EQ(recent[1].region, "ams");
  EXPECT_EQ(recent[1].action, Action::kDeploy);
}

TEST_F(PolicyLoopTest, RecentActionsAreAtMostFifty) {
  reconciler_.plan = [](const ReconcileInput&) { return std::vector<PlannedAction>{Create("ams")}; };
  Apply({MakePolicy()});
  run_.RunFor(absl::Minutes(15));
  EXPECT_GT(run_.StatusOf().passes, 50);
  EXPECT_THAT(run_.StatusOf().recent_actions, SizeIs(50));
}

TEST_F(PolicyLoopTest, EachActionIsAnEvent) {
  PlanOnce({Create("ams"), RemoveMachine("fra", "m1")});
  Apply({MakePolicy()});
  EXPECT_TRUE(HasEvent("MachineCreated", "ams"));
  EXPECT_TRUE(HasEvent("MachineRemoved", "fra"));
}

TEST_F(PolicyLoopTest, ADryRunWritesNothingWhateverItPlans) {
  PlanOnce({Create("ams"), RemoveMachine("fra", "m1")});
  Apply({MakePolicy()});
  run_.RunFor(absl::Minutes(1));
  EXPECT_EQ(CountEvents("MachineCreated"), 1);
  EXPECT_THAT(machines_.calls, IsEmpty());
}

TEST_F(PolicyLoopTest, TheStatusShowsRealShadowAndTargetPlacement) {
  PlanOnce({Create("ams")});
  Apply({MakePolicy()});
  const PolicyStatus status = run_.StatusOf();
  EXPECT_THAT(status.observed, ElementsAre(std::pair("fra", 1)));
  EXPECT_THAT(status.shadow, ElementsAre(std::pair("ams", 1), std::pair("fra", 1)));
  EXPECT_EQ(status.target, status.shadow);
}

TEST_F(PolicyLoopTest, ALostConnectionToPrometheusIsDegradedSaidOnceAndRecovers) {
  Apply({MakePolicy()});
  EXPECT_EQ(run_.StatusOf().phase, "Running");
  traffic_.error = absl::UnavailableError("503");
  run_.RunFor(absl::Minutes(10));
  EXPECT_EQ(run_.StatusOf().phase, "Degraded");
  EXPECT_FALSE(run_.ConditionOf("TrafficObserved")->status);
  EXPECT_EQ(CountEvents("TrafficObservedMissing"), 1);
  traffic_.error = absl::OkStatus();
  run_.RunFor(absl::Minutes(2));
  EXPECT_EQ(run_.StatusOf().phase, "Running");
  EXPECT_EQ(CountEvents("TrafficObservedFresh"), 1);
}

TEST_F(PolicyLoopTest, AFailedMachineListIsDegradedAndSaid) {
  Apply({MakePolicy()});
  machines_.list_error = absl::UnavailableError("503");
  run_.RunFor(absl::Minutes(1));
  EXPECT_EQ(run_.StatusOf().phase, "Degraded");
  EXPECT_EQ(run_.ConditionOf("MachinesObserved")->message, "503");
  EXPECT_EQ(CountEvents("MachinesObservedListFailed"), 1);
}

TEST_F(PolicyLoopTest, FailuresAreCountedInARowAndForgottenAtTheFirstSuccess) {
  Apply({MakePolicy()});
  traffic_.error = absl::UnavailableError("503");
  run_.RunFor(absl::Minutes(2));  // noticed at the next data point
  traffic_.error = absl::OkStatus();
  run_.RunFor(absl::Minutes(2));
  std::vector<int> failures;
  for (const auto& question : reconciler_.questions()) failures.push_back(question.failures);
  EXPECT_EQ(failures.front(), 0);
  EXPECT_EQ(failures.back(), 0);
  EXPECT_THAT(failures, ::testing::Contains(3));
}

TEST_F(PolicyLoopTest, PausesBetweenPassesFollowTheReconcilersBackoff) {
  reconciler_.requeue = [](const ReconcileInput& input) { return absl::Seconds(15) * (1 << input.failures); };
  machines_.list_error = absl::UnavailableError("503");
  Apply({MakePolicy()});
  run_.RunFor(absl::Minutes(4));
  const std::vector<absl::Duration> passes = Passes();
  ASSERT_GE(passes.size(), 4u);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_LE(passes[i] - passes[i - 1], absl::Seconds(15) * (1 << i));
    EXPECT_GE(passes[i] - passes[i - 1], absl::Seconds(15) * (1 << i) * 0.9);
  }
}

TEST_F(PolicyLoopTest, APolicyChangeCutsABackoffShort) {
  reconciler_.requeue = [](const ReconcileInput&) { return absl::Hours(1); };
  machines_.list_error = absl::UnavailableError("503");
  Apply({MakePolicy()});
  run_.RunFor(absl::Minutes(1));
  PlacementPolicy changed = MakePolicy();
  changed.regions.excluded = {"nrt"};
  Apply({changed});
  EXPECT_THAT(Passes(), ElementsAre(absl::ZeroDuration(), absl::Minutes(1)));
}

TEST_F(PolicyLoopTest, AFailedCommitIsAConditionAndTheLoopGoesOn) {
  run_.store().commit_error = absl::UnavailableError("disk full");
  PlanOnce({Create("ams")});
  Apply({MakePolicy()});
  run_.RunFor(absl::Minutes(1));
  EXPECT_FALSE(run_.ConditionOf("StateStored")->status);
  EXPECT_EQ(run_.ConditionOf("StateStored")->message, "disk full");
  EXPECT_GE(run_.StatusOf().passes, 4);
  EXPECT_THAT(reconciler_.questions().back().history.actions, SizeIs(1));  // in memory
}

TEST_F(PolicyLoopTest, WhatAFailedCommitDidNotStoreTheNextOneStores) {
  std::map<absl::Time, std::map<std::string, double>> stored;
  run_.store().on_commit = [&](const PassRecord& record) {
    stored.insert(record.traffic.begin(), record.traffic.end());
  };
  run_.store().commit_error = absl::UnavailableError("disk full");
  PlanOnce({Create("ams")});
  Apply({MakePolicy()});
  run_.store().commit_error = absl::OkStatus();
  run_.RunFor(absl::Seconds(15));
  EXPECT_TRUE(run_.ConditionOf("StateStored")->status);
  EXPECT_TRUE(HasEvent("MachineCreated", "ams"));
  EXPECT_THAT(stored, SizeIs(ComputeTrafficPoints(MakePolicy())));
}

TEST_F(PolicyLoopTest, EachDataPointIsStoredOnce) {
  std::map<absl::Time, int> times_stored;
  run_.store().on_commit = [&](const PassRecord& record) {
    for (const auto& [end, regions] : record.traffic) ++times_stored[end];
  };
  Apply({MakePolicy()});
  run_.RunFor(absl::Minutes(5));
  EXPECT_THAT(times_stored, SizeIs(ComputeTrafficPoints(MakePolicy()) + 5));
  for (const auto& [end, times] : times_stored) EXPECT_EQ(times, 1) << end;
}

TEST_F(PolicyLoopTest, UnreadableStateIsSaidAndTheLoopStartsAfresh) {
  run_.store().load_error = absl::DataLossError("not a database");
  Apply({MakePolicy()});
  EXPECT_TRUE(HasEvent("StateLost", "not a database"));
  EXPECT_EQ(run_.StatusOf().passes, 1);
}

TEST_F(PolicyLoopTest, AChangeOfAppWhileACallIsUnderWayForgetsTheOldAppOnceThePassIsOver) {
  machines_.Add("m2", "fra");
  Apply({MakePolicy()});
  PlanOnce({Create("ams")});  // by the pass under way
  // The list hides a machine, so the next pass asks for it by id; meanwhile the policy turns to another app.
  machines_.hidden = {"m1", "m2"};
  machines_.before_get = [this]() -> Task<void> {
    machines_.before_get = nullptr;
    PlacementPolicy other = MakePolicy();
    other.app = "other";
    run_.controller().Apply({other});
    machines_.hidden.clear();
    machines_.machines.clear();
    machines_.Add("x1", "lhr");
    co_return;
  };
  run_.RunFor(absl::Seconds(15));
  const ScriptedReconciler::Question& last = reconciler_.questions().back();
  EXPECT_EQ(last.policy.app, "other");
  ASSERT_THAT(last.seen.machines, SizeIs(1));  // neither the old machines nor the old shadow
  EXPECT_EQ(last.seen.machines[0].id, "x1");
  EXPECT_THAT(last.history.regions, IsEmpty());
  EXPECT_THAT(last.history.actions, IsEmpty());
}

// The facts of Active are about another app than the dry run was.
TEST_F(PolicyLoopTest, AChangeOfAppAndModeKeepsWhatIsStoredOfThatApp) {
  PlacementPolicy active = MakePolicy();
  active.mode = Mode::kActive;
  active.app = "other";
  Apply({active});
  Apply({MakePolicy()});
  machines_.hidden = {"m1"};
  Apply({active});
  EXPECT_EQ(reconciler_.questions().back().policy.app, "other");
  EXPECT_THAT(reconciler_.questions().back().seen.machines, SizeIs(1));  // an empty list is not believed
}

TEST_F(PolicyLoopTest, AChangeOfAppWhileTheProcessIsDownForgetsTheOldAppToo) {
  PlanOnce({Create("ams")});
  Apply({MakePolicy()});
  run_.Kill();
  Start();
  PlacementPolicy other = MakePolicy();
  other.app = "other";
  Apply({other});
  EXPECT_THAT(run_.StatusOf().shadow, ElementsAre(std::pair("fra", 1)));
  EXPECT_THAT(reconciler_.questions().back().history.actions, IsEmpty());
}

}  // namespace
}  // namespace placer
