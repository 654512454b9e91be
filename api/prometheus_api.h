// Prometheus' HTTP API as values: what we ask, and what both Prometheus and VictoriaMetrics answer. No socket
// here. Easy to get wrong: the two servers differ (errorType "422", NaN left out, a plain-text 404), and an
// HTTP 200 may carry status "error", warnings, or isPartial.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "api/http_message.h"
#include "api/policy.h"
#include "api/traffic.h"

namespace placer {

struct Sample {
  absl::Time time;
  double value = 0;  // may be NaN or infinite
};

struct Series {
  std::map<std::string, std::string> labels;
  std::vector<Sample> samples;  // in the order of the answer, times strictly increasing
};

struct QueryAnswer {
  enum class Type { kMatrix, kVector, kScalar, kString };
  Type type = Type::kVector;
  std::vector<Series> series;  // kScalar: one series without labels. kString: none
  std::string text;            // kString only
  bool partial = false;        // VictoriaMetrics' isPartial
  std::vector<std::string> warnings;
};

// POST with a form body (long queries; what Fly's VictoriaMetrics accepts). `path_prefix` is the path of the
// base URL, e.g. "/prometheus/personal"; `token` may be empty. Times are written in seconds with milliseconds
// if needed.
HttpRequest BuildRangeQuery(absl::string_view path_prefix, absl::string_view token, absl::string_view query,
                            absl::Time start, absl::Time end, absl::Duration step);
HttpRequest BuildInstantQuery(absl::string_view path_prefix, absl::string_view token, absl::string_view query,
                              absl::Time time);

// InvalidArgument: the server refuses the query (bad_data, 400, 422): retrying cannot help.
// PermissionDenied: 401 or 403. NotFound: 404, probably a wrong URL. Unavailable: 5xx, 429, timeouts: ask
// again. Internal: the body is not what the API promises. Messages name what was found, never a token.
absl::StatusOr<QueryAnswer> ParseQueryAnswer(const HttpResponse& response);

// The one query that a policy sends per data point. Series with a `region` label are traffic; a series
// labelled witness="traffic" has a sample wherever the traffic metric had two in one series of any region (as
// many as increase() needs), witness="instance" wherever fly_instance_up had one. Series labelled
// of="served", "served_errors" or "concurrency" say per region where requests were answered; an app need not
// have them, and EdgeTcp has concurrency only.
std::string MakeTrafficQuery(const PlacementPolicy& policy);

// Lays an answer of MakeTrafficQuery on the grid of `points` data points that ends at `end`. Samples off the
// grid are Internal (the server moved them), as is a region that comes twice.
absl::StatusOr<Traffic> MakeTraffic(const PlacementPolicy& policy, const QueryAnswer& answer, absl::Time end,
                                    int points);

}  // namespace placer
