#include "reconcilers/placement/rebuild.h"

#include <algorithm>

#include "reconcilers/placement/region_state.h"

namespace placer {

void RebuildFromPlatform(const ReconcileInput& input, History& history) {
  if (input.history.decided_point != absl::InfinitePast() || !input.history.actions.empty()) return;
  for (const Machine& machine : input.seen.machines) {
    if (!IsOfGroup(input.policy, machine) || !IsMadeBy(machine, input.policy.name)) continue;
    if (machine.created_at == absl::InfinitePast() || machine.created_at > input.now) continue;
    RegionHistory& region = history.regions[machine.region];
    if (!region.last_action || region.last_action->ended < machine.created_at) {
      region.last_action = LastAction{Action::kDeploy, machine.created_at, /*complete=*/true};
    }
    history.actions.push_back({machine.created_at, Action::kDeploy, machine.region, /*failed=*/false});
  }
  std::sort(history.actions.begin(), history.actions.end(),
            [](const ActionRecord& a, const ActionRecord& b) { return a.time < b.time; });
}

}  // namespace placer
