#include "reconcilers/placement/planner.h"

#include <algorithm>
#include <utility>

namespace placer {

Planner::Planner(PassState& pass, const History& history)
    : pass_(pass),
      policy_(pass.input.policy),
      budget_(policy_, history, pass.input.now),
      claimed_(pass.total),
      left_(pass.total) {
  for (RegionState& region : pass_.regions) {
    healthy_ += region.healthy;
    from_bottom_.push_back(&region);
  }
  std::sort(from_bottom_.begin(), from_bottom_.end(),
            [](const RegionState* a, const RegionState* b) { return RanksBefore(*b, *a); });
}

Plan Planner::MakePlan() {
  PlanAdditions();
  PlanPolicyRemovals();
  PlanTrafficRemovals();
  const bool has_additions = !additions_.empty();
  for (PlannedAction& removal : removals_) removal.needs_additions = has_additions;
  Plan plan{.actions = std::move(additions_)};
  plan.actions.insert(plan.actions.end(), swaps_.begin(), swaps_.end());
  plan.actions.insert(plan.actions.end(), removals_.begin(), removals_.end());
  return plan;
}

}  // namespace placer
