// The dry run's shadow: simulated creations and removals, laid over each fresh machine list, so that real
// changes show through. The decision code cannot tell the difference.
#pragma once

#include <vector>

#include "api/machine.h"
#include "api/plan.h"
#include "api/policy.h"
#include "controller/effects/store.h"

namespace placer {

// The machines with the shadow laid over, sorted by id: simulated ones are started and healthy at once and
// count as created by the policy.
std::vector<Machine> LayShadow(const PlacementPolicy& policy, std::vector<Machine> machines,
                               const Shadow& shadow);

// Forgets removals of machines that are gone in truth. Only for a list that was read: one that failed, as may
// be the first after a start, would bring every machine back that the shadow removed.
void ForgetVanished(const std::vector<Machine>& machines, Shadow& shadow);

// Carries out one action in the shadow. It cannot fail.
void ApplyToShadow(const PlannedAction& action, absl::Time now, Shadow& shadow);

}  // namespace placer
