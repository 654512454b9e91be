// Budget: how much a pass may still do, from the stored actions: cooldown per region, maxActions per
// direction, creations per hour. Pure arithmetic over History and the time of the pass.
#pragma once

#include "absl/time/time.h"
#include "api/history.h"
#include "api/policy.h"

namespace placer {

class Budget {
 public:
  Budget(const PlacementPolicy& policy, const History& history, absl::Time now);

  // Time until an action in this direction may start in a region; zero if it may now. An action that its own
  // direction left unfinished (maxActions) goes on without a pause.
  absl::Duration CooldownRemaining(const RegionHistory* region, Action next) const;

  bool CanAct(Action direction) const;  // one more machine within maxActions
  bool CanCreate() const;               // one more within maxCreatesPerHour
  void Spend(Action direction);

 private:
  const PlacementPolicy* policy_;
  absl::Time now_;
  int ups_ = 0;
  int downs_ = 0;
  int creates_ = 0;
};

}  // namespace placer
