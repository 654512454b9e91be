// The controller as the policy file, the API and the operator see it, in virtual time.
#include "controller/controller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "absl/strings/str_cat.h"
#include "tests/controller/loop/loop_fixture.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ControllerTest : public LoopFixture {
 protected:
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const PolicySnapshot& snapshot : run_.controller().Snapshot()) names.push_back(snapshot.policy.name);
    return names;
  }
  std::int64_t Generation(const std::string& policy = "web") {
    for (const PolicySnapshot& snapshot : run_.controller().Snapshot()) {
      if (snapshot.policy.name == policy) return snapshot.policy.generation;
    }
    return 0;
  }
  static PlacementPolicy Changed() {
    PlacementPolicy policy = MakePolicy();
    policy.threshold.deploy = 80;
    return policy;
  }
  // The next pass asks for a machine that its list hides, and has the answer a second later; `meanwhile`
  // falls within that second. Wants m2 to be known from an earlier pass.
  void HoldThePass(std::function<void()> meanwhile) {
    machines_.hidden = {"m2"};
    machines_.before_get = [this, meanwhile = std::move(meanwhile)] { return Hold(meanwhile); };
    run_.RunUntil(run_.StatusOf().next_reconcile + absl::Milliseconds(500));
    ASSERT_EQ(machines_.before_get, nullptr);
  }
  Task<void> Hold(std::function<void()> meanwhile) {
    machines_.before_get = nullptr;
    meanwhile();
    co_await run_.clock().SleepUntil(run_.now() + absl::Seconds(1));
  }
  using Report = std::optional<absl::StatusOr<PassReport>>;
  void Trigger(Report& report) {
    asio::co_spawn(
        run_.time().io(), run_.controller().Trigger("web"),
        [&report](std::exception_ptr, absl::StatusOr<PassReport> got) { report = std::move(got); });
  }
  static std::vector<Diagnostic> Broken() {
    Diagnostic diagnostic;
    diagnostic.severity = Diagnostic::Severity::kError;
    diagnostic.message = "no such key: treshold";
    return {diagnostic};
  }
};

TEST_F(ControllerTest, IsReadyOncePoliciesAreLoaded) {
  EXPECT_FALSE(run_.controller().Ready());
  Apply({MakePolicy()});
  EXPECT_TRUE(run_.controller().Ready());
}

TEST_F(ControllerTest, IsNotReadyWithoutAnyPolicy) {
  Apply({});
  EXPECT_FALSE(run_.controller().Ready());
}

TEST_F(ControllerTest, EachPolicyHasALoopOfItsOwn) {
  PlacementPolicy fast = MakePolicy("fast");
  fast.interval = absl::Seconds(1);
  Apply({MakePolicy("slow"), fast});
  run_.RunFor(absl::Minutes(1));
  EXPECT_THAT(Names(), ElementsAre("fast", "slow"));
  EXPECT_GE(reconciler_.CountPasses("fast"), 60);
  EXPECT_LE(reconciler_.CountPasses("slow"), 6);
}

TEST_F(ControllerTest, TheFirstPassesOfAFleetComeOneAfterAnother) {
  std::vector<PlacementPolicy> fleet;
  for (int i = 0; i < 100; ++i) fleet.push_back(MakePolicy(absl::StrCat("p", i)));
  Apply(fleet);
  EXPECT_EQ(machines_.lists, 8);
  EXPECT_TRUE(run_.controller().Ready());
  run_.RunFor(absl::Seconds(1));
  EXPECT_EQ(machines_.lists, 8 + 40);
  run_.RunFor(absl::Seconds(4));
  EXPECT_EQ(machines_.lists, 100);
}

TEST_F(ControllerTest, APolicyThatGoesBeforeItsFirstPassMakesNone) {
  std::vector<PlacementPolicy> fleet;
  for (int i = 0; i < 9; ++i) fleet.push_back(MakePolicy(absl::StrCat("p", i)));
  Apply(fleet);
  Apply({MakePolicy("p0")});
  run_.RunFor(absl::Seconds(5));
  EXPECT_EQ(reconciler_.CountPasses("p8"), 0);
}

