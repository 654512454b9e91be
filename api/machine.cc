#include "api/machine.h"

#include <algorithm>

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
  return machine.metadata.contains(kMetadataParked) && machine.state != "started" && machine.state != "starting";
}

bool IsMadeBy(const Machine& machine, const std::string& policy) {
  const auto maker = machine.metadata.find(kMetadataPolicy);
  return maker != machine.metadata.end() && maker->second == policy;
}

bool IsServiceMachine(const Machine& machine) {
  return !machine.is_standby && !machine.is_release_command;
}

}  // namespace placer
