#include "controller/fly/rate_limited_machines.h"

#include <algorithm>
#include <utility>

#include "api/machine_calls.h"

namespace placer {
namespace {

constexpr int kReadRepeats = 3;
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(250);
constexpr absl::Duration kUnnamedPause = absl::Seconds(1);  // a 429 that does not say for how long
constexpr absl::Duration kLongestPause = absl::Seconds(60);
constexpr RateLimit kGetLimit = {.per_second = 5, .burst = 10};

// A 429. The network's own ResourceExhausted (an answer over the limits of its size) carries no scope.
bool IsRateLimited(const absl::Status& error) {
  return absl::IsResourceExhausted(error) && ScopeOf(error) == ErrorScope::kRetry;
}

// The same read may succeed in a moment. An error without a scope that is not the network's is ours, or an
// answer that nobody can read: that stays so.
bool IsPassing(const absl::Status& error) {
  if (error.ok()) return false;
  if (ScopeOf(error) == ErrorScope::kRetry) return true;
  return ScopeOf(error) == ErrorScope::kUnknown &&
         (absl::IsUnavailable(error) || absl::IsDeadlineExceeded(error));
}

}  // namespace

RateLimitedMachines::RateLimitedMachines(MachinesApi& inner, Clock& clock, Random& random,
                                         RateLimitObserver observer)
    : ForwardingMachines(inner), clock_(clock), random_(random), observer_(std::move(observer)) {}

Task<absl::Status> RateLimitedMachines::Admit(CallSlot slot) {
  const absl::Time asked = clock_.Now();
  const absl::Time promised = limits_.Reserve(slot, asked);
  for (;;) {
    // A 429 of another call may pause the bucket while this one waits.
    const absl::Time due = std::max(promised, limits_.PausedUntil(slot));
    if (clock_.Now() >= due) break;
    if (!co_await clock_.SleepUntil(due)) {
      limits_.Return(slot);
      co_return absl::CancelledError("cancelled while waiting for the rate limit");
    }
  }
  const absl::Duration waited = clock_.Now() - asked;
  if (observer_ && waited > absl::ZeroDuration()) observer_(slot.action, waited);
  co_return absl::OkStatus();
}

Task<absl::Status> RateLimitedMachines::Intercept(MachinesCall call, Forward forward) {
  const CallSlot slot{.action = call.action,
                      .app = call.app,
                      .machine_id = call.machine_id,
                      .limit = call.action == "get" ? kGetLimit : RateLimit()};
  const int repeats = call.kind == MachinesCall::Kind::kRead ? kReadRepeats : 0;
  absl::Duration backoff = kFirstBackoff;
  for (int repeat = 0;; ++repeat) {
    if (absl::Status admitted = co_await Admit(slot); !admitted.ok()) co_return admitted;
    const absl::Status status = co_await forward();
    if (IsRateLimited(status)) {
      const absl::Duration pause = RetryAfterOf(status).value_or(kUnnamedPause);
      limits_.Pause(slot, clock_.Now() + std::clamp(pause, absl::ZeroDuration(), kLongestPause));
    }
    if (repeat >= repeats || !IsPassing(status)) co_return status;
    const absl::Duration pause = backoff * (0.5 + random_.Uniform());
    if (!co_await clock_.SleepUntil(clock_.Now() + pause)) co_return status;
    backoff *= 2;
  }
}

}  // namespace placer
