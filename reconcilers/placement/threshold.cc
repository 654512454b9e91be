#include "reconcilers/placement/threshold.h"

#include <algorithm>
#include <cmath>

#include "absl/container/inlined_vector.h"

namespace placer {
namespace {

bool IsCovered(const RegionDemand& demand, int point) {
  return point >= 0 && demand.covered[point + 1] > demand.covered[point];
}

int CountCovered(const RegionDemand& demand, int begin, int end) {
  return demand.covered[end + 1] - demand.covered[std::max(begin, 0)];
}

// Exponentially weighted average of the covered points in [begin, end] with normalized weights (1 - alpha)^k,
// k = 0 for the newest. Summed as differences from the newest covered point, so that rounding does not keep
// steady traffic of exactly `deploy` or `remove` away from its threshold.
std::optional<double> ComputeAverage(const RegionDemand& demand, int begin, int end, double alpha) {
  double weight = 1;
  double weights = 0;
  double sum = 0;
  double newest = 0;
  for (int i = end; i >= std::max(begin, 0); --i, weight *= 1 - alpha) {
    if (!IsCovered(demand, i)) continue;
    if (weights == 0) newest = demand.requests[i];
    weights += weight;
    sum += weight * (demand.requests[i] - newest);
  }
  if (weights == 0) return std::nullopt;
  return newest + sum / weights;
}

double ComputeMedian(absl::InlinedVector<double, 64>& values) {
  const std::size_t half = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + half, values.end());
  if (values.size() % 2 == 1) return values[half];
  return (values[half] + *std::max_element(values.begin(), values.begin() + half)) / 2;
}

// A robust standard deviation of the noise between neighbours (1.4826 MAD = sigma of a normal distribution,
// and a difference of two points has sqrt(2) times their noise), relative to the mean. A level shift is one
// difference among many, so the median does not see it.
double ComputeVolatility(const RegionDemand& demand, int begin, int end) {
  absl::InlinedVector<double, 64> differences;
  double sum = 0;
  int count = 0;
  for (int i = std::max(begin, 0); i <= end; ++i) {
    if (!IsCovered(demand, i)) continue;
    sum += demand.requests[i];
    ++count;
    if (i > begin && IsCovered(demand, i - 1)) {
      differences.push_back(std::abs(demand.requests[i] - demand.requests[i - 1]));
    }
  }
  // Of fewer than three differences a level shift is half or more, and the median would take it for noise.
  if (sum == 0 || differences.size() < 3) return 0;
  const double noise = 1.4826 * ComputeMedian(differences) / std::sqrt(2.0);
  return std::min(1.0, noise / (sum / count));
}

bool IsRemovalGrade(const RegionDemand& demand, int begin, int end) {
  const int length = end - begin + 1;
  return std::all_of(demand.codes.begin(), demand.codes.end(), [&](const CodeTrack* track) {
    const int values = track->values[end + 1] - track->values[begin];
    return values == 0 || values == length;
  });
}

}  // namespace

Assessment Assess(const ThresholdSpec& spec, const RegionDemand& demand, int end) {
  Assessment result{.up = spec.deploy, .down = spec.remove};
  if (end < 0 || demand.requests.empty()) return result;
  const int short_begin = end - spec.short_window + 1;
  const int long_begin = end - spec.long_window + 1;
  result.short_average = ComputeAverage(demand, short_begin, end, spec.alpha_short);
  result.long_average = ComputeAverage(demand, long_begin, end, spec.alpha_long);
  result.volatility = ComputeVolatility(demand, long_begin, end);
  result.up = spec.deploy * (1 + result.volatility);
  result.down = spec.remove / (1 + result.volatility);
  result.short_covered = CountCovered(demand, short_begin, end) == spec.short_window;
  result.long_covered = CountCovered(demand, long_begin, end) == spec.long_window;
  result.removal_grade = result.long_covered && IsRemovalGrade(demand, long_begin, end);
  for (int i = std::max(short_begin, 0); i <= end; ++i) {
    if (IsCovered(demand, i) && demand.requests[i] >= spec.deploy) ++result.points_above;
  }
  result.below = result.short_average && result.long_average && *result.short_average <= result.down &&
                 *result.long_average <= result.down;
  if (result.short_covered && *result.short_average >= result.up &&
      2 * result.points_above > spec.short_window) {
    result.verdict = Verdict::kPlace;
  } else if (result.below && result.removal_grade) {
    result.verdict = Verdict::kLeave;
  }
  return result;
}

std::vector<Assessment> AssessNewest(const ThresholdSpec& spec, const DemandTable& table) {
  std::vector<Assessment> newest;
  newest.reserve(table.regions.size());
  for (const auto& [code, demand] : table.regions) newest.push_back(Assess(spec, demand, table.points - 1));
  return newest;
}

int CountStabilizationPoints(absl::Duration window, absl::Duration resolution) {
  return std::max(1, static_cast<int>(absl::Ceil(window, resolution) / resolution));
}

Verdict ComputeStableVerdict(const PlacementPolicy& policy, int end, Verdict verdict,
                             absl::FunctionRef<Verdict(int)> verdict_at) {
  if (verdict == Verdict::kKeep) return verdict;
  const ScalingBehavior& behavior =
      verdict == Verdict::kPlace ? policy.behavior.scale_up : policy.behavior.scale_down;
  const int points = CountStabilizationPoints(behavior.stabilization_window, policy.traffic.resolution);
  for (int back = 1; back < points; ++back) {
    if (verdict_at(end - back) != verdict) return Verdict::kKeep;
  }
  return verdict;
}

}  // namespace placer
