// Leaves that do not end as they began: each way back ends with a machine that serves, and none is tried
// again at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using ::testing::IsEmpty;

// fra is busy; ams is excluded, and its machine leaves, or is about to.
Scenario Excluded() {
  Scenario world = Scenario().Requests("fra", 60).Machines("fra", 1).Machines("ams", 1);
  world.policy.regions.excluded = {"ams"};
  world.policy.regions.allowed.clear();
  return world;
}

Scenario Leaving(Intent::Phase phase, absl::Duration ago) {
  Scenario world = Excluded();
  world.history.intents = {{.id = "leave-ams-1",
                            .kind = Intent::Kind::kLeave,
                            .phase = phase,
                            .region = "ams",
                            .machine_id = "ams-1",
                            .reason = Reason::kTrafficBelowThreshold,
                            .started = world.now - ago,
                            .phase_since = world.now - ago,
                            .lease_nonce = "nonce",
                            .lease_expires = world.now + absl::Minutes(5)}};
  return world;
}

Machine& MachineOf(Scenario& world, const std::string& id) {
  return *std::find_if(world.seen.machines.begin(), world.seen.machines.end(),
                       [&](const Machine& machine) { return machine.id == id; });
}

TEST(Undone, ALeaveThatWasUndoneRestsAlsoWherePolicyAsksForIt) {
  Scenario world = Excluded();
  ASSERT_THAT(ActionsOf(world.Decide()), testing::ElementsAre("remove ams-1: ExcludedRemoved"));
  world.history.actions = {{world.now - absl::Minutes(9), Action::kRemove, "ams", /*failed=*/true}};
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
  world.history.actions = {{world.now - absl::Minutes(11), Action::kRemove, "ams", /*failed=*/true}};
  EXPECT_THAT(ActionsOf(world.Decide()), testing::SizeIs(1));
}

TEST(Undone, AStopThatDoesNotGetThroughEndsWithTheMachineBack) {
  Scenario world = Leaving(Intent::Phase::kDraining, absl::Minutes(2));
  world.history.intents[0].attempts = 8;
  const ReconcileResult result = world.Decide();
  ASSERT_EQ(result.plan.steps.size(), 1u);
  EXPECT_EQ(result.plan.steps[0].next, Intent::Phase::kReturning);
  EXPECT_TRUE(result.plan.steps[0].failed);
}

TEST(Undone, ARenewedLeaseDoesNotForgetTheStopsThatFailed) {
  Scenario world = Leaving(Intent::Phase::kDraining, absl::Minutes(2));
  world.history.intents[0].attempts = 5;
  PlacementReconciler().Record({.step = {.intent_id = "leave-ams-1",
                                         .call = IntentStep::Call::kRenewLease,
                                         .next = Intent::Phase::kDraining},
                                .lease = {.nonce = "new", .expires_at = world.now + absl::Minutes(5)},
                                .now = world.now},
                               world.history);
  EXPECT_EQ(world.history.intents[0].attempts, 5);
  EXPECT_EQ(world.history.intents[0].lease_nonce, "new");
}

TEST(Undone, BlindNobodyDestroysWhatCanStillComeBack) {
  Scenario world = Leaving(Intent::Phase::kWatching, absl::Minutes(30));
  MachineOf(world, "ams-1").state = "stopped";
  ASSERT_EQ(world.Decide().plan.steps.size(), 1u);  // on to Destroying
  world.PrometheusDown();
  EXPECT_THAT(world.Decide().plan.steps, IsEmpty());
  world.now += absl::Minutes(31);
  EXPECT_EQ(world.Decide().plan.steps.size(), 1u);  // not for ever
}

TEST(Undone, AMachineThatIsWantedBackAndDoesNotGetHealthyIsNotDestroyed) {
  Scenario world = Leaving(Intent::Phase::kReturning, absl::Minutes(30));
  Machine& machine = MachineOf(world, "ams-1");
  machine.cordoned = true;
  machine.checks = {{.name = "http", .status = "critical"}};
  const ReconcileResult result = world.Decide();
  ASSERT_EQ(result.plan.steps.size(), 1u);
  EXPECT_EQ(result.plan.steps[0].call, IntentStep::Call::kUncordon);
}

TEST(Undone, AReturnGoesOnDuringSomebodyElsesDeploy) {
  Scenario world = Leaving(Intent::Phase::kReturning, absl::Seconds(20));
  MachineOf(world, "ams-1").state = "stopped";
  MachineOf(world, "fra-1").lease = Lease{.owner = "flyctl", .expires_at = world.now + absl::Seconds(30)};
  world.seen.self.owner_id = "me";
  MachineOf(world, "fra-1").metadata[kMetadataOwner] =
      absl::StrCat("me ", absl::ToUnixSeconds(world.now) - 60, " ", absl::ToUnixSeconds(world.now) - 60);
  const ReconcileResult result = world.Decide();
  ASSERT_TRUE(result.plan.hold.has_value());
  EXPECT_EQ(result.plan.hold->reason, Reason::kReleaseInProgress);
  ASSERT_EQ(result.plan.steps.size(), 1u);
  EXPECT_EQ(result.plan.steps[0].call, IntentStep::Call::kStart);
}

TEST(Undone, AClaimThatIsRenewedHoldsNothing) {
  Scenario world = Excluded();
  world.seen.self.owner_id = "me";
  const std::int64_t now = absl::ToUnixSeconds(world.now);
  MachineOf(world, "fra-1").metadata[kMetadataOwner] = absl::StrCat("me ", now - 1, " ", now - 3600);
  EXPECT_FALSE(world.Decide().plan.hold.has_value());
}

}  // namespace
}  // namespace placer
