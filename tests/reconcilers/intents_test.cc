// What the outcome of a call means for the stored facts: the intent moves on, waits, or ends.
#include "reconcilers/placement/intents.h"

#include <gtest/gtest.h>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using Call = IntentStep::Call;
using Phase = Intent::Phase;

class IntentsTest : public testing::Test {
 protected:
  IntentStep Begin(PlannedAction::Kind kind, const std::string& machine_id = "") {
    PlannedAction action{.kind = kind, .region = "iad", .machine_id = machine_id};
    if (kind == PlannedAction::Kind::kCreate) action.machine_name = "ap-web-iad-0-g1";
    return BeginIntent(action, Noon(), history_);
  }
  void Record(const IntentStep& step, const absl::Status& status, const std::string& machine_id = "") {
    RecordOutcome({.step = step, .status = status, .machine_id = machine_id, .now = Noon()}, history_);
  }
  static absl::Status Fail(ErrorScope scope) { return WithScope(absl::UnavailableError("no"), scope); }

  History history_;
};

struct ScopeCase {
  ErrorScope scope;
  bool stays_open;
  bool counts;   // as a failed create of the region
  bool rests;    // no create in the region for a while
  bool blocked;  // nothing is written for a while
};

class FailedCreate : public IntentsTest, public testing::WithParamInterface<ScopeCase> {};

TEST_P(FailedCreate, IsTakenByItsScope) {
  const ScopeCase& c = GetParam();
  Record(Begin(PlannedAction::Kind::kCreate), Fail(c.scope));
  EXPECT_EQ(!history_.intents.empty(), c.stays_open);
  EXPECT_EQ(history_.regions["iad"].failed_creates > 0, c.counts);
  EXPECT_EQ(history_.regions["iad"].retry_at > Noon(), c.rests);
  EXPECT_EQ(history_.blocked_until > Noon(), c.blocked);
}

INSTANTIATE_TEST_SUITE_P(Scopes, FailedCreate,
                         testing::Values(ScopeCase{ErrorScope::kUnknown, true, false, false, false},
                                         ScopeCase{ErrorScope::kRetry, true, false, false, false},
                                         ScopeCase{ErrorScope::kConflict, true, false, false, false},
                                         ScopeCase{ErrorScope::kNameTaken, true, false, false, false},
                                         ScopeCase{ErrorScope::kHost, false, true, false, false},
                                         ScopeCase{ErrorScope::kVolume, false, true, true, false},
                                         ScopeCase{ErrorScope::kRegion, false, true, true, false},
                                         ScopeCase{ErrorScope::kQuota, false, true, true, false},
                                         ScopeCase{ErrorScope::kRefused, false, true, true, false},
                                         ScopeCase{ErrorScope::kAuth, false, false, false, true}),
                         [](const auto& info) { return std::string(ToString(info.param.scope)); });

TEST_F(IntentsTest, AMachineThatWasMadeIsStarted) {
  Record(Begin(PlannedAction::Kind::kCreate), absl::OkStatus(), "m");
  ASSERT_EQ(history_.intents.size(), 1u);
  EXPECT_EQ(history_.intents[0].phase, Phase::kStarting);
  EXPECT_EQ(history_.intents[0].machine_id, "m");
}

TEST_F(IntentsTest, AFinishedEnterBeginsTheCooldownAndForgetsFailures) {
  history_.regions["iad"].failed_creates = 2;
  history_.regions["iad"].retry_at = Noon() + absl::Minutes(5);
  Record(Begin(PlannedAction::Kind::kCreate), absl::OkStatus(), "m");
  Record({.intent_id = "ap-web-iad-0-g1", .call = Call::kUncordon}, absl::OkStatus());
  EXPECT_TRUE(history_.intents.empty());
  EXPECT_EQ(history_.regions["iad"].failed_creates, 0);
  ASSERT_TRUE(history_.regions["iad"].last_action);
  EXPECT_EQ(history_.regions["iad"].last_action->action, Action::kDeploy);
}

