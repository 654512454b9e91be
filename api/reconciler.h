// The contract between the loop and the decision code, level-based: a result is a function of its input and
// of nothing else. How often, or why, the loop runs does not matter; events only make the next pass come
// earlier.
//
//   Observation + PlacementPolicy + History + now  ->  Decision + Plan + the history to store
//
// What the controller does with a result: it executes `plan` in order, records each attempt in the history,
// stores it, publishes `decision`, and runs again after the policy's interval, or earlier when the policy
// changes or a trigger arrives. Nothing here can fail: bad input is graded evidence, and leads to a decision
// with a reason.
#pragma once

#include "absl/time/time.h"
#include "api/decision.h"
#include "api/history.h"
#include "api/observation.h"
#include "api/plan.h"
#include "api/policy.h"

namespace placer {

struct ReconcileInput {
  const PlacementPolicy& policy;
  const Observation& seen;
  const History& history;
  absl::Time now;
  // Passes in a row, this one included, whose observation failed; only delays the next pass.
  int failures = 0;
  // The mode was left while actions were under way: they come to rest, nothing new begins.
  bool settling = false;
};

struct ReconcileResult {
  Decision decision;
  Plan plan;
  History history;  // input's, with last targets brought up to decision.data_point; actions are not yet in it
  absl::Duration requeue_after;  // when to look again if nothing happens; before jitter
};

class Reconciler {
 public:
  virtual ~Reconciler() = default;
  // Pure: reads no clock, does no I/O, draws no random number. Equal inputs give equal results, byte for
  // byte.
  virtual ReconcileResult Reconcile(const ReconcileInput& input) const = 0;
  // Opens the intent of an action that is about to be carried out on the platform; the result is its first step. Pure.
  virtual IntentStep Begin(const PlannedAction& action, absl::Time now, History& history) const = 0;
  // What the outcome of a step's call means for the stored facts: the intent moves on, waits, or ends. Pure.
  virtual void Record(const CallOutcome& outcome, History& history) const = 0;
};

}  // namespace placer
