// A policy's loop in mode Active when the platform or the program's end gets in its way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/loop/loop_fixture.h"

namespace placer {
namespace {

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

}  // namespace
}  // namespace placer