TEST_F(IntentsTest, ALeaseIsKeptUntilItIsGivenBack) {
  const IntentStep cordon = Begin(PlannedAction::Kind::kRemove, "m");
  RecordOutcome(
      {.step = cordon, .lease = {.nonce = "n", .expires_at = Noon() + absl::Minutes(2)}, .now = Noon()},
      history_);
  EXPECT_EQ(history_.intents[0].lease_nonce, "n");
  EXPECT_EQ(history_.intents[0].phase, Phase::kDraining);
  Record({.intent_id = "leave-m", .call = Call::kReleaseLease, .next = Phase::kWatching}, absl::OkStatus());
  EXPECT_EQ(history_.intents[0].lease_nonce, "");
}

TEST_F(IntentsTest, AConflictTakesTheLeaseAwayAndWaits) {
  const IntentStep cordon = Begin(PlannedAction::Kind::kRemove, "m");
  history_.intents[0].lease_nonce = "n";
  Record(cordon, Fail(ErrorScope::kConflict));
  EXPECT_EQ(history_.intents[0].lease_nonce, "");
  EXPECT_EQ(history_.intents[0].phase, Phase::kCordoning);
  EXPECT_GT(history_.intents[0].not_before, Noon());
}

TEST_F(IntentsTest, AnUpdateThatDoesNotTurnHealthyRestsItsRegionEachTimeForLonger) {
  absl::Duration rested;
  for (int i = 1; i <= 3; ++i) {
    const IntentStep update = Begin(PlannedAction::Kind::kUpdate, "m");
    Record(update, absl::OkStatus());
    Record({.intent_id = update.intent_id, .failed = true, .why = "critical"}, absl::OkStatus());
    EXPECT_TRUE(history_.intents.empty());
    EXPECT_EQ(history_.regions["iad"].failed_creates, i);
    EXPECT_GE(history_.regions["iad"].retry_at - Noon(), rested);
    rested = history_.regions["iad"].retry_at - Noon();
    EXPECT_GT(rested, absl::ZeroDuration());
  }
}

TEST_F(IntentsTest, AnUpdateThatTurnsHealthyEndsTheRestUnlessTheRegionLacksRoom) {
  for (const ErrorScope failure : {ErrorScope::kUnknown, ErrorScope::kRegion}) {
    RegionHistory& region = history_.regions["iad"];
    region.failed_creates = 2;
    region.failure = failure;
    region.retry_at = Noon() + absl::Minutes(5);
    const IntentStep update = Begin(PlannedAction::Kind::kUpdate, "m");
    Record(update, absl::OkStatus());
    Record({.intent_id = update.intent_id}, absl::OkStatus());
    EXPECT_EQ(region.failed_creates, failure == ErrorScope::kUnknown ? 0 : 2);
  }
}

TEST_F(IntentsTest, ALeaveThatIsUndoneCountsFromThen) {
  const IntentStep cordon = Begin(PlannedAction::Kind::kRemove, "m");
  Record(cordon, absl::OkStatus());
  const absl::Time undone = Noon() + absl::Minutes(20);
  RecordOutcome({.step = {.intent_id = "leave-m", .next = Phase::kReturning, .failed = true}, .now = undone},
                history_);
  RecordOutcome({.step = {.intent_id = "leave-m", .call = Call::kUncordon}, .now = undone}, history_);
  ASSERT_EQ(history_.actions.size(), 1u);
  EXPECT_TRUE(history_.actions[0].failed);
  EXPECT_EQ(history_.actions[0].time, undone);
}

TEST_F(IntentsTest, AnUnknownIntentChangesNothing) {
  Begin(PlannedAction::Kind::kRemove, "m");
  Record({.intent_id = "another", .call = Call::kDestroy}, absl::OkStatus());
  EXPECT_EQ(history_.intents.size(), 1u);
}

TEST_F(IntentsTest, EachRepeatedCreateCountsAgainstTheHour) {
  const IntentStep create = Begin(PlannedAction::Kind::kCreate);
  Record(create, Fail(ErrorScope::kUnknown));
  Record(create, Fail(ErrorScope::kUnknown));
  EXPECT_EQ(history_.actions.size(), 2u);
}

}  // namespace
}  // namespace placer
