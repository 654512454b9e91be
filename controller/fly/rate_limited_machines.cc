#include "controller/fly/rate_limited_machines.h"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <utility>

#include "api/machine_calls.h"
#include "controller/fly/status_of.h"

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
    : inner_(inner), clock_(clock), random_(random), observer_(std::move(observer)) {}

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

template <typename Result>
Task<Result> RateLimitedMachines::Run(CallSlot slot, int repeats, std::function<Task<Result>()> call) {
  try {
    absl::Duration backoff = kFirstBackoff;
    for (int repeat = 0;; ++repeat) {
      if (absl::Status admitted = co_await Admit(slot); !admitted.ok()) co_return admitted;
      Result result = co_await call();
      const absl::Status error = StatusOf(result);
      if (IsRateLimited(error)) {
        const absl::Duration pause = RetryAfterOf(error).value_or(kUnnamedPause);
        limits_.Pause(slot, clock_.Now() + std::clamp(pause, absl::ZeroDuration(), kLongestPause));
      }
      if (repeat >= repeats || !IsPassing(error)) co_return result;
      const absl::Duration pause = backoff * (0.5 + random_.Uniform());
      if (!co_await clock_.SleepUntil(clock_.Now() + pause)) co_return result;
      backoff *= 2;
    }
  } catch (const boost::system::system_error&) {
    // Asio throws only where the caller was cancelled before it could wait.
    co_return absl::CancelledError("cancelled");
  }
}

Task<absl::StatusOr<std::vector<Machine>>> RateLimitedMachines::List(std::string app) {
  return Run<absl::StatusOr<std::vector<Machine>>>({.action = "list", .app = app}, kReadRepeats,
                                                   [this, app] { return inner_.List(app); });
}

Task<absl::StatusOr<Machine>> RateLimitedMachines::Get(std::string app, std::string machine_id) {
  return Run<absl::StatusOr<Machine>>(
      {.action = "get", .app = app, .machine_id = machine_id, .limit = kGetLimit}, kReadRepeats,
      [this, app, machine_id] { return inner_.Get(app, machine_id); });
}

Task<absl::StatusOr<std::vector<Region>>> RateLimitedMachines::ListRegions() {
  return Run<absl::StatusOr<std::vector<Region>>>({.action = "regions"}, kReadRepeats,
                                                  [this] { return inner_.ListRegions(); });
}

Task<absl::StatusOr<Machine>> RateLimitedMachines::Create(std::string app, CreateMachine request) {
  return Run<absl::StatusOr<Machine>>({.action = "create", .app = app}, 0,
                                      [this, app, request] { return inner_.Create(app, request); });
}

Task<absl::StatusOr<Machine>> RateLimitedMachines::Update(std::string app, UpdateMachine request) {
  return Run<absl::StatusOr<Machine>>({.action = "update", .app = app, .machine_id = request.machine_id}, 0,
                                      [this, app, request] { return inner_.Update(app, request); });
}

Task<absl::Status> RateLimitedMachines::Apply(std::string app, MachineChange change) {
  return Run<absl::Status>({.action = ToString(change.kind), .app = app, .machine_id = change.machine_id}, 0,
                           [this, app, change] { return inner_.Apply(app, change); });
}

Task<absl::StatusOr<Lease>> RateLimitedMachines::Take(std::string app, TakeLease request) {
  return Run<absl::StatusOr<Lease>>({.action = "lease", .app = app, .machine_id = request.machine_id}, 0,
                                    [this, app, request] { return inner_.Take(app, request); });
}

Task<absl::Status> RateLimitedMachines::Wait(std::string app, WaitForState request) {
  return Run<absl::Status>({.action = "wait", .app = app, .machine_id = request.machine_id}, 0,
                           [this, app, request] { return inner_.Wait(app, request); });
}

Task<absl::StatusOr<std::vector<Volume>>> RateLimitedMachines::ListVolumes(std::string app) {
  return Run<absl::StatusOr<std::vector<Volume>>>({.action = "volumes", .app = app}, kReadRepeats,
                                                  [this, app] { return inner_.ListVolumes(app); });
}

Task<absl::StatusOr<Volume>> RateLimitedMachines::Create(std::string app, CreateVolume request) {
  return Run<absl::StatusOr<Volume>>({.action = "create_volume", .app = app}, 0,
                                     [this, app, request] { return inner_.Create(app, request); });
}

}  // namespace placer
