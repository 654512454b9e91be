// Router: which machine serves a request, as Fly Proxy decides. The nearest region with a healthy machine
// serves; within it machines fill up to their soft limit first, then a stopped machine there is started, then
// they fill up to their hard limit; only what is left goes on to the next region. Concurrency is requests per
// second times the time that one takes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/region.h"
#include "cmd/flysim/core/fleet.h"

namespace placer::flysim {

inline constexpr double kServiceTimeSeconds = 0.02;

class Router {
 public:
  // `fleet` outlives the router.
  Router(Platform platform, Fleet& fleet, absl::Duration step);

  // Forgets the load of the step before.
  void BeginStep();
  // Serves `requests` that entered at `edge` in this step, starting machines where Fly Proxy would, and
  // returns how they were answered.
  StatusCounts Serve(const std::string& edge, std::int64_t requests, absl::Time now);
  // Settles each machine's concurrency.
  void EndStep();
  // Requests that a region passed on since its machines were at their hard limits, each once per region.
  std::int64_t overflowed() const { return overflowed_; }

 private:
  using Machines = std::vector<FleetMachine*>;

  // Machines by region, the nearest to `edge` first; regions without coordinates last, ties by code.
  const std::vector<Machines>& OrderFrom(const std::string& edge);
  std::int64_t ComputeStepCapacity(int limit) const;
  // Spreads requests evenly over the routable machines up to their limit; returns how many did not fit.
  std::int64_t Fill(const Machines& machines, std::int64_t requests, bool to_hard_limit,
                    StatusCounts& answers) const;
  bool StartOne(const Machines& machines, absl::Time now);

  Platform platform_;
  Fleet& fleet_;
  double step_seconds_;
  std::map<std::string, std::vector<Machines>> orders_;  // by edge, of fleet generation orders_generation_
  std::uint64_t orders_generation_ = 0;
  std::int64_t overflowed_ = 0;
};

}  // namespace placer::flysim
