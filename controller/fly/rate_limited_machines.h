// RateLimitedMachines: a MachinesApi that keeps to the platform's rate limits. Every call waits for a token
// of its bucket; a 429 pauses the bucket for as long as the platform asks. Reads that failed for a passing
// reason are repeated with growing, jittered pauses. Easy to get wrong: a write is never repeated here,
// whatever its error: the controller looks first whether it happened.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/effects/clock.h"
#include "controller/effects/machines.h"
#include "controller/effects/random.h"
#include "controller/fly/rate_limits.h"

namespace placer {

// How long a call waited for its bucket; not told of calls that did not wait.
using RateLimitObserver = std::function<void(const std::string& action, absl::Duration waited)>;

class RateLimitedMachines final : public MachinesApi {
 public:
  // All outlive this. `observer` may be empty.
  RateLimitedMachines(MachinesApi& inner, Clock& clock, Random& random, RateLimitObserver observer);

  // Errors are those of the inner API; Cancelled where a wait was cancelled.
  Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) override;
  Task<absl::StatusOr<Machine>> Get(std::string app, std::string machine_id) override;
  Task<absl::StatusOr<std::vector<Region>>> ListRegions() override;
  Task<absl::StatusOr<Machine>> Create(std::string app, CreateMachine request) override;
  Task<absl::StatusOr<Machine>> Update(std::string app, UpdateMachine request) override;
  Task<absl::Status> Apply(std::string app, MachineChange change) override;
  Task<absl::StatusOr<Lease>> Take(std::string app, TakeLease request) override;
  Task<absl::Status> Wait(std::string app, WaitForState request) override;
  Task<absl::StatusOr<std::vector<Volume>>> ListVolumes(std::string app) override;
  Task<absl::StatusOr<Volume>> Create(std::string app, CreateVolume request) override;

 private:
  // Result: absl::Status or StatusOr. `call` is made at most 1 + `repeats` times.
  template <typename Result>
  Task<Result> Run(CallSlot slot, int repeats, std::function<Task<Result>()> call);
  // Waits for a token. Cancelled: the call must not be made.
  Task<absl::Status> Admit(CallSlot slot);

  MachinesApi& inner_;
  Clock& clock_;
  Random& random_;
  const RateLimitObserver observer_;
  RateLimits limits_;
};

}  // namespace placer
