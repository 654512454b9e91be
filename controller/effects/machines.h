// MachinesApi: the platform, as the controller sees it. Implemented over HTTP by controller/fly/, and in
// process by the local platform of cmd/flysim/core.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/machine.h"
#include "api/machine_calls.h"
#include "api/region.h"
#include "controller/effects/task.h"

namespace placer {

// Errors carry an ErrorScope (api/machine_calls.h), which says what to do next; DeadlineExceeded and
// Unavailable from the network carry kUnknown. Never throws. No call repeats itself: the loop does, having
// looked again.
class MachinesApi {
 public:
  virtual ~MachinesApi() = default;

  // Sorted by id. An empty list is not yet proof that there are none: see Observer.
  virtual Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) = 0;
  virtual Task<absl::StatusOr<Machine>> Get(std::string app, std::string machine_id) = 0;
  virtual Task<absl::StatusOr<std::vector<Region>>> ListRegions() = 0;

  virtual Task<absl::StatusOr<Machine>> Create(std::string app, CreateMachine request) = 0;
  virtual Task<absl::StatusOr<Machine>> Update(std::string app, UpdateMachine request) = 0;
  virtual Task<absl::Status> Apply(std::string app, MachineChange change) = 0;
  // Conflict: somebody else holds it.
  virtual Task<absl::StatusOr<Lease>> Take(std::string app, TakeLease request) = 0;
  // Ok once the state is reached; DeadlineExceeded: not within the timeout.
  virtual Task<absl::Status> Wait(std::string app, WaitForState request) = 0;
  virtual Task<absl::StatusOr<std::vector<Volume>>> ListVolumes(std::string app) = 0;
  virtual Task<absl::StatusOr<Volume>> Create(std::string app, CreateVolume request) = 0;
};

}  // namespace placer
