// What comes next for an action that is under way: each phase, each way back, and what waits.
#include "reconcilers/placement/steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/machine_name.h"
#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using ::testing::HasSubstr;
using Call = IntentStep::Call;
using Kind = Intent::Kind;
using Phase = Intent::Phase;

constexpr absl::Duration kLong = absl::Minutes(4);

// fra serves, and the machine that the intent works on stands in iad; both have traffic.
class StepsTest : public testing::Test {
 protected:
  StepsTest() {
    world_.Machines("fra", 2).Requests("fra", 100.0).Requests("iad", 0.0).AllPointsDecided();
    world_.LastTarget("fra", true).LastTarget("iad", false);
  }

  Intent& Open(Kind kind, Phase phase, absl::Duration ago = absl::ZeroDuration()) {
    Intent intent{.id = "it", .kind = kind, .phase = phase, .region = "iad", .machine_id = "m"};
    intent.started = intent.phase_since = world_.now - ago;
    world_.history.intents.push_back(intent);
    return world_.history.intents.back();
  }
  Machine& Stands(const std::string& state, bool cordoned = true) {
    Machine machine = MakeMachine("m", "iad");
    machine.state = state;
    machine.cordoned = cordoned;
    return world_.Add(machine);
  }
  Machine& FindMachine(const std::string& id) {
    return *std::find_if(world_.seen.machines.begin(), world_.seen.machines.end(),
                         [&](const Machine& machine) { return machine.id == id; });
  }
  // The one step of the one intent; no value: it waits.
  std::optional<IntentStep> Next() const {
    const std::vector<IntentStep> steps = world_.Decide().plan.steps;
    return steps.empty() ? std::nullopt : std::optional<IntentStep>(steps.front());
  }

  Scenario world_;
};

struct StepCase {
  std::string name;
  Kind kind;
  Phase phase;
  std::string state;  // of the machine; "" = it is gone
  absl::Duration ago;
  std::optional<Call> call;   // no value: waits
  std::optional<Phase> next;  // no value: the end
  bool failed = false;
  bool leased = false;
  std::string host = "ok";
};

class EachPhase : public StepsTest, public testing::WithParamInterface<StepCase> {};

TEST_P(EachPhase, LeadsToItsStep) {
  const StepCase& c = GetParam();
  if (!c.state.empty()) Stands(c.state).host_status = c.host;
  Intent& intent = Open(c.kind, c.phase, c.ago);
  if (c.leased) {
    intent.lease_nonce = "nonce";
    intent.lease_expires = world_.now + absl::Minutes(2);
  }
  const std::optional<IntentStep> step = Next();
  ASSERT_EQ(step.has_value(), c.call.has_value());
  if (!step) return;
  EXPECT_EQ(step->call, *c.call);
  EXPECT_EQ(step->next, c.next);
  EXPECT_EQ(step->failed, c.failed);
}

INSTANTIATE_TEST_SUITE_P(
    Table, EachPhase,
    testing::ValuesIn(std::vector<StepCase>{
        {"ReadyEnterIsUncordoned",
         Kind::kEnter,
         Phase::kStarting,
         "started",
         absl::Seconds(30),
         Call::kUncordon,
         {}},
        {"StoppedEnterIsStarted", Kind::kEnter, Phase::kStarting, "stopped", absl::Seconds(5), Call::kStart,
         Phase::kStarting},
        {"StartingEnterWaits", Kind::kEnter, Phase::kStarting, "starting", absl::Seconds(5), {}, {}},
        {"FailedEnterIsDestroyed", Kind::kEnter, Phase::kStarting, "failed", absl::Seconds(5), Call::kNone,
         Phase::kDestroying, true},
        {"LateEnterIsDestroyed", Kind::kEnter, Phase::kStarting, "starting", absl::Minutes(5), Call::kNone,
         Phase::kDestroying, true},
        {"UnseenEnterWaits", Kind::kEnter, Phase::kStarting, "", absl::Seconds(50), {}, {}},
        {"GoneEnterFails", Kind::kEnter, Phase::kStarting, "", absl::Minutes(2), Call::kNone, {}, true},
        {"LeaveIsCordoned", Kind::kLeave, Phase::kCordoning, "started", absl::Seconds(0), Call::kCordon,
         Phase::kDraining},
        {"DrainWithoutLeaseTakesOne", Kind::kLeave, Phase::kDraining, "started", absl::Seconds(5),
         Call::kRenewLease, Phase::kDraining},
        {"DrainWaits", Kind::kLeave, Phase::kDraining, "started", absl::Seconds(5), {}, {}, false, true},
        {"DrainedIsStopped", Kind::kLeave, Phase::kDraining, "started", absl::Minutes(1), Call::kStop,
         Phase::kStopping, false, true},
        {"StoppedWhileDrainingMovesOn", Kind::kLeave, Phase::kDraining, "stopped", absl::Seconds(5),
         Call::kNone, Phase::kStopping},
        {"StoppingWaits", Kind::kLeave, Phase::kStopping, "stopping", absl::Seconds(5), {}, {}, false, true},
        {"StoppedGivesTheLeaseBack", Kind::kLeave, Phase::kStopping, "stopped", absl::Seconds(5),
         Call::kReleaseLease, Phase::kWatching, false, true},
        {"WatchWaits", Kind::kLeave, Phase::kWatching, "stopped", kLong, {}, {}},
        {"WatchedIsDestroyed", Kind::kLeave, Phase::kWatching, "stopped", absl::Minutes(6), Call::kNone,
         Phase::kDestroying},
        {"StartedByOthersComesBack", Kind::kLeave, Phase::kWatching, "started", absl::Seconds(5), Call::kNone,
         Phase::kReturning, true},
        {"DestroyedAtTheEnd",
         Kind::kLeave,
         Phase::kDestroying,
         "stopped",
         absl::Seconds(5),
         Call::kDestroy,
         {}},
        {"GoneLeaveIsDone", Kind::kLeave, Phase::kDraining, "", absl::Seconds(5), Call::kNone, {}},
        {"ReturningIsStarted", Kind::kLeave, Phase::kReturning, "stopped", absl::Seconds(5), Call::kStart,
         Phase::kReturning},
        {"ReturnedIsUncordoned",
         Kind::kLeave,
         Phase::kReturning,
         "started",
         absl::Seconds(30),
         Call::kUncordon,
         {}},
        {"DeadHostIsWaitedFor",
         Kind::kLeave,
         Phase::kCordoning,
         "started",
         absl::Minutes(9),
         {},
         {},
         false,
         false,
         "unreachable"},
    }),
    [](const auto& info) { return info.param.name; });

