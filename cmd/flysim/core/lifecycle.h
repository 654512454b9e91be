// Lifecycle: what start, stop, update and the like do to a machine, and how long that takes. A command
// answers at once; the states that it leads to follow later, at times drawn per machine. Easy to get wrong: a
// machine is routed to only once its checks have been asked, a grace after it started.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cmd/flysim/core/fleet.h"
#include "cmd/flysim/core/random_stream.h"

namespace placer::flysim {

class Lifecycle {
 public:
  // `fleet` outlives the lifecycle.
  Lifecycle(Fleet& fleet, std::uint64_t seed);

  // A machine that was just added as created comes up in 2 to 8 s.
  void Launch(FleetMachine& machine, absl::Time now);
  // Each answers a refusal where the machine's state forbids it, and is ok where there is nothing to do.
  absl::Status Start(FleetMachine& machine, absl::Time now);
  absl::Status Stop(FleetMachine& machine, absl::Time now);     // 1 to 3 s
  absl::Status Suspend(FleetMachine& machine, absl::Time now);  // likewise
  // A machine that runs is destroyed only by force.
  absl::Status Destroy(FleetMachine& machine, bool force, absl::Time now);
  // A new version, replacing the old one for 1 to 4 s; what was stopped stays so, and what ran too where
  // `skip_launch` says so.
  absl::Status Update(FleetMachine& machine, MachineConfig config, bool skip_launch, absl::Time now);

  // When the next transition is due; InfiniteFuture: nothing is on its way.
  absl::Time NextDue() const;
  // Carries out what is due at exactly NextDue().
  void RunNext();

  // Requests that were under way on a machine when it was told to go.
  std::int64_t cut_off() const { return cut_off_; }

 private:
  void Plan(FleetMachine& machine, absl::Time due, const std::string& state);
  void PlanStart(FleetMachine& machine, absl::Time from, double min_seconds, double max_seconds);
  void CutOff(const FleetMachine& machine);
  double Draw(double min_seconds, double max_seconds);

  Fleet& fleet_;
  RandomStream random_;
  absl::Time next_due_ = absl::InfiniteFuture();
  std::int64_t cut_off_ = 0;
};

}  // namespace placer::flysim
