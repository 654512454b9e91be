// FakeTraffic: Prometheus as a function of region and data point, so that an answer depends on nothing but
// the question. No value: the series has no sample there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/effects/traffic.h"

namespace placer {

class FakeTraffic final : public TrafficApi {
 public:
  // Requests that entered in `region` within the data point that ends at `end`.
  using Count = std::function<std::optional<double>(const std::string& region, absl::Time end)>;

  std::vector<std::string> regions = {"fra"};
  Count count = [](const std::string&, absl::Time) { return std::optional<double>(20); };
  absl::Status error;
  bool partial = false;

  std::vector<absl::Time> asked;  // `end` of each question, in order

  Task<absl::StatusOr<Traffic>> Fetch(PlacementPolicy policy, absl::Time end, int points) override {
    asked.push_back(end);
    if (!error.ok()) co_return error;
    Traffic traffic{.end = end, .resolution = policy.traffic.resolution, .points = points};
    traffic.partial_answer = partial;
    traffic.witnessed.assign(points, false);
    traffic.instance_up.assign(points, true);
    for (const std::string& region : regions) {
      PointValues& values = traffic.regions[region];
      for (int i = 0; i < points; ++i) {
        values.push_back(count(region, end - policy.traffic.resolution * (points - 1 - i)));
        if (values.back()) traffic.witnessed[i] = true;
      }
    }
    co_return traffic;
  }
};

}  // namespace placer
