#include "cmd/autoplacer/adoption.h"

#include "absl/strings/str_cat.h"

namespace placer {
namespace {

// The group of the machine that we run on; "" where that is not one of these machines.
std::string FindOwnGroup(const std::vector<Machine>& machines, const std::string& self_machine_id) {
  if (self_machine_id.empty()) return "";
  for (const Machine& machine : machines) {
    if (machine.id == self_machine_id) return machine.process_group;
  }
  return "";
}

// Why it is no machine of the policy at all; "" if it is one.
std::string ExplainForeign(const PlacementPolicy& policy, const Machine& machine,
                           const std::string& self_machine_id, const std::string& own_group) {
  if (!self_machine_id.empty() && machine.id == self_machine_id) return "the autoplacer itself runs on it";
  if (machine.process_group.empty()) {
    return "its process group is unknown (no config given, host status " + machine.host_status +
           "): counts to capacity.total.max and is never touched";
  }
  if (!own_group.empty() && machine.process_group == own_group) {
    return absl::StrCat("the autoplacer itself runs in process group \"", own_group, "\"");
  }
  if (machine.is_standby) return "a standby: Fly starts it when another machine's host fails";
  if (machine.is_release_command) return "a one-off machine (release command or console)";
  if (machine.process_group != policy.process_group) {
    return absl::StrCat("process group \"", machine.process_group, "\"; the policy steers \"",
                        policy.process_group, "\"");
  }
  return "";
}

}  // namespace

std::vector<AdoptedMachine> ClassifyMachines(const PlacementPolicy& policy,
                                             const std::vector<Machine>& machines,
                                             const std::string& self_machine_id) {
  const std::string own_group = FindOwnGroup(machines, self_machine_id);
  std::vector<AdoptedMachine> report;
  for (const Machine& machine : machines) {
    if (!Exists(machine)) continue;
    AdoptedMachine line{
        .id = machine.id, .name = machine.name, .region = machine.region, .state = machine.state};
    line.why = ExplainForeign(policy, machine, self_machine_id, own_group);
    line.counted = line.why.empty();
    if (line.counted) {
      const bool made = IsMadeBy(machine, policy.name);
      line.managed = made || policy.adopt == Adopt::kAll;
      line.why = made ? "made by this policy"
                 : line.managed
                     ? "adopt: All takes every machine of the process group"
                     : "counted, but not made by this policy: kept unless the policy says adopt: All";
    }
    report.push_back(line);
  }
  return report;
}

}  // namespace placer
