// RateLimitedMachines: a MachinesApi that keeps to the platform's rate limits. Every call waits for a token
// of its bucket; a 429 pauses the bucket for as long as the platform asks. Reads that failed for a passing
// reason are repeated with growing, jittered pauses. Easy to get wrong: a write is never repeated here,
// whatever its error: the controller looks first whether it happened.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "controller/effects/clock.h"
#include "controller/effects/forwarding_machines.h"
#include "controller/effects/random.h"
#include "controller/fly/rate_limits.h"

namespace placer {

// How long a call waited for its bucket; not told of calls that did not wait.
using RateLimitObserver = std::function<void(const std::string& action, absl::Duration waited)>;

class RateLimitedMachines final : public ForwardingMachines {
 public:
  // All outlive this. `observer` may be empty. Errors are those of `inner`; Cancelled where a wait was
  // cancelled.
  RateLimitedMachines(MachinesApi& inner, Clock& clock, Random& random, RateLimitObserver observer);

 private:
  Task<absl::Status> Intercept(MachinesCall call, Forward forward) override;
  // Waits for a token. Cancelled: the call must not be made.
  Task<absl::Status> Admit(CallSlot slot);

  Clock& clock_;
  Random& random_;
  const RateLimitObserver observer_;
  RateLimits limits_;
};

}  // namespace placer