TEST_F(ControllerTest, PoliciesDoNotShareShadows) {
  reconciler_.plan = [](const ReconcileInput& input) -> std::vector<PlannedAction> {
    if (input.policy.name == "a" && input.history.actions.empty()) return {Create("ams")};
    return {};
  };
  Apply({MakePolicy("a"), MakePolicy("b")});
  run_.RunFor(absl::Minutes(1));
  EXPECT_TRUE(run_.StatusOf("a").shadow.contains("ams"));
  EXPECT_FALSE(run_.StatusOf("b").shadow.contains("ams"));
}

TEST_F(ControllerTest, APolicyThatIsGoneStops) {
  Apply({MakePolicy("a"), MakePolicy("b")});
  Apply({MakePolicy("b")});
  run_.RunFor(absl::Minutes(1));
  EXPECT_THAT(Names(), ElementsAre("b"));
  EXPECT_EQ(reconciler_.CountPasses("a"), 1);
  EXPECT_GE(reconciler_.CountPasses("b"), 4);
}

TEST_F(ControllerTest, APolicyThatComesBackGoesOnWhereItStopped) {
  PlanOnce({Create("ams")});
  Apply({MakePolicy()});
  Apply({});
  run_.RunFor(absl::Minutes(1));
  Apply({MakePolicy()});
  EXPECT_THAT(reconciler_.questions().back().history.actions, SizeIs(1));
  EXPECT_EQ(Generation(), 2);
}

TEST_F(ControllerTest, APolicyThatComesBackWaitsForTheLoopThatStillRuns) {
  machines_.Add("m2", "ams");
  Apply({MakePolicy()});
  ASSERT_NO_FATAL_FAILURE(HoldThePass([] {}));
  Apply({});
  Apply({MakePolicy()});
  EXPECT_EQ(machines_.lists, 2);
  const std::size_t before = Passes().size();
  run_.RunFor(absl::Seconds(1));
  EXPECT_EQ(machines_.lists, 3);
  EXPECT_EQ(Passes().size(), before + 2);  // the old loop's last, and the new one's first
}

TEST_F(ControllerTest, AnUnchangedSpecIsLeftAlone) {
  Apply({MakePolicy()});
  run_.RunFor(absl::Seconds(5));
  Apply({MakePolicy()});
  EXPECT_THAT(Passes(), SizeIs(1));
  EXPECT_EQ(Generation(), 1);
}

TEST_F(ControllerTest, AChangedSpecRunsAPassAtOnceUnderTheNextGeneration) {
  Apply({MakePolicy()});
  run_.RunFor(absl::Seconds(5));
  Apply({Changed()});
  EXPECT_THAT(Passes(), ElementsAre(absl::ZeroDuration(), absl::Seconds(5)));
  EXPECT_EQ(reconciler_.questions().back().policy.threshold.deploy, 80);
  EXPECT_EQ(Generation(), 2);
  EXPECT_EQ(run_.StatusOf().observed_generation, 2);
}

TEST_F(ControllerTest, AChangedPolicyLeavesTheOthersAlone) {
  Apply({MakePolicy("web"), MakePolicy("other")});
  Apply({Changed(), MakePolicy("other")});
  EXPECT_EQ(reconciler_.CountPasses("web"), 2);
  EXPECT_EQ(reconciler_.CountPasses("other"), 1);
}

TEST_F(ControllerTest, ARejectedFileKeepsTheLastGoodPolicyAndSaysWhy) {
  Apply({MakePolicy()});
  run_.controller().Reject(Broken());
  run_.RunFor(absl::Minutes(1));
  EXPECT_GE(run_.StatusOf().passes, 4);
  const Condition accepted = *run_.ConditionOf("PolicyAccepted");
  EXPECT_FALSE(accepted.status);
  EXPECT_THAT(accepted.message, HasSubstr("no such key: treshold"));
  EXPECT_EQ(CountEvents("PolicyRejected"), 1);
  EXPECT_THAT(run_.controller().Rejected(), SizeIs(1));
}

TEST_F(ControllerTest, RejectingTheSameFileAgainIsSaidOnce) {
  Apply({MakePolicy()});
  run_.controller().Reject(Broken());
  run_.controller().Reject(Broken());
  run_.RunFor(absl::Minutes(1));
  EXPECT_EQ(CountEvents("PolicyRejected"), 1);
}

