// Intents: how a stored action opens, moves from phase to phase, and ends. Pure: the controller makes the
// calls, this says what they mean for the stored facts, retries and pauses included.
#pragma once

#include "api/history.h"
#include "api/plan.h"

namespace placer {

// After `failed` creates in a row in a region, the last with this scope: how long that region rests. A host
// that has no room says little about the region, so the first two are followed at once.
absl::Duration ComputeCreatePause(ErrorScope scope, int failed);

// Appends the intent of an action, and counts the action against its budgets. The result is its first step.
IntentStep BeginIntent(const PlannedAction& action, absl::Time now, History& history);

// Brings the intent of outcome.step up to date; an unknown id changes nothing.
void RecordOutcome(const CallOutcome& outcome, History& history);

}  // namespace placer
