#include "controller/shadow.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace placer {

void ForgetVanished(const std::vector<Machine>& machines, Shadow& shadow) {
  std::erase_if(shadow.removed, [&](const std::string& id) {
    return std::none_of(machines.begin(), machines.end(),
                        [&](const Machine& machine) { return machine.id == id; });
  });
}

std::vector<Machine> LayShadow(const PlacementPolicy& policy, std::vector<Machine> machines,
                               const Shadow& shadow) {
  std::erase_if(machines, [&](const Machine& machine) {
    return std::binary_search(shadow.removed.begin(), shadow.removed.end(), machine.id);
  });
  for (const Shadow::Created& created : shadow.created) {
    Machine machine;
    machine.id = created.id;
    machine.name = created.id;
    machine.region = created.region;
    machine.state = "started";
    machine.process_group = policy.process_group;
    machine.metadata[kMetadataPolicy] = policy.name;
    machine.created_at = created.created_at;
    machine.updated_at = created.created_at;
    machines.push_back(std::move(machine));
  }
  std::sort(machines.begin(), machines.end(), [](const Machine& a, const Machine& b) { return a.id < b.id; });
  return machines;
}

void ApplyToShadow(const PlannedAction& action, absl::Time now, Shadow& shadow) {
  if (action.kind == PlannedAction::Kind::kCreate) {
    shadow.created.push_back({absl::StrCat("shadow-", shadow.next_id++), action.region, now});
    return;
  }
  const auto simulated =
      std::find_if(shadow.created.begin(), shadow.created.end(),
                   [&](const Shadow::Created& entry) { return entry.id == action.machine_id; });
  if (simulated != shadow.created.end()) {
    shadow.created.erase(simulated);
    return;
  }
  const auto place = std::lower_bound(shadow.removed.begin(), shadow.removed.end(), action.machine_id);
  if (place == shadow.removed.end() || *place != action.machine_id)
    shadow.removed.insert(place, action.machine_id);
}

}  // namespace placer
