// TrafficApi: where traffic is read back from. Implemented over HTTP by controller/prometheus/, and in process by the
// local platform of cmd/flysim/core.
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/policy.h"
#include "api/traffic.h"
#include "controller/effects/task.h"

namespace placer {

class TrafficApi {
 public:
  virtual ~TrafficApi() = default;
  // The grid of `points` data points that ends at `end`. Errors are those of api/prometheus_api.h, and
  // DeadlineExceeded or Unavailable from the network. Never throws.
  virtual Task<absl::StatusOr<Traffic>> Fetch(PlacementPolicy policy, absl::Time end, int points) = 0;
};

}  // namespace placer
