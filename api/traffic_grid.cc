// Lays the answer to the traffic query on the grid of data points.
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "api/prometheus_api.h"

namespace placer {
namespace {

struct Grid {
  Grid(absl::Time end_of_all, absl::Duration of_each, int count)
      : end(end_of_all), resolution(of_each), points(count) {
    for (int i = points - 1; i >= 0; --i) ends.push_back(end - i * resolution);
  }

  std::optional<int> Find(absl::Time time) const {
    const auto found = std::lower_bound(ends.begin(), ends.end(), time);
    if (found == ends.end() || *found != time) return std::nullopt;
    return static_cast<int>(found - ends.begin());
  }

  absl::Time end;
  absl::Duration resolution;
  int points = 0;
  std::vector<absl::Time> ends;  // of each point, oldest first
};

std::string FindLabel(const Series& series, const char* name) {
  const auto found = series.labels.find(name);
  return found == series.labels.end() ? "" : found->second;
}

absl::Status MakeOffGridError(const Grid& grid, absl::Time time) {
  return absl::InternalError(absl::StrCat(
      "Prometheus answered a sample at ", absl::FormatTime(time, absl::UTCTimeZone()),
      ", which is none of the ", grid.points, " points of ", absl::FormatDuration(grid.resolution),
      " that end at ", absl::FormatTime(grid.end, absl::UTCTimeZone())));
}

using ValuesByRegion = std::map<std::string, PointValues>;

absl::Status AddRegion(const Grid& grid, const std::string& region, const Series& series,
                       ValuesByRegion& regions) {
  const auto [row, is_new] = regions.emplace(region, PointValues(grid.points));
  if (!is_new) {
    return absl::InternalError(absl::StrCat("Prometheus answered two series for the region \"", region,
                                            "\"; a Query must return one series per `region` label"));
  }
  for (const Sample& sample : series.samples) {
    const std::optional<int> index = grid.Find(sample.time);
    if (!index) return MakeOffGridError(grid, sample.time);
    if (sample.value < 0) {
      return absl::InternalError(
          absl::StrCat("Prometheus answered ", sample.value, " requests for the region \"", region, "\" at ",
                       absl::FormatTime(sample.time, absl::UTCTimeZone()), "; traffic cannot be negative"));
    }
    row->second[*index] = sample.value;
  }
  return absl::OkStatus();
}

// The rows of Traffic that a series with this `of` label belongs to; null: it is traffic.
ValuesByRegion* FindServedRows(const std::string& of, Traffic& traffic) {
  if (of == "served") return &traffic.served;
  if (of == "served_errors") return &traffic.served_errors;
  if (of == "concurrency") return &traffic.concurrency;
  return nullptr;
}

absl::Status AddWitness(const Grid& grid, const Series& series, std::vector<bool>& flags) {
  for (const Sample& sample : series.samples) {
    const std::optional<int> index = grid.Find(sample.time);
    if (!index) return MakeOffGridError(grid, sample.time);
    if (sample.value > 0) flags[*index] = true;
  }
  return absl::OkStatus();
}

absl::Status AddSeries(const Grid& grid, TrafficSource source, const Series& series, Traffic& traffic) {
  const std::string region = FindLabel(series, "region");
  if (ValuesByRegion* rows = FindServedRows(FindLabel(series, "of"), traffic)) {
    return region.empty() ? absl::OkStatus()
                          : AddRegion(grid, region, series, *rows);  // no region: not known
  }
  if (!region.empty()) return AddRegion(grid, region, series, traffic.regions);
  const std::string witness = FindLabel(series, "witness");
  if (witness == "instance") return AddWitness(grid, series, traffic.instance_up);
  if (source == TrafficSource::kQuery) {
    return absl::InternalError(
        "a Query must return one series per `region` label; Prometheus answered a series without one");
  }
  if (witness == "traffic") return AddWitness(grid, series, traffic.witnessed);
  traffic.warnings.push_back("traffic without a `region` label is ignored");
  return absl::OkStatus();
}

// A query of the user's own names no metric that could be counted: any number is its witness. NaN and
// infinities, as from a division by nothing, would turn the regions that are absent beside them into zeros.
void WitnessByValues(Traffic& traffic) {
  for (const auto& [region, values] : traffic.regions) {
    for (int i = 0; i < traffic.points; ++i) {
      if (values[i] && std::isfinite(*values[i])) traffic.witnessed[i] = true;
    }
  }
}

// VictoriaMetrics shows a false 0 in the first window after a series ends; no sample stands behind it.
void DropUnwitnessedValues(Traffic& traffic) {
  for (auto& [region, values] : traffic.regions) {
    for (int i = 0; i < traffic.points; ++i) {
      if (!traffic.witnessed[i]) values[i].reset();
    }
  }
}

// An app that is silent for long enough loses its series in the proxies, and with them its witness. Three
// long windows without any, while its machines are seen at every point, are taken for silence.
void WitnessLongSilence(int long_window, Traffic& traffic) {
  const std::int64_t needed = 3 * std::int64_t{long_window};
  if (traffic.partial_answer || traffic.points < needed) return;
  const int first = traffic.points - static_cast<int>(needed);
  for (int i = first; i < traffic.points; ++i) {
    if (traffic.witnessed[i] || !traffic.instance_up[i]) return;
  }
  for (int i = first; i < traffic.points; ++i) traffic.witnessed[i] = true;
}

}  // namespace

absl::StatusOr<Traffic> MakeTraffic(const PlacementPolicy& policy, const QueryAnswer& answer, absl::Time end,
                                    int points) {
  const absl::Duration resolution = policy.traffic.resolution;
  if (points < 1 || resolution <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(absl::StrCat("a grid of ", points, " points of ",
                                                   absl::FormatDuration(resolution), " holds nothing"));
  }
  const Grid grid(end, resolution, points);
  if (answer.type != QueryAnswer::Type::kMatrix) {
    return absl::InternalError("Prometheus answered a range query with no matrix");
  }
  Traffic traffic;
  traffic.end = end;
  traffic.resolution = resolution;
  traffic.points = points;
  traffic.witnessed.assign(points, false);
  traffic.instance_up.assign(points, false);
  traffic.partial_answer = answer.partial;
  traffic.warnings = answer.warnings;
  for (const Series& series : answer.series) {
    if (absl::Status status = AddSeries(grid, policy.traffic.source, series, traffic); !status.ok())
      return status;
  }
  if (policy.traffic.source == TrafficSource::kQuery) {
    WitnessByValues(traffic);
  } else {
    DropUnwitnessedValues(traffic);
  }
  WitnessLongSilence(policy.threshold.long_window, traffic);
  return traffic;
}

}  // namespace placer
