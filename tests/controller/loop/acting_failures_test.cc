// A policy's loop in mode Active when the platform or the program's end gets in its way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/loop/loop_fixture.h"

namespace placer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PlacementPolicy MakeActive() {
  PlacementPolicy policy = MakePolicy();
  policy.mode = Mode::kActive;
  return policy;
}

class ActingFailuresTest : public LoopFixture {
 protected:
  // The nonce that is stored once the program ended, where the release of its lease was answered so.
  std::string NonceAfterStop(absl::Status answer) {
    reconciler_.keep_intents = true;
    reconciler_.lease_nonce = "n1";
    reconciler_.plan = [this](const ReconcileInput&) {
      return reconciler_.outcomes().empty() ? std::vector<PlannedAction>{RemoveMachine("fra", "m1")}
                                            : std::vector<PlannedAction>();
    };
    Apply({MakeActive()});
    machines_.write_error = std::move(answer);
    EXPECT_TRUE(run_.Stop());
    const auto state = run_.store().Load("web", Mode::kActive);
    EXPECT_THAT(state->history.intents, SizeIs(1));
    return state->history.intents.at(0).lease_nonce;
  }
};

TEST_F(ActingFailuresTest, ALeaseThatCouldNotBeReleasedIsKnownToTheNextStart) {
  EXPECT_EQ(NonceAfterStop(absl::UnavailableError("HTTP 503")), "n1");
}

TEST_F(ActingFailuresTest, ALeaseThatWasReleasedIsForgotten) {
  EXPECT_EQ(NonceAfterStop(absl::OkStatus()), "");
}

TEST_F(ActingFailuresTest, ALeaseThatIsGoneIsForgotten) {
  EXPECT_EQ(NonceAfterStop(absl::NotFoundError("no lease")), "");
}

TEST_F(ActingFailuresTest, MachinesThatCannotBeReadAgainAreAFailureThatBacksOff) {
  machines_.get_errors["m1"] = absl::UnavailableError("HTTP 503");
  reconciler_.plan = [](const ReconcileInput& input) -> std::vector<PlannedAction> {
    if (!input.seen.machines_error.ok()) return {};
    return {Create("ams")};
  };
  reconciler_.requeue = [](const ReconcileInput& input) { return absl::Seconds(15) * (1 << input.failures); };
  Apply({MakeActive()});
  run_.RunFor(absl::Minutes(4));
  std::vector<int> failures;
  for (const auto& question : reconciler_.questions()) {
    if (!question.seen.machines_error.ok()) failures.push_back(question.failures);
  }
  EXPECT_THAT(failures, ElementsAre(1, 2, 3, 4));
  machines_.get_errors.clear();
  run_.RunFor(absl::Minutes(8));
  EXPECT_EQ(reconciler_.questions().back().failures, 0);
}

TEST_F(ActingFailuresTest, ACallThatTheProgramsEndCutsOffIsNeitherRecordedNorSaid) {
  machines_.write_error = absl::CancelledError("cancelled");
  reconciler_.plan = [](const ReconcileInput& input) -> std::vector<PlannedAction> {
    if (!input.history.intents.empty()) return {};
    return {Create("ams")};
  };
  Apply({MakeActive()});
  EXPECT_THAT(machines_.calls, Contains("create ams"));
  EXPECT_THAT(reconciler_.outcomes(), IsEmpty());
  EXPECT_EQ(CountEvents("EnterCallFailed"), 0);
}

// Claims m1 in every pass.
class ClaimingReconciler final : public Reconciler {
 public:
  explicit ClaimingReconciler(const Reconciler& inner) : inner_(inner) {}
  ReconcileResult Reconcile(const ReconcileInput& input) const override {
    ReconcileResult result = inner_.Reconcile(input);
    result.plan.claim_machine_id = "m1";
    result.plan.claim_since = input.now;
    return result;
  }
  IntentStep Begin(const PlannedAction& action, absl::Time now, History& history) const override {
    return inner_.Begin(action, now, history);
  }
  void Record(const CallOutcome& outcome, History& history) const override {
    inner_.Record(outcome, history);
  }

 private:
  const Reconciler& inner_;
};

class ClaimTest : public ActingFailuresTest {
 protected:
  ClaimTest() {
    run_.Kill();
    run_.Start(machines_, traffic_, claiming_);
  }
  ClaimingReconciler claiming_{reconciler_};
};

TEST_F(ClaimTest, AClaimThatFailsIsSaidOncePerReason) {
  machines_.write_error = absl::UnavailableError("HTTP 503");
  Apply({MakeActive()});
  run_.RunFor(absl::Minutes(2));
  EXPECT_EQ(CountEvents("ClaimFailed"), 1);
  machines_.write_error = absl::PermissionDeniedError("HTTP 403");
  run_.RunFor(absl::Minutes(2));
  EXPECT_EQ(CountEvents("ClaimFailed"), 2);
}

TEST_F(ClaimTest, AClaimThatFailsAgainAfterASuccessIsSaidAgain) {
  for (const absl::Status& answer :
       {absl::UnavailableError("HTTP 503"), absl::OkStatus(), absl::UnavailableError("HTTP 503")}) {
    machines_.write_error = answer;
    Apply({MakeActive()});
    run_.RunFor(absl::Minutes(2));
  }
  EXPECT_EQ(CountEvents("ClaimFailed"), 2);
}

TEST_F(ClaimTest, AClaimThatTheProgramsEndCutsOffIsNeitherRecordedNorSaid) {
  machines_.write_error = absl::CancelledError("cancelled");
  Apply({MakeActive()});
  EXPECT_THAT(machines_.calls, SizeIs(1));
  EXPECT_THAT(reconciler_.outcomes(), IsEmpty());
  EXPECT_EQ(CountEvents("ClaimFailed"), 0);
}

}  // namespace
}  // namespace placer
