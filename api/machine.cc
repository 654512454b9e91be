#include "api/machine.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace placer {

bool IsHealthy(const Machine& machine) {
  return machine.state == "started" && !machine.cordoned && machine.host_status == "ok" &&
         std::none_of(machine.checks.begin(), machine.checks.end(),
                      [](const Check& check) { return check.status == "critical"; });
}

bool Exists(const Machine& machine) {
  return machine.state != "destroyed" && machine.state != "destroying";
}

bool IsParked(const Machine& machine) {
  return machine.metadata.contains(kMetadataParked) && machine.state != "started" &&
         machine.state != "starting";
}

bool IsMadeBy(const Machine& machine, const std::string& policy) {
  const auto maker = machine.metadata.find(kMetadataPolicy);
  return maker != machine.metadata.end() && maker->second == policy;
}

bool IsMadeByAnyPolicy(const Machine& machine) {
  return machine.metadata.contains(kMetadataPolicy);
}

void ForgetCopiedMarks(std::vector<Machine>& machines) {
  std::set<std::string> names;
  for (const Machine& machine : machines) {
    if (Exists(machine)) names.insert(machine.name);
  }
  for (Machine& machine : machines) {
    const auto original = machine.metadata.find(kMetadataIntent);
    if (original == machine.metadata.end() || absl::StartsWith(machine.name, kMachineNamePrefix)) continue;
    if (!names.contains(original->second)) continue;
    for (const char* mark : {kMetadataPolicy, kMetadataIntent, kMetadataParked, kMetadataLeaving})
      machine.metadata.erase(mark);
  }
}

bool IsMarkedLeaving(const Machine& machine, const std::string& policy) {
  const auto mark = machine.metadata.find(kMetadataLeaving);
  return mark != machine.metadata.end() && mark->second == policy;
}

bool IsLost(const Machine& machine) {
  return machine.state == "failed" || machine.host_status == "unreachable";
}

std::int64_t ReleaseVersionOf(const Machine& machine) {
  const auto text = machine.metadata.find(kMetadataReleaseVersion);
  std::int64_t version = 0;
  return text != machine.metadata.end() && absl::SimpleAtoi(text->second, &version) ? version : -1;
}

bool IsServiceMachine(const Machine& machine) {
  return !machine.is_standby && !machine.is_release_command;
}

}  // namespace placer
