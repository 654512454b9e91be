// FleetPast: what the fleet looked like in the last two minutes, for lists that lag behind. A snapshot is
// kept per change, not per step.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "cmd/flysim/core/fleet.h"

namespace placer::flysim {

class FleetPast {
 public:
  // Sorted by id; destroyed ones after the others.
  using Snapshot = std::shared_ptr<const std::vector<FleetMachine>>;

  // To be called before time moves on from `now`.
  void Keep(const Fleet& fleet, absl::Time now);
  // As it was at the end of that moment; of what is forgotten or was never kept, the nearest.
  Snapshot Find(const Fleet& fleet, absl::Time time) const;

 private:
  struct Kept {
    absl::Time since;
    Snapshot machines;
  };
  std::deque<Kept> kept_;  // oldest first
  std::uint64_t revision_ = 0;
};

FleetPast::Snapshot MakeSnapshot(const Fleet& fleet);

}  // namespace placer::flysim
