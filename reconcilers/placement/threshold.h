// The Threshold strategy: what the traffic of one region says at one data point. Second step of a decision.
// It knows nothing of machines, ceilings or time: only the points up to the one asked for.
#pragma once

#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "api/decision.h"
#include "api/policy.h"
#include "reconcilers/placement/demand.h"

namespace placer {

struct Assessment {
  Verdict verdict = Verdict::kKeep;
  std::optional<double>
      short_average;  // over the covered points of the short window; no value: none is covered
  std::optional<double> long_average;
  double volatility = 0;       // 0..1: noise between neighbouring points relative to the mean
  double up = 0;               // places at short >= up
  double down = 0;             // leaves at short <= down and long <= down
  bool short_covered = false;  // every point of the short window
  bool long_covered = false;
  bool removal_grade =
      false;             // long window covered, and each code either has a value at every point or at none
  bool below = false;    // both averages are at or below `down`, whatever the coverage
  int points_above = 0;  // points of the short window at or above `deploy`
};

// Assesses the window that ends at point `end` (index into demand, may be negative: before the grid).
Assessment Assess(const ThresholdSpec& spec, const RegionDemand& demand, int end);

// At the newest data point: one for each of table.regions, in its order.
std::vector<Assessment> AssessNewest(const ThresholdSpec& spec, const DemandTable& table);

// `verdict`, that of the window which ends at `end`, if it was the same at every data point within the
// stabilization window of its direction; else kKeep.
// `verdict_at` answers for earlier points.
Verdict ComputeStableVerdict(const PlacementPolicy& policy, int end, Verdict verdict,
                             absl::FunctionRef<Verdict(int)> verdict_at);

// Data points that a stabilization window spans, at least 1.
int CountStabilizationPoints(absl::Duration window, absl::Duration resolution);

}  // namespace placer
