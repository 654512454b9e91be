#include "reconcilers/placement/doubt.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "absl/time/time.h"

namespace placer {
namespace {

constexpr int kFewestRegions = 3;  // fewer may well fall silent together
constexpr double kLeft = 0.2;      // of the traffic before; what is below has collapsed

bool AllOf(const std::vector<bool>& flags, int begin, int end) {
  return std::all_of(flags.begin() + begin, flags.begin() + end, [](bool flag) { return flag; });
}

// Absence is judged by the witness. NaN is neither above anything nor at most anything: GradeRegion's matter.
double ValueAt(const PointValues& values, int point) {
  return values[point].value_or(0);
}

// Whether most points of [begin, end) are above `level`. One burst is not most points, so its end is no
// collapse.
bool IsMostlyAbove(const PointValues& values, int begin, int end, double level) {
  int above = 0;
  for (int i = begin; i < end; ++i) above += ValueAt(values, i) > level ? 1 : 0;
  return 2 * above > end - begin;
}

// Whether traffic collapsed from point first - 1 to point `first`, as seen from `end`.
bool CollapsedAt(const PlacementPolicy& policy, const Traffic& traffic, int first, int end) {
  const int window = policy.threshold.short_window;
  const int begin = first - window;
  const int stop = std::min(first + window, end + 1);
  if (!traffic.instance_up[first] || !AllOf(traffic.witnessed, begin, stop)) return false;
  int regions = 0;
  double before_sum = 0;  // at the last point before
  double after_sum = 0;
  for (const auto& [code, values] : traffic.regions) {
    double after = 0;
    for (int i = first; i < stop; ++i) after += ValueAt(values, i);
    after /= stop - first;
    if (IsMostlyAbove(values, begin, first, after / kLeft)) {
      ++regions;
      before_sum += ValueAt(values, first - 1);
      after_sum += after;
    } else if (after > 0 && IsMostlyAbove(values, begin, first, 0)) {
      return false;  // it had traffic, and kept some
    }
  }
  return regions >= kFewestRegions && before_sum > after_sum / kLeft;
}

// The mean of the known values in [begin, end], in requests per threshold.per; no value: none is known.
std::optional<double> ComputeServed(const PlacementPolicy& policy, const PointValues& values,
                                    absl::Duration resolution, int begin, int end) {
  double sum = 0;
  int points = 0;
  for (int i = begin; i <= end; ++i) {
    if (!values[i] || !std::isfinite(*values[i])) continue;
    sum += *values[i];
    ++points;
  }
  if (points == 0) return std::nullopt;
  return sum / points * absl::FDivDuration(policy.threshold.per, resolution);
}

bool IsSilentEverywhere(const Traffic& traffic, int point) {
  return traffic.witnessed[point] &&
         std::all_of(traffic.regions.begin(), traffic.regions.end(), [&](const auto& region) {
           const PointValue value = region.second[point];
           return !value || *value == 0;
         });
}

// The newest point of the newest run of silent points, at least a short window of them, that reaches into the
// long window ending at `end` and contradicts.
template <typename IsSilent, typename Contradicts>
std::optional<int> FindSilence(const ThresholdSpec& spec, int end, const IsSilent& is_silent,
                               const Contradicts& contradicts) {
  const int oldest = std::max(0, end + 1 - spec.long_window);
  for (int last = end; last >= oldest; --last) {
    int first = last + 1;
    while (first > 0 && is_silent(first - 1)) --first;
    if (last + 1 - first >= spec.short_window && contradicts(first, last)) return last;
    last = std::min(last, first);
  }
  return std::nullopt;
}

bool CountsEdgeResponses(const PlacementPolicy& policy) {
  return policy.traffic.source == TrafficSource::kEdge;
}

}  // namespace

bool IsCollapsed(const PlacementPolicy& policy, const Traffic& traffic, int end) {
  const ThresholdSpec& spec = policy.threshold;
  if (end < 0 || static_cast<int>(traffic.regions.size()) < kFewestRegions || !traffic.instance_up[end])
    return false;
  const int lasts = std::min(2 * spec.short_window, spec.long_window);
  int witnessed = 0;
  for (int first = end; first >= spec.short_window; --first) {
    witnessed += traffic.witnessed[first] ? 1 : 0;
    if (witnessed > lasts) return false;
    if (CollapsedAt(policy, traffic, first, end)) return true;
  }
  return false;
}

std::optional<int> FindContradiction(const PlacementPolicy& policy, const Traffic& traffic, int end) {
  if (!CountsEdgeResponses(policy) || traffic.served.empty()) return std::nullopt;
  const ThresholdSpec& spec = policy.threshold;
  const auto is_silent = [&](int point) { return IsSilentEverywhere(traffic, point); };
  return FindSilence(spec, end, is_silent, [&](int first, int last) {
    double served = 0;
    for (const auto& [region, values] : traffic.served) {
      served += ComputeServed(policy, values, traffic.resolution,
                              std::max(first, last + 1 - spec.long_window), last)
                    .value_or(0);
    }
    return served > spec.remove;
  });
}

std::optional<int> FindContradiction(const PlacementPolicy& policy, const RegionDemand& demand, int end) {
  if (!CountsEdgeResponses(policy) || demand.served == nullptr) return std::nullopt;
  const ThresholdSpec& spec = policy.threshold;
  const auto is_silent = [&](int point) { return demand.requests[point] == 0; };
  return FindSilence(spec, end, is_silent, [&](int first, int last) {
    if (first == 0) return false;
    const auto compute_served = [&](int from, int to) {
      return ComputeServed(policy, *demand.served, policy.traffic.resolution, from, to).value_or(0);
    };
    const double served = compute_served(std::max(first, last + 1 - spec.long_window), last);
    if (served <= spec.remove) return false;
    const int begin = std::max(0, first - spec.long_window);
    double requests = 0;
    for (int i = begin; i < first; ++i) requests += demand.requests[i];
    const double lost = requests / (first - begin);
    return compute_served(begin, first - 1) - served < lost / 2;
  });
}

}  // namespace placer
