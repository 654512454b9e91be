// PlacementReconciler: the placement decision as a whole. Read Reconcile: it names every step in order.
//
//   demand -> strategy -> constraints -> stabilization -> diff -> explain
//
// Easy to get wrong: last targets follow the data points and nothing else. Cooldowns, budgets and floors
// delay an action; they never change what the traffic asked for.
#pragma once

#include "api/reconciler.h"

namespace placer {

class PlacementReconciler final : public Reconciler {
 public:
  ReconcileResult Reconcile(const ReconcileInput& input) const override;
  IntentStep Begin(const PlannedAction& action, absl::Time now, History& history) const override;
  void Record(const CallOutcome& outcome, History& history) const override;
};

}  // namespace placer