TEST_F(StepsTest, ALeaveTurnsBackWhereNoOtherMachineIsHealthy) {
  for (Machine& machine : world_.seen.machines) machine.state = "stopped";
  Stands("started");
  Open(Kind::kLeave, Phase::kDraining);
  const std::optional<IntentStep> step = Next();
  ASSERT_TRUE(step);
  EXPECT_EQ(step->next, Phase::kReturning);
  EXPECT_THAT(step->why, HasSubstr("no other machine is healthy"));
}

// Another machine seemed enough when the leave began, and this one did not serve.
TEST_F(StepsTest, ALeaveTurnsBackWhereNobodyElseIsHealthyAndItIsAgain) {
  for (Machine& machine : world_.seen.machines) machine.state = "stopped";
  Stands("started").checks = {{.name = "alive", .status = "critical"}};
  for (const Phase phase : {Phase::kCordoning, Phase::kDraining}) {
    world_.history.intents.clear();
    Intent& intent = Open(Kind::kLeave, phase);
    intent.served = false;
    FindMachine("m").checks.front().status = "critical";
    ASSERT_TRUE(Next());
    EXPECT_NE(Next()->next, Phase::kReturning);
    FindMachine("m").checks.front().status = "passing";
    ASSERT_TRUE(Next());
    EXPECT_EQ(Next()->next, Phase::kReturning);
  }
}

TEST_F(StepsTest, ALeaveThatADeadHostKeptFromBeginningEndsWithTheMode) {
  Stands("started", /*cordoned=*/false).host_status = "unreachable";
  Open(Kind::kLeave, Phase::kCordoning);
  EXPECT_FALSE(Next());
  world_.settling = true;
  ASSERT_TRUE(Next());
  EXPECT_TRUE(Next()->failed);
  EXPECT_FALSE(Next()->next);
}

TEST_F(StepsTest, ALeaveTurnsBackWhereItsRegionIsWantedAgain) {
  world_.LastTarget("iad", true).Requests("iad", 100.0);
  Stands("started");
  Open(Kind::kLeave, Phase::kDraining);
  ASSERT_TRUE(Next());
  EXPECT_EQ(Next()->next, Phase::kReturning);
}

TEST_F(StepsTest, ALeaveBelowALoweredCeilingDoesNotTurnBack) {
  world_.LastTarget("iad", true).Requests("iad", 100.0);
  world_.policy.capacity.total_max = 2;
  Stands("started");
  Open(Kind::kLeave, Phase::kCordoning).reason = Reason::kAboveTotalMax;
  ASSERT_TRUE(Next());
  EXPECT_EQ(Next()->call, Call::kCordon);
}

TEST_F(StepsTest, ASwappedOutMachineDoesNotTurnBackForItsOwnRegion) {
  world_.LastTarget("iad", true).Requests("iad", 100.0);
  world_.policy.capacity.total_max = 3;
  Stands("started");
  Open(Kind::kLeave, Phase::kCordoning).reason = Reason::kSwappedOut;
  ASSERT_TRUE(Next());
  EXPECT_EQ(Next()->call, Call::kCordon);
}

