// PrometheusClient: TrafficApi over HTTP. It only carries values between api/prometheus_api.h and the
// network: one range query for a policy's traffic and its witnesses.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/prometheus_api.h"
#include "controller/effects/clock.h"
#include "controller/effects/traffic.h"
#include "controller/net/api_call.h"
#include "controller/net/http_client.h"

namespace placer {

struct PrometheusClientOptions {
  std::string token;      // may be empty
  CallObserver observer;  // operation: query_range
};

class PrometheusClient final : public TrafficApi {
 public:
  // `http` and `clock` outlive the client; the clock measures how long calls take.
  PrometheusClient(HttpClient& http, const Clock& clock, PrometheusClientOptions options);

  Task<absl::StatusOr<Traffic>> Fetch(PlacementPolicy policy, absl::Time end, int points) override;

 private:
  ApiCaller caller_;
};

}  // namespace placer
