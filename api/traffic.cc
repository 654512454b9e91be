#include "api/traffic.h"

#include <algorithm>

namespace placer {

absl::Time ComputeNewestExpectedPoint(absl::Time now, absl::Duration resolution, absl::Duration delay) {
  return absl::UnixEpoch() + absl::Floor(now - delay - absl::UnixEpoch(), resolution);
}

int ComputeTrafficPoints(const PlacementPolicy& policy) {
  const absl::Duration stabilization = std::max(policy.behavior.scale_up.stabilization_window,
                                                policy.behavior.scale_down.stabilization_window);
  const int stabilizing =
      static_cast<int>(absl::Ceil(stabilization, policy.traffic.resolution) / policy.traffic.resolution);
  return std::max(3 * policy.threshold.long_window, policy.threshold.long_window + stabilizing);
}

}  // namespace placer
