#include "controller/prometheus/prometheus_client.h"

#include <utility>

namespace placer {

PrometheusClient::PrometheusClient(HttpClient& http, const Clock& clock, PrometheusClientOptions options)
    : caller_(http, clock, std::move(options.token), std::move(options.observer)) {}

Task<absl::StatusOr<Traffic>> PrometheusClient::Fetch(PlacementPolicy policy, absl::Time end, int points) {
  const absl::Duration resolution = policy.traffic.resolution;
  const absl::StatusOr<HttpResponse> response = co_await caller_.Call(
      "query_range", BuildRangeQuery(caller_.path_prefix(), caller_.token(), MakeTrafficQuery(policy),
                                     end - (points - 1) * resolution, end, resolution));
  if (!response.ok()) co_return response.status();
  const absl::StatusOr<QueryAnswer> answer = ParseQueryAnswer(*response);
  if (!answer.ok()) co_return caller_.Explain(answer.status(), response->status);
  co_return MakeTraffic(policy, *answer, end, points);
}

}  // namespace placer