TEST_F(StepsTest, AMachineThatIsParkedAlreadyHasLeft) {
  Stands("stopped").metadata[kMetadataParked] = "web";
  Open(Kind::kLeave, Phase::kWatching);
  ASSERT_TRUE(Next());
  EXPECT_EQ(Next()->next, std::nullopt);
  EXPECT_FALSE(Next()->failed);
}

TEST_F(StepsTest, ACreateIsGivenUpWhereOthersTookItsPlace) {
  world_.policy.capacity.total_max = 2;
  Intent& intent = Open(Kind::kEnter, Phase::kCreating);
  intent.machine_id.clear();
  intent.machine_name = MakeMachineName("web", "iad", 0, 1);
  intent.attempts = 1;
  ASSERT_TRUE(Next());
  EXPECT_EQ(Next()->next, std::nullopt);
  EXPECT_TRUE(Next()->failed);
}

TEST_F(StepsTest, AMachineThatLeavesIsNotBroughtBackByTheSamePlan) {
  world_.policy.regions.excluded = {"iad"};
  world_.policy.regions.allowed = {"fra"};
  Stands("started", /*cordoned=*/true);
  const Plan plan = world_.Decide().plan;
  ASSERT_EQ(plan.actions.size(), 1u);
  EXPECT_EQ(plan.actions[0].kind, PlannedAction::Kind::kRemove);
}

TEST_F(StepsTest, AParkedMachineOnAnOldReleaseIsUpdatedBeforeItIsBroughtBack) {
  world_.LastTarget("iad", true).Requests("iad", 100.0);
  MachineTemplate source{.image = "new"};
  world_.history.machine_template = std::make_shared<const MachineTemplate>(source);
  for (Machine& machine : world_.seen.machines) machine.image = "new";
  Machine& parked = Stands("stopped");
  parked.metadata[kMetadataParked] = "web";
  parked.image = "old";
  int actions = 0;
  for (const PlannedAction& action : world_.Decide().plan.actions) actions += action.machine_id == "m";
  EXPECT_EQ(actions, 1);
}

TEST_F(StepsTest, ALoneCordonedMachineOfOursIsBroughtBack) {
  world_.LastTarget("iad", true).Requests("iad", 100.0);
  Stands("started", /*cordoned=*/true);
  const Plan plan = world_.Decide().plan;
  ASSERT_EQ(plan.actions.size(), 1u);
  EXPECT_EQ(plan.actions[0].kind, PlannedAction::Kind::kReturn);
}

// Where the store is lost, the mark is all that tells it from a machine that its owner cordoned.
TEST_F(StepsTest, AStrangersMachineThatWeCordonedIsBroughtBack) {
  world_.policy.adopt = Adopt::kAll;
  world_.LastTarget("iad", true).Requests("iad", 100.0);
  Machine& strangers = Stands("started", /*cordoned=*/true);
  strangers.metadata.clear();
  EXPECT_TRUE(world_.Decide().plan.actions.empty());
  strangers.metadata[kMetadataLeaving] = "web";
  const Plan plan = world_.Decide().plan;
  ASSERT_EQ(plan.actions.size(), 1u);
  EXPECT_EQ(plan.actions[0].kind, PlannedAction::Kind::kReturn);
}

TEST_F(StepsTest, AnUpdateThatNeverGetsThroughIsGivenUp) {
  world_.LastTarget("iad", true).Requests("iad", 100.0);
  world_.history.machine_template = std::make_shared<const MachineTemplate>(MachineTemplate{.image = "new"});
  for (Machine& machine : world_.seen.machines) machine.image = "new";
  Stands("started", /*cordoned=*/false).image = "old";
  Intent& intent = Open(Kind::kUpdate, Phase::kUpdating);
  for (int tries = 0; Next() && Next()->call == Call::kUpdate; ++tries) {
    ASSERT_LT(tries, 20);
    ++intent.attempts;
  }
  ASSERT_TRUE(Next());
  EXPECT_TRUE(Next()->failed);
  EXPECT_FALSE(Next()->next);
}

TEST_F(StepsTest, CreatesThatAreTriedAgainShareWhatTheHourHasLeft) {
  world_.policy.capacity.max_creates_per_hour = 3;
  world_.Acted(Action::kDeploy, absl::Minutes(20), 2);
  for (const char* name : {"ap-web-iad-0-g1", "ap-web-iad-1-g1"}) {
    Intent& intent = Open(Kind::kEnter, Phase::kCreating);
    intent.id = intent.machine_name = name;
    intent.machine_id.clear();
    intent.attempts = 1;
  }
  EXPECT_EQ(world_.Decide().plan.steps.size(), 1u);
}

}  // namespace
}  // namespace placer
