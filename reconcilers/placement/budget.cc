#include "reconcilers/placement/budget.h"

#include <algorithm>

namespace placer {

Budget::Budget(const PlacementPolicy& policy, const History& history, absl::Time now)
    : policy_(&policy), now_(now) {
  for (const ActionRecord& record : history.actions) {
    if (record.action == Action::kDeploy) {
      ups_ += record.time > now - policy.behavior.scale_up.per;
      creates_ += record.time > now - absl::Hours(1);
    } else if (record.action == Action::kRemove) {
      downs_ += record.time > now - policy.behavior.scale_down.per;
    }
  }
}

absl::Duration Budget::CooldownRemaining(const RegionHistory* region, Action next) const {
  if (region == nullptr || !region->last_action) return absl::ZeroDuration();
  const LastAction& last = *region->last_action;
  if (!last.complete && last.action == next) return absl::ZeroDuration();
  const absl::Duration cooldown =
      next == Action::kDeploy ? policy_->behavior.scale_up.cooldown : policy_->behavior.scale_down.cooldown;
  return std::max(absl::ZeroDuration(), last.ended + cooldown - now_);
}

bool Budget::CanAct(Action direction) const {
  const bool up = direction == Action::kDeploy;
  const ScalingBehavior& behavior = up ? policy_->behavior.scale_up : policy_->behavior.scale_down;
  return !behavior.max_actions || (up ? ups_ : downs_) < *behavior.max_actions;
}

bool Budget::CanCreate() const {
  return creates_ < policy_->capacity.max_creates_per_hour;
}

void Budget::Spend(Action direction) {
  if (direction == Action::kDeploy) {
    ++ups_;
    ++creates_;
  } else {
    ++downs_;
  }
}

}  // namespace placer
