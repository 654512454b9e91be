// A policy's loop in mode Active when the platform or the program's end gets in its way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/loop/loop_fixture.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
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

}  // namespace
}  // namespace placer
