// Adoption: which machines of an app a policy would manage, which not, and why. Asked before anything is
// switched on: nobody should have to find out from a destroyed machine what "managed" meant.
#pragma once

#include <string>
#include <vector>

#include "api/machine.h"
#include "api/policy.h"

namespace placer {

struct AdoptedMachine {
  std::string id;
  std::string name;
  std::string region;
  std::string state;
  bool managed = false;  // the policy may remove it
  bool counted = false;  // it counts as placed
  std::string why;
};

// One line per machine that exists, in the order given. `self_machine_id` is the machine that we run on; its
// whole process group is never managed. "" = not on Fly.
std::vector<AdoptedMachine> ClassifyMachines(const PlacementPolicy& policy,
                                             const std::vector<Machine>& machines,
                                             const std::string& self_machine_id);

}  // namespace placer
