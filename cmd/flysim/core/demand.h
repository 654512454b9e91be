// Demand: how many requests enter the platform, where and when. Every city sends to the edge region nearest
// to it, along a curve of day and night, with Poisson noise, and once in a while as a flash crowd. Easy to
// get wrong: only the users' day runs faster with day_speed; the rates stay in requests per second of the
// world's time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cmd/flysim/core/cities.h"
#include "cmd/flysim/core/random_stream.h"
#include "cmd/flysim/core/world.h"

namespace placer::flysim {

// How active users are, from 1 in the middle of the busy hours to about 0.01 at night, `hours_off` hours
// (0..12) away from that middle.
double ComputeActivity(double hours_off);
// The mean of that curve over a day.
double ComputeMeanActivity();

class Demand {
 public:
  explicit Demand(const WorldOptions& options);

  // Codes of the edge regions, sorted. Everything below is indexed like this.
  const std::vector<std::string>& edges() const { return edges_; }

  // The users' time of day at `time`, in hours UTC, 0..24.
  double ComputeUserHour(absl::Time time) const;
  // Requests of one step that ends at `end`. Steps must be drawn in order, each once.
  const std::vector<std::int64_t>& DrawStep(absl::Time end);
  // Unknown regions have no traffic to multiply.
  void SetFactor(absl::string_view region, double factor);

 private:
  struct Source {
    int edge = 0;
    double busy_requests_per_second = 0;  // in the middle of the busy hours
    double busy_hour_utc = 0;
    double crowd_factor = 1;
    absl::Time crowd_ends = absl::InfinitePast();
  };

  void DrawFlashCrowds(absl::Time end);
  void UpdateRates(absl::Time time);

  absl::Time start_;
  absl::Duration step_;
  double day_speed_;
  std::vector<std::string> edges_;
  std::vector<double> factors_;        // by edge
  std::vector<RandomStream> streams_;  // by edge
  RandomStream crowd_stream_;
  std::vector<Source> sources_;
  std::vector<double> rates_;  // requests per second of the step being drawn, by edge
  std::vector<std::int64_t> arrivals_;
};

}  // namespace placer::flysim
