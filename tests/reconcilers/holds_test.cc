// What holds the whole policy: another controller, a claim that is too young, a deploy, a lease, a refused
// token.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "api/ownership.h"
#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kOurs[] = "ours";

// fra serves, and iad, where traffic is, has no machine.
struct HoldScenario : Scenario {
  HoldScenario() {
    Machines("fra", 1)
        .LastTarget("fra", true)
        .LastTarget("iad", true)
        .Requests("fra", 100)
        .Requests("iad", 100);
    seen.self.owner_id = kOurs;
  }
  HoldScenario& Claim(const std::string& owner, absl::Duration ago) {
    seen.machines.front().metadata[kMetadataOwner] = FormatClaim(owner, now - ago, now - ago);
    return *this;
  }
};

std::string HoldOf(const ReconcileResult& result) {
  return result.plan.hold ? ToString(result.plan.hold->reason) : "none";
}

TEST(Holds, AnAppWithoutAClaimIsClaimedFirst) {
  const ReconcileResult result = HoldScenario().Decide();
  EXPECT_EQ(result.plan.claim_machine_id, "fra-1");
  EXPECT_THAT(ActionsOf(result), IsEmpty());
}

TEST(Holds, AYoungClaimOfOursIsWaitedFor) {
  const ReconcileResult result = HoldScenario().Claim(kOurs, kClaimSettles - absl::Seconds(2)).Decide();
  EXPECT_EQ(HoldOf(result), "NotOwner");
  EXPECT_THAT(ActionsOf(result), IsEmpty());
}

TEST(Holds, ASettledClaimOfOursActs) {
  const ReconcileResult result = HoldScenario().Claim(kOurs, kClaimSettles + absl::Seconds(2)).Decide();
  EXPECT_EQ(HoldOf(result), "none");
  EXPECT_THAT(ActionsOf(result), ElementsAre("create iad: TrafficAboveThreshold"));
}

TEST(Holds, AnOldClaimOfOursIsRenewedWhileActing) {
  const ReconcileResult result = HoldScenario().Claim(kOurs, kClaimRenewed + absl::Seconds(2)).Decide();
  EXPECT_EQ(result.plan.claim_machine_id, "fra-1");
  EXPECT_EQ(HoldOf(result), "none");
}

TEST(Holds, AFreshClaimOfAnotherControllerIsRespectedAndNamed) {
  const ReconcileResult result = HoldScenario().Claim("theirs", kClaimLives - absl::Seconds(2)).Decide();
  EXPECT_EQ(HoldOf(result), "NotOwner");
  EXPECT_TRUE(absl::StrContains(result.plan.hold->message, "theirs"));
  EXPECT_EQ(result.plan.claim_machine_id, "");
}

TEST(Holds, ADeadClaimOfAnotherControllerIsReplaced) {
  const ReconcileResult result = HoldScenario().Claim("theirs", kClaimLives + absl::Seconds(2)).Decide();
  EXPECT_EQ(result.plan.claim_machine_id, "fra-1");
}

TEST(Holds, ANewerClaimOfAnotherControllerEndsOurs) {
  HoldScenario scenario;
  scenario.Claim(kOurs, absl::Minutes(2));
  Machine theirs = MakeMachine("fra-2", "fra");
  theirs.metadata[kMetadataOwner] =
      FormatClaim("theirs", scenario.now - absl::Minutes(1), scenario.now - absl::Minutes(1));
  scenario.Add(theirs);
  EXPECT_EQ(HoldOf(scenario.Decide()), "NotOwner");
}

TEST(Holds, ASiblingBesideUsMeansThatNobodyActs) {
  HoldScenario scenario;
  scenario.Claim(kOurs, absl::Minutes(2)).seen.self.sibling = "other";
  EXPECT_EQ(HoldOf(scenario.Decide()), "NotOwner");
}

TEST(Holds, ALeaseOfSomebodyElseIsWaitedFor) {
  HoldScenario scenario;
  scenario.Claim(kOurs, absl::Minutes(2)).seen.machines.front().lease =
      Lease{.owner = "flyctl", .description = "deploy", .expires_at = scenario.now + absl::Seconds(10)};
  EXPECT_EQ(HoldOf(scenario.Decide()), "ReleaseInProgress");
}

TEST(Holds, ALeaseIsWaitedForAlsoInAPassThatHasNoOwner) {
  HoldScenario scenario;
  scenario.seen.self.owner_id.clear();
  scenario.seen.machines.front().lease =
      Lease{.owner = "flyctl", .description = "deploy", .expires_at = scenario.now + absl::Seconds(10)};
  EXPECT_EQ(HoldOf(scenario.Decide()), "ReleaseInProgress");
}

TEST(Holds, AnExpiredLeaseHoldsNothing) {
  HoldScenario scenario;
  scenario.Claim(kOurs, absl::Minutes(2)).seen.machines.front().lease =
      Lease{.owner = "flyctl", .description = "deploy", .expires_at = scenario.now - absl::Seconds(1)};
  EXPECT_EQ(HoldOf(scenario.Decide()), "none");
}

