// A policy's loop in mode Active: what it reads before it writes, what it stores before it calls, and what a
// change of mode does. The decisions are scripted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/loop/loop_fixture.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PlacementPolicy MakeOf(Mode mode) {
  PlacementPolicy policy = MakePolicy();
  policy.mode = mode;
  return policy;
}

class ActingLoopTest : public LoopFixture {};

TEST_F(ActingLoopTest, ActsOnThePlatformAndNotOnTheShadow) {
  reconciler_.plan = [](const ReconcileInput& input) -> std::vector<PlannedAction> {
    if (input.seen.machines.size() > 1) return {};
    return {Create("ams")};
  };
  Apply({MakeOf(Mode::kActive)});
  EXPECT_THAT(machines_.calls, ElementsAre("create ams"));
  EXPECT_EQ(run_.ConditionOf("Acting")->reason, "Active");
}

TEST_F(ActingLoopTest, ReadsEveryMachineByItsIdBeforeItWritesAndDecidesOnThat) {
  machines_.Add("m2", "lhr");
  reconciler_.plan = [this](const ReconcileInput& input) -> std::vector<PlannedAction> {
    // The list is a lie: m2 is gone in truth.
    if (input.seen.machines.size() < 2) return {};
    machines_.get_errors["m2"] = absl::NotFoundError("gone");
    return {RemoveMachine("fra", "m1")};
  };
  Apply({MakeOf(Mode::kActive)});
  EXPECT_THAT(machines_.asked, ElementsAre("m1", "m2"));
  EXPECT_THAT(machines_.calls, IsEmpty());
}

TEST_F(ActingLoopTest, WhereAMachineCannotBeReadAgainTheDecisionKnows) {
  machines_.get_errors["m1"] = absl::UnavailableError("HTTP 503");
  reconciler_.plan = [](const ReconcileInput& input) -> std::vector<PlannedAction> {
    if (!input.seen.machines_error.ok()) return {};
    return {Create("ams")};
  };
  Apply({MakeOf(Mode::kActive)});
  EXPECT_THAT(machines_.calls, IsEmpty());
}

TEST_F(ActingLoopTest, APassThatWritesNothingReadsNoMachineById) {
  Apply({MakeOf(Mode::kActive)});
  run_.RunFor(absl::Minutes(5));
  EXPECT_THAT(machines_.asked, IsEmpty());
}

// One action, planned until it was begun.
std::function<std::vector<PlannedAction>(const ReconcileInput&)> Until(const ScriptedReconciler& reconciler,
                                                                       std::vector<PlannedAction> actions) {
  return [&reconciler, actions](const ReconcileInput&) {
    return reconciler.outcomes().empty() ? actions : std::vector<PlannedAction>();
  };
}

TEST_F(ActingLoopTest, StoresTheIntentBeforeItsFirstCall) {
  std::vector<std::size_t> calls_at_save;
  run_.store().on_save = [&](const std::string&, Mode mode, const PolicyState& state) {
    EXPECT_EQ(mode, Mode::kActive);
    EXPECT_THAT(state.history.intents, SizeIs(1));
    calls_at_save.push_back(machines_.calls.size());
  };
  reconciler_.plan = Until(reconciler_, {Create("ams")});
  Apply({MakeOf(Mode::kActive)});
  EXPECT_THAT(calls_at_save, ElementsAre(0));
  EXPECT_THAT(machines_.calls, SizeIs(1));
}

TEST_F(ActingLoopTest, ARemovalThatNeedsAnAdditionIsNotBegunInTheSamePass) {
  PlannedAction removal = RemoveMachine("fra", "m1");
  removal.needs_additions = true;
  reconciler_.plan = Until(reconciler_, {Create("ams"), removal});
  Apply({MakeOf(Mode::kActive)});
  EXPECT_THAT(machines_.calls, ElementsAre("create ams"));
}

TEST_F(ActingLoopTest, ACallThatFailsIsRecordedWithItsScopeAndSaid) {
  machines_.write_error = WithScope(absl::ResourceExhaustedError("no capacity"), ErrorScope::kRegion);
  reconciler_.plan = Until(reconciler_, {Create("ams")});
  Apply({MakeOf(Mode::kActive)});
  ASSERT_THAT(reconciler_.outcomes(), SizeIs(1));
  EXPECT_EQ(ScopeOf(reconciler_.outcomes()[0].status), ErrorScope::kRegion);
  EXPECT_TRUE(HasEvent("EnterCallFailed", "no capacity"));
}

TEST_F(ActingLoopTest, AFailedCordonGivesItsLeaseBack) {
  machines_.before_change = [this](const MachineChange& change) {
    const bool fails = change.kind == MachineChange::Kind::kCordon;
    machines_.write_error = fails ? absl::UnavailableError("HTTP 503") : absl::OkStatus();
  };
  reconciler_.plan = Until(reconciler_, {RemoveMachine("fra", "m1")});
  Apply({MakeOf(Mode::kActive)});
  EXPECT_THAT(machines_.calls,
              ElementsAre("set_metadata m1", "take_lease m1", "cordon m1", "release_lease m1"));
}

TEST_F(ActingLoopTest, AStrangersMachineSaysThatItLeavesBeforeItIsCordoned) {
  std::string mark;
  machines_.before_change = [&](const MachineChange& change) {
    if (change.kind == MachineChange::Kind::kSetMetadata) mark = change.key + "=" + change.value;
  };
  reconciler_.plan = Until(reconciler_, {RemoveMachine("fra", "m1")});
  Apply({MakeOf(Mode::kActive)});
  EXPECT_THAT(machines_.calls, ElementsAre("set_metadata m1", "take_lease m1", "cordon m1"));
  EXPECT_EQ(mark, "autoplacer_leaving=web");
}

