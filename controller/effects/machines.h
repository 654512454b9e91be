// MachinesApi: the platform, as the controller sees it. Implemented over HTTP by controller/fly/, and in process by
// the local platform of cmd/flysim/core.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/machine.h"
#include "api/region.h"
#include "controller/effects/task.h"

namespace placer {

// Errors are those of api/machines_api.h, and DeadlineExceeded or Unavailable from the network. Never throws.
class MachinesApi {
 public:
  virtual ~MachinesApi() = default;
  // Sorted by id. An empty list is not yet proof that there are none: see Observer.
  virtual Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) = 0;
  virtual Task<absl::StatusOr<Machine>> Get(std::string app, std::string machine_id) = 0;
  virtual Task<absl::StatusOr<std::vector<Region>>> ListRegions() = 0;
};

}  // namespace placer