TEST(Holds, AConfigChangedWithinTheLastMinuteIsADeploy) {
  HoldScenario scenario;
  scenario.Claim(kOurs, absl::Minutes(2));
  Machine theirs = MakeForeignMachine("fra-2", "fra");
  theirs.config_changed_at = scenario.now - absl::Seconds(50);
  scenario.Add(theirs);
  EXPECT_EQ(HoldOf(scenario.Decide()), "ReleaseInProgress");
}

TEST(Holds, MixedReleasesOfSomebodyElsesMachinesAreADeploy) {
  HoldScenario scenario;
  scenario.Claim(kOurs, absl::Minutes(2));
  for (const char* release : {"one", "two"}) {
    Machine theirs = MakeForeignMachine(absl::StrCat("fra-", release), "fra");
    theirs.metadata[kMetadataReleaseId] = release;
    scenario.Add(theirs);
  }
  EXPECT_EQ(HoldOf(scenario.Decide()), "ReleaseInProgress");
}

TEST(Holds, ARefusedTokenStopsEverythingForAWhile) {
  HoldScenario scenario;
  scenario.Claim(kOurs, absl::Minutes(6)).history.blocked_until = scenario.now + absl::Minutes(1);
  const ReconcileResult result = scenario.Decide();
  EXPECT_EQ(HoldOf(result), "NotAuthorized");
  EXPECT_EQ(result.plan.claim_machine_id, "");
  EXPECT_THAT(result.plan.actions, IsEmpty());
}

TEST(Holds, ADryRunNeedsNoClaim) {
  HoldScenario scenario;
  scenario.policy.mode = Mode::kDryRun;
  EXPECT_THAT(ActionsOf(scenario.Decide()), ElementsAre("create iad: TrafficAboveThreshold"));
}

TEST(Holds, ARegionThatFlippedTwiceIsNotEnteredAThirdTime) {
  HoldScenario scenario;
  scenario.Claim(kOurs, absl::Minutes(2)).AllPointsDecided();
  scenario.history.regions["iad"].flips = {Noon() - absl::Minutes(3), Noon() - absl::Minutes(1)};
  const ReconcileResult result = scenario.Decide();
  EXPECT_EQ(ReasonOf(result, "iad"), "Reversal");
  EXPECT_THAT(ActionsOf(result), IsEmpty());
}

// ---- Bringing ours to the release ----

// One of ours in fra, one in iad, both on release "old" and the template on "new".
struct ReleaseScenario : Scenario {
  ReleaseScenario() {
    Machines("fra", 1).Machines("iad", 1).LastTarget("fra", true).LastTarget("iad", true);
    Requests("fra", 100).Requests("iad", 100);
    for (Machine& machine : seen.machines) {
      machine.metadata[kMetadataReleaseId] = "old";
      machine.checks = {{.name = "alive", .status = "passing"}};
    }
    history.machine_template = std::make_shared<const MachineTemplate>(MachineTemplate{.release = "new"});
  }
  Machine& At(std::size_t i) { return seen.machines[i]; }
  std::string Updated() const {
    std::string updated;
    for (const PlannedAction& action : Decide().plan.actions) {
      if (action.kind == PlannedAction::Kind::kUpdate) updated += action.machine_id;
    }
    return updated;
  }
};

TEST(Stragglers, AreUpdatedOneAtATime) {
  EXPECT_EQ(ReleaseScenario().Updated(), "fra-1");
}

TEST(Stragglers, ThatDoNotServeGoFirst) {
  ReleaseScenario scenario;
  scenario.At(1).checks.front().status = "critical";
  EXPECT_EQ(scenario.Updated(), "iad-1");
}

TEST(Stragglers, ThatAloneServeStay) {
  ReleaseScenario scenario;
  scenario.At(1).state = "destroyed";
  EXPECT_EQ(scenario.Updated(), "");
}

TEST(Stragglers, WaitWhereTheReleaseFailsItsChecks) {
  ReleaseScenario scenario;
  scenario.At(0).metadata[kMetadataReleaseId] = "new";
  scenario.At(0).checks.front().status = "critical";
  scenario.Machines("ams", 1).LastTarget("ams", true);
  EXPECT_EQ(scenario.Updated(), "");
}

TEST(Stragglers, WaitWhereTheLastUpdateOrCreateOfTheirRegionFailed) {
  ReleaseScenario scenario;
  scenario.history.regions["fra"].retry_at = scenario.now + absl::Minutes(5);
  EXPECT_EQ(scenario.Updated(), "iad-1");
  scenario.history.regions["iad"].retry_at = scenario.now + absl::Minutes(5);
  EXPECT_EQ(scenario.Updated(), "");
  scenario.now += absl::Minutes(6);
  EXPECT_EQ(scenario.Updated(), "fra-1");
}

TEST(Stragglers, GoOnWhereTheReleasePassesElsewhere) {
  ReleaseScenario scenario;
  scenario.At(0).metadata[kMetadataReleaseId] = "new";
  scenario.At(0).checks.front().status = "critical";
  Machine proof = MakeMachine("ams-1", "ams");
  proof.metadata[kMetadataReleaseId] = "new";
  proof.checks = {{.name = "alive", .status = "passing"}};
  scenario.Add(proof);
  scenario.LastTarget("ams", true);
  EXPECT_EQ(scenario.Updated(), "iad-1");
}

}  // namespace
}  // namespace placer
