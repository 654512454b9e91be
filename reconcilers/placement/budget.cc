#include "reconcilers/placement/budget.h"

#include <algorithm>

namespace placer {
namespace {

// A time further ahead than the window is long was stored under a clock that was wrong, and would hold back
// for as long as that clock was ahead. Nearer ones are what a small correction of the clock leaves.
bool IsWithin(absl::Duration window, absl::Time time, absl::Time now) {
  return time > now - window && time < now + window;
}

}  // namespace

Budget::Budget(const PlacementPolicy& policy, const History& history, absl::Time now)
    : policy_(&policy), now_(now) {
  for (const ActionRecord& record : history.actions) {
    if (record.action == Action::kDeploy) {
      ups_ += IsWithin(policy.behavior.scale_up.per, record.time, now);
      creates_ += IsWithin(absl::Hours(1), record.time, now);
    } else if (record.action == Action::kRemove) {
      downs_ += IsWithin(policy.behavior.scale_down.per, record.time, now);
    }
  }
}

absl::Duration Budget::CooldownRemaining(const RegionHistory* region, Action next) const {
  if (region == nullptr || !region->last_action) return absl::ZeroDuration();
  const LastAction& last = *region->last_action;
  if (!last.complete && last.action == next) return absl::ZeroDuration();
  const absl::Duration cooldown =
      next == Action::kDeploy ? policy_->behavior.scale_up.cooldown : policy_->behavior.scale_down.cooldown;
  if (!IsWithin(cooldown, last.ended, now_)) return absl::ZeroDuration();
  return std::min(cooldown, last.ended + cooldown - now_);
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
