// PlatformEffects: the machines and the traffic that a controller works with, and the time both live in:
// Fly's own over HTTP, or the local platform in process. Everything above it cannot tell which.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/policy.h"
#include "cmd/autoplacer/environment.h"
#include "cmd/autoplacer/options.h"
#include "cmd/flysim/core/world.h"
#include "controller/effects/clock.h"
#include "controller/effects/machines.h"
#include "controller/effects/random.h"
#include "controller/effects/traffic.h"
#include "controller/net/http_client.h"
#include "controller/telemetry/metrics.h"

namespace placer {

struct PlatformEffects {
  std::unique_ptr<Clock> clock;
  std::unique_ptr<flysim::World> world;         // demo only
  std::unique_ptr<HttpClient> machines_http;    // Fly only
  std::unique_ptr<HttpClient> prometheus_http;  // Fly only
  std::unique_ptr<Random> random;               // Fly only: jitter of repeated reads
  std::unique_ptr<MachinesApi> unpaced;         // Fly only: what `machines` calls within the rate limits
  std::unique_ptr<MachinesApi> machines;
  std::unique_ptr<TrafficApi> traffic;
};

// What is counted of the calls to other servers; either may be empty.
struct ApiObservers {
  // See Metrics::CountApiRequest.
  std::function<void(const std::string& api, const std::string& operation, const std::string& code,
                     absl::Duration took)>
      called;
  // See Metrics::CountRateLimitWait.
  std::function<void(const std::string& api, const std::string& operation, absl::Duration waited)> waited;
};

// A dry run of flat configs without a token runs on demo traffic, as the proof of concept did.
bool NeedsDemo(const RunOptions& options, const Environment& environment,
               const std::vector<PlacementPolicy>& policies);

// The local platform, with enough of its past that every window is covered from the first pass on.
PlatformEffects MakeDemoEffects(const RunOptions& options, const std::string& app);

// InvalidArgument: a URL is missing or wrong, with the variable to set, or the CA file cannot be used.
absl::StatusOr<PlatformEffects> MakeFlyEffects(asio::io_context& io, const RunOptions& options,
                                               const Environment& environment, const ApiObservers& observers);

}  // namespace placer
