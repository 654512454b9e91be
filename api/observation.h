// Observation: everything that one pass saw. With the policy, the stored history and the time it determines
// the decision completely.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "api/machine.h"
#include "api/region.h"
#include "api/traffic.h"

namespace placer {

// The machine that the controller itself runs on, where that is a Fly machine of the target app.
struct Self {
  std::string machine_id;     // FLY_MACHINE_ID; "" when not on Fly
  std::string process_group;  // of that machine, once the list showed it; never ours to act on
  std::string owner_id;       // of this controller, the same across restarts; see api/ownership.h
  std::string sibling;        // another live machine of the app and group that we run in; "" = none
};

struct Observation {
  // Machines of the app, in the order of their ids, each once. In DryRun the shadow is laid over them
  // already.
  std::vector<Machine> machines;
  absl::Status
      machines_error;  // not ok: the list could not be read; `machines` is the last one known (may be empty)
  bool machines_known = false;  // a list was read at least once; without it nothing is decided
  Traffic traffic;
  std::shared_ptr<const Platform> platform = std::make_shared<const Platform>();  // never null
  std::string primary_region;  // of the target app, from its machines' PRIMARY_REGION; may be empty
  Self self;
};

}  // namespace placer