TEST_F(ActingLoopTest, AMachineOfOursNeedsNoMarkToLeave) {
  machines_.machines["m1"].name = "ap-web-fra-0-g1";
  machines_.machines["m1"].metadata[kMetadataPolicy] = "web";
  reconciler_.plan = Until(reconciler_, {RemoveMachine("fra", "m1")});
  Apply({MakeOf(Mode::kActive)});
  EXPECT_THAT(machines_.calls, ElementsAre("take_lease m1", "cordon m1"));
}

TEST_F(ActingLoopTest, WhyNothingBeginsIsACondition) {
  reconciler_.hold = Hold{Reason::kReleaseInProgress, "machine m1 is leased by somebody else"};
  Apply({MakeOf(Mode::kActive)});
  const Condition acting = *run_.ConditionOf("Acting");
  EXPECT_FALSE(acting.status);
  EXPECT_EQ(acting.reason, "ReleaseInProgress");
  EXPECT_EQ(acting.message, "machine m1 is leased by somebody else");
}

TEST_F(ActingLoopTest, GoingActiveDeletesTheFactsOfTheDryRun) {
  PlanOnce({Create("ams")});
  Apply({MakeOf(Mode::kDryRun)});
  ASSERT_TRUE(run_.store().Load("web", Mode::kDryRun).ok());
  Apply({MakeOf(Mode::kActive)});
  EXPECT_TRUE(absl::IsNotFound(run_.store().Load("web", Mode::kDryRun).status()));
  EXPECT_THAT(reconciler_.questions().back().seen.machines, SizeIs(1));  // no shadow
  EXPECT_THAT(reconciler_.questions().back().history.actions, IsEmpty());
}

TEST_F(ActingLoopTest, ComingUpActiveDeletesTheFactsOfTheDryRunBeforeIt) {
  PlanOnce({Create("ams")});
  Apply({MakeOf(Mode::kDryRun)});
  run_.Kill();
  Start();
  Apply({MakeOf(Mode::kActive)});
  EXPECT_TRUE(absl::IsNotFound(run_.store().Load("web", Mode::kDryRun).status()));
  Apply({MakeOf(Mode::kDryRun)});
  EXPECT_THAT(reconciler_.questions().back().seen.machines, SizeIs(1));  // no shadow of the first dry run
}

TEST_F(ActingLoopTest, WhatIsUnderWayComesToRestBeforeTheModeIsLeft) {
  reconciler_.keep_intents = true;
  reconciler_.plan = Until(reconciler_, {Create("ams")});
  Apply({MakeOf(Mode::kActive)});
  Apply({MakeOf(Mode::kDryRun)});
  EXPECT_TRUE(reconciler_.settled());
  reconciler_.finish_all = true;
  run_.RunFor(absl::Seconds(40));
  EXPECT_FALSE(reconciler_.settled());
  EXPECT_EQ(run_.ConditionOf("Acting")->reason, "DryRun");
}

TEST_F(ActingLoopTest, WhatWasUnderWayComesToRestAfterARestartInAnotherModeToo) {
  reconciler_.keep_intents = true;
  reconciler_.plan = Until(reconciler_, {Create("ams")});
  Apply({MakeOf(Mode::kActive)});
  run_.Kill();
  Start();
  Apply({MakeOf(Mode::kDryRun)});
  EXPECT_TRUE(reconciler_.settled());
}

TEST_F(ActingLoopTest, WhatIsUnderWayComesToRestBeforeAnotherAppIsTurnedTo) {
  reconciler_.keep_intents = true;
  reconciler_.plan = Until(reconciler_, {Create("ams")});
  Apply({MakeOf(Mode::kActive)});
  PlacementPolicy other = MakeOf(Mode::kActive);
  other.app = "other";
  Apply({other});
  EXPECT_TRUE(reconciler_.settled());
  EXPECT_EQ(reconciler_.questions().back().policy.app, "shop");
  reconciler_.finish_all = true;
  run_.RunFor(absl::Seconds(40));
  EXPECT_FALSE(reconciler_.settled());
  EXPECT_EQ(reconciler_.questions().back().policy.app, "other");
}

TEST_F(ActingLoopTest, PausedKeepsTheFactsOfActive) {
  Apply({MakeOf(Mode::kActive)});
  run_.Kill();
  Start();
  std::vector<Mode> sets;
  run_.store().on_commit = [&](const PassRecord& record) { sets.push_back(record.mode); };
  Apply({MakeOf(Mode::kPaused)});
  EXPECT_THAT(sets, ElementsAre(Mode::kActive));
}

TEST_F(ActingLoopTest, LeasesThatAreHeldAreReleasedAtTheEnd) {
  reconciler_.keep_intents = true;
  reconciler_.lease_nonce = "n1";
  reconciler_.plan = Until(reconciler_, {RemoveMachine("fra", "m1")});
  Apply({MakeOf(Mode::kActive)});
  EXPECT_TRUE(run_.Stop());
  EXPECT_EQ(machines_.calls.back(), "release_lease m1");
}

TEST_F(ActingLoopTest, ATemplateIsKeptForTheDayNoMachineIsLeft) {
  Apply({MakeOf(Mode::kActive)});
  machines_.machines.clear();
  run_.RunFor(absl::Minutes(1));
  const auto source = reconciler_.questions().back().history.machine_template;
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(source->machine_id, "m1");
}

}  // namespace
}  // namespace placer
