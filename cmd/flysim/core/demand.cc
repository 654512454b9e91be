#include "cmd/flysim/core/demand.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace placer::flysim {
namespace {

// The users' nights are deep and long, so that a region is worth placing by day and worth leaving by night.
constexpr double kNightActivity = 0.008;
constexpr double kBusyHalfWidthHours = 2.8;
constexpr double kShoulderHours = 0.25;

constexpr double kCrowdsPerDay = 4;  // in the whole world, per day of the users
constexpr double kCrowdMinFactor = 5;
constexpr double kCrowdMaxFactor = 20;
constexpr double kCrowdMinMinutes = 5;  // of the users' day
constexpr double kCrowdMaxMinutes = 30;

double WrapDay(double hours) {
  const double wrapped = std::fmod(hours, 24);
  return wrapped < 0 ? wrapped + 24 : wrapped;
}

int FindNearestEdge(const Coordinates& place, const std::vector<std::string>& edges) {
  int nearest = 0;
  double nearest_km = 1e9;
  for (int i = 0; i < static_cast<int>(edges.size()); ++i) {
    const double distance_km =
        ComputeDistanceKm(place, *EmbeddedRegions().find(edges[i])->second.coordinates);
    if (distance_km < nearest_km) {
      nearest = i;
      nearest_km = distance_km;
    }
  }
  return nearest;
}

std::vector<std::string> ListEdges() {
  std::vector<std::string> edges;
  for (const auto& [code, region] : EmbeddedRegions()) {
    if (!region.deprecated && region.coordinates) edges.push_back(code);
  }
  return edges;
}

}  // namespace

double ComputeActivity(double hours_off) {
  const double awake = 1 / (1 + std::exp((hours_off - kBusyHalfWidthHours) / kShoulderHours));
  return kNightActivity + (1 - kNightActivity) * awake;
}

double ComputeMeanActivity() {
  constexpr int kSteps = 1440;
  double sum = 0;
  for (int i = 0; i < kSteps; ++i) sum += ComputeActivity(12 * (i + 0.5) / kSteps);
  return sum / kSteps;
}

Demand::Demand(const WorldOptions& options)
    : start_(options.start),
      step_(options.step),
      day_speed_(options.day_speed),
      edges_(ListEdges()),
      factors_(edges_.size(), 1),
      crowd_stream_(options.seed, "crowds"),
      rates_(edges_.size()),
      arrivals_(edges_.size()) {
  for (const std::string& edge : edges_) streams_.emplace_back(options.seed, absl::StrCat("arrivals/", edge));
  double total_weight = 0;
  for (const City& city : Cities()) total_weight += city.weight;
  const double mean_activity = ComputeMeanActivity();
  for (const City& city : Cities()) {
    sources_.push_back(
        {.edge = FindNearestEdge(city.coordinates, edges_),
         .busy_requests_per_second = options.requests_per_second * city.weight / total_weight / mean_activity,
         .busy_hour_utc = WrapDay(city.busy_solar_hour - city.coordinates.longitude_deg / 15)});
  }
}

double Demand::ComputeUserHour(absl::Time time) const {
  const double user_seconds =
      absl::ToDoubleSeconds(start_ - absl::UnixEpoch()) + absl::ToDoubleSeconds(time - start_) * day_speed_;
  return WrapDay(user_seconds / 3600);
}

void Demand::UpdateRates(absl::Time time) {
  std::fill(rates_.begin(), rates_.end(), 0);
  const double hour = ComputeUserHour(time);
  for (const Source& source : sources_) {
    const double hours_off = std::abs(hour - source.busy_hour_utc);
    const double activity = ComputeActivity(std::min(hours_off, 24 - hours_off));
    rates_[source.edge] += source.busy_requests_per_second * source.crowd_factor * activity;
  }
  for (std::size_t i = 0; i < rates_.size(); ++i) rates_[i] *= factors_[i];
}

void Demand::DrawFlashCrowds(absl::Time end) {
  for (Source& source : sources_) {
    if (source.crowd_ends <= end) source.crowd_factor = 1;
  }
  const double crowds_per_step = kCrowdsPerDay * absl::ToDoubleHours(step_) / 24 * day_speed_;
  for (std::int64_t i = crowd_stream_.Poisson(crowds_per_step); i > 0; --i) {
    Source& source = sources_[crowd_stream_.Below(sources_.size())];
    source.crowd_factor = kCrowdMinFactor + (kCrowdMaxFactor - kCrowdMinFactor) * crowd_stream_.Uniform();
    const double minutes = kCrowdMinMinutes + (kCrowdMaxMinutes - kCrowdMinMinutes) * crowd_stream_.Uniform();
    source.crowd_ends = end + absl::Minutes(minutes / day_speed_);
  }
}

const std::vector<std::int64_t>& Demand::DrawStep(absl::Time end) {
  DrawFlashCrowds(end);
  UpdateRates(end - step_ / 2);
  const double step_seconds = absl::ToDoubleSeconds(step_);
  for (std::size_t i = 0; i < rates_.size(); ++i)
    arrivals_[i] = streams_[i].Poisson(rates_[i] * step_seconds);
  return arrivals_;
}

void Demand::SetFactor(absl::string_view region, double factor) {
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    if (absl::string_view(edges_[i]) == region) factors_[i] = factor;
  }
}

}  // namespace placer::flysim