TEST_F(ControllerTest, AGoodFileAfterARejectedOneRecovers) {
  Apply({MakePolicy()});
  run_.controller().Reject(Broken());
  run_.RunFor(absl::Minutes(1));
  Apply({MakePolicy()});
  EXPECT_TRUE(run_.ConditionOf("PolicyAccepted")->status);
  EXPECT_THAT(run_.controller().Rejected(), IsEmpty());
  run_.RunFor(absl::Minutes(1));
  EXPECT_EQ(CountEvents("PolicyAccepted"), 1);
}

TEST_F(ControllerTest, WarningsAloneRejectNothing) {
  Apply({MakePolicy()});
  std::vector<Diagnostic> warning = Broken();
  warning[0].severity = Diagnostic::Severity::kWarning;
  run_.controller().Reject(warning);
  EXPECT_TRUE(run_.ConditionOf("PolicyAccepted")->status);
}

TEST_F(ControllerTest, ATriggerRunsOnePassAndReportsIt) {
  Apply({MakePolicy()});
  run_.RunFor(absl::Seconds(5));
  PlanOnce({Create("ams"), RemoveMachine("fra", "m1")});
  const auto report = run_.time().Await(run_.controller().Trigger("web"));
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(Passes(), ElementsAre(absl::ZeroDuration(), absl::Seconds(5)));
  EXPECT_THAT(report->deployed, ElementsAre("ams"));
  EXPECT_THAT(report->removed, ElementsAre("fra"));
  EXPECT_THAT(report->current_deployment, ElementsAre("fra"));
  EXPECT_THAT(report->updated_deployment, ElementsAre("ams"));
}

TEST_F(ControllerTest, ATriggerDuringAPassGetsTheNextWholeOne) {
  machines_.Add("m2", "ams");
  Apply({MakePolicy()});
  Report report;
  ASSERT_NO_FATAL_FAILURE(HoldThePass([&] { Trigger(report); }));
  EXPECT_FALSE(report.has_value());
  const std::size_t before = Passes().size();
  run_.RunFor(absl::Seconds(1));
  EXPECT_TRUE(report.has_value());
  EXPECT_EQ(Passes().size(), before + 2);  // the one under way, and the one that the trigger asked for
}

TEST_F(ControllerTest, TriggersThatWaitTogetherShareAPass) {
  machines_.Add("m2", "ams");
  Apply({MakePolicy()});
  Report a;
  Report b;
  const auto trigger_both = [&] {
    Trigger(a);
    Trigger(b);
  };
  ASSERT_NO_FATAL_FAILURE(HoldThePass(trigger_both));
  const std::size_t before = Passes().size();
  run_.RunFor(absl::Seconds(1));
  EXPECT_TRUE(a.has_value() && b.has_value());
  EXPECT_EQ(Passes().size(), before + 2);  // the one under way, and one for both
}

TEST_F(ControllerTest, ATriggerWithoutANameMeansTheOnlyPolicy) {
  Apply({MakePolicy()});
  EXPECT_EQ(run_.time().Await(run_.controller().Trigger(""))->policy, "web");
}

TEST_F(ControllerTest, ATriggerWithoutANameAmongSeveralPoliciesIsRefused) {
  Apply({MakePolicy("a"), MakePolicy("b")});
  EXPECT_TRUE(absl::IsInvalidArgument(run_.time().Await(run_.controller().Trigger("")).status()));
}

TEST_F(ControllerTest, ATriggerOfAnUnknownPolicyIsNotFound) {
  Apply({MakePolicy()});
  EXPECT_TRUE(absl::IsNotFound(run_.time().Await(run_.controller().Trigger("nope")).status()));
}

TEST_F(ControllerTest, AnIdleControllerStopsAtOnce) {
  Apply({MakePolicy("a"), MakePolicy("b")});
  run_.RunFor(absl::Seconds(5));
  EXPECT_TRUE(run_.Stop(absl::ZeroDuration()));
}

TEST_F(ControllerTest, AStoppingControllerFinishesThePassUnderWay) {
  machines_.Add("m2", "ams");
  Apply({MakePolicy()});
  machines_.hidden = {"m2"};
  machines_.before_get = [this]() -> Task<void> {
    co_await run_.clock().SleepUntil(run_.now() + absl::Seconds(2));
  };
  const int commits = run_.store().commits;
  run_.RunUntil(run_.StatusOf().next_reconcile);
  EXPECT_TRUE(run_.Stop());
  EXPECT_EQ(run_.store().commits, commits + 1);
}

