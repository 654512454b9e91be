// Plan: the ordered effects that a pass wants, as plain values. A Reconciler makes it, the controller executes it
// and decides nothing. Additions stand before removals, except for a swap, which removes first.
#pragma once

#include <string>
#include <vector>

#include "api/decision.h"

namespace placer {

struct PlannedAction {
  enum class Kind { kCreate, kRemove };
  Kind kind = Kind::kCreate;
  std::string region;
  std::string machine_id;  // of a removal; empty for a creation
  Reason reason = Reason::kTrafficAboveThreshold;
  // A removal that must not happen when an addition of the same plan failed.
  bool needs_additions = false;
};

struct Plan {
  std::vector<PlannedAction> actions;  // in the order of execution
};

}  // namespace placer