TEST_F(ControllerTest, StopEndsWithinItsPatienceWhileACallHangs) {
  Apply({MakePolicy()});
  machines_.hangs = true;
  run_.RunFor(absl::Minutes(1));
  const absl::Time asked = run_.now();
  EXPECT_TRUE(run_.Stop(absl::Seconds(4)));
  EXPECT_LE(run_.now() - asked, absl::Milliseconds(2500));
}

TEST_F(ControllerTest, StopEndsEvenIfACallHearsNoCancellation) {
  Apply({MakePolicy()});
  machines_.hangs = machines_.deaf = true;
  run_.RunFor(absl::Minutes(1));
  EXPECT_TRUE(run_.Stop(absl::Seconds(4)));
}

TEST_F(ControllerTest, StopAlsoEndsALoopWhosePolicyIsGoneWhileItsCallHangs) {
  Apply({MakePolicy()});
  machines_.hangs = true;
  run_.RunFor(absl::Minutes(1));
  Apply({});
  EXPECT_TRUE(run_.Stop(absl::Seconds(4)));
}

TEST_F(ControllerTest, ADroppedPassStoresNothingAndIsNoError) {
  Apply({MakePolicy()});
  machines_.hangs = true;
  run_.RunFor(absl::Minutes(1));
  const int commits = run_.store().commits;
  run_.Stop();
  EXPECT_EQ(run_.store().commits, commits);
  EXPECT_FALSE(run_.log().Says("loop ended"));
}

TEST_F(ControllerTest, ATriggerThatWaitsForADroppedPassIsCancelled) {
  Apply({MakePolicy()});
  machines_.hangs = true;
  const auto in_pass = run_.time().Start(run_.controller().Trigger("web"));
  const auto behind_it = run_.time().Start(run_.controller().Trigger("web"));
  const auto stopped = run_.time().Start(run_.controller().Stop());
  run_.RunFor(absl::Seconds(4));
  ASSERT_TRUE(stopped->has_value());
  ASSERT_TRUE(in_pass->has_value());
  EXPECT_TRUE(absl::IsCancelled((**in_pass).status()));
  ASSERT_TRUE(behind_it->has_value());
  EXPECT_TRUE(absl::IsCancelled((**behind_it).status()));
}

TEST_F(ControllerTest, ATriggerAfterStopIsCancelled) {
  Apply({MakePolicy()});
  run_.time().Start(run_.controller().Stop());
  EXPECT_TRUE(absl::IsCancelled(run_.time().Await(run_.controller().Trigger("web")).status()));
}

TEST_F(ControllerTest, AControllerKilledInTheMiddleOfACallLeavesNothingBehind) {
  Apply({MakePolicy()});
  machines_.hangs = true;
  run_.RunFor(absl::Minutes(1));
  run_.Kill();
  machines_.hangs = false;
  Start();
  Apply({MakePolicy()});
  EXPECT_EQ(run_.StatusOf().passes, 1);
}

TEST_F(ControllerTest, ARestartKeepsCooldownsAndShadow) {
  PlanOnce({Create("ams"), RemoveMachine("fra", "m1")});
  Apply({MakePolicy()});
  const absl::Time acted = run_.now();
  EXPECT_TRUE(run_.Stop());
  run_.RunFor(absl::Seconds(30));
  Start();
  Apply({MakePolicy()});
  const ScriptedReconciler::Question& first = reconciler_.questions().back();
  EXPECT_EQ(first.history.regions.at("ams").last_action->ended, acted);
  EXPECT_THAT(first.history.actions, SizeIs(2));
  ASSERT_THAT(first.seen.machines, SizeIs(1));
  EXPECT_EQ(first.seen.machines[0].region, "ams");
}

TEST_F(ControllerTest, ARestartKeepsTheShadowThoughTheFirstListFails) {
  PlanOnce({RemoveMachine("fra", "m1")});
  Apply({MakePolicy()});
  EXPECT_TRUE(run_.Stop());
  machines_.list_error = absl::UnavailableError("timeout");
  Start();
  Apply({MakePolicy()});
  machines_.list_error = absl::OkStatus();
  run_.RunFor(absl::Minutes(2));
  EXPECT_TRUE(reconciler_.questions().back().seen.machines_known);
  EXPECT_THAT(reconciler_.questions().back().seen.machines, IsEmpty());
}

}  // namespace
}  // namespace placer
