// The Threshold strategy under noise, with the defaults of a policy: Poisson traffic, one draw per one-minute
// data point. Runs the steps that a pass takes for one region (assess, hold for the stabilization window,
// take up into the last target), and prints what it measured.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "reconcilers/placement/threshold.h"

namespace placer {
namespace {

// Seeded, and the same on every platform: the standard fixes the generator, not its distributions.
class PoissonSource {
 public:
  explicit PoissonSource(std::uint64_t seed) : bits_(seed) {}

  double Uniform() { return static_cast<double>(bits_() >> 11) * 0x1.0p-53; }

  // By inversion; fine for means far below 700.
  int Draw(double mean) {
    double left = Uniform();
    double chance = std::exp(-mean);
    int count = 0;
    while (left >= chance && count < 1000) {
      left -= chance;
      chance *= mean / ++count;
    }
    return count;
  }

 private:
  std::mt19937_64 bits_;
};

// One region's data points and its last target, taken up point by point as ComputeLastTargets does.
class Region {
 public:
  explicit Region(bool placed) : placed_(placed) {
    demand_.codes.push_back(&track_);
    demand_.covered.push_back(0);
    track_.values.push_back(0);
    track_.invalid.push_back(0);
  }

  bool Add(int requests) {
    const double scale = absl::FDivDuration(policy_.threshold.per, policy_.traffic.resolution);
    demand_.requests.push_back(requests * scale);
    demand_.covered.push_back(demand_.covered.back() + 1);
    track_.values.push_back(track_.values.back() + 1);
    track_.invalid.push_back(0);
    const int end = static_cast<int>(demand_.requests.size()) - 1;
    const auto verdict_at = [&](int point) { return Assess(policy_.threshold, demand_, point).verdict; };
    const Verdict verdict = ComputeStableVerdict(policy_, end, verdict_at(end), verdict_at);
    if (verdict != Verdict::kKeep) placed_ = verdict == Verdict::kPlace;
    return placed_;
  }

 private:
  const PlacementPolicy policy_;
  CodeTrack track_;
  RegionDemand demand_;
  bool placed_;
};

TEST(ThresholdNoise, ABurstOnSilenceIsNeverPlaced) {
  int placed_runs = 0;
  for (int run = 0; run < 1000; ++run) {
    PoissonSource source(run);
    Region region(false);
    const int burst_at = static_cast<int>(source.Uniform() * 60);
    // 150 requests within one minute, which may straddle two data points.
    const int first = static_cast<int>(source.Uniform() * 151);
    bool placed = false;
    for (int point = 0; point < 100; ++point) {
      const int requests = point == burst_at ? first : point == burst_at + 1 ? 150 - first : 0;
      placed = region.Add(requests) || placed;
    }
    placed_runs += placed;
  }
  std::printf("burst of 150 requests in a minute on silence: placed in %d of 1000 runs (goal 0)\n",
              placed_runs);
  EXPECT_EQ(placed_runs, 0);
}

TEST(ThresholdNoise, AStepIsPlacedSoon) {
  constexpr int kRuns = 10000;
  constexpr int kPatience = 60;  // points
  std::vector<int> delays;
  int missed = 0;
  for (int run = 0; run < kRuns; ++run) {
    PoissonSource source(1'000'000 + run);
    Region region(false);
    for (int point = 0; point < 60; ++point) region.Add(0);
    int delay = 0;
    while (++delay <= kPatience && !region.Add(source.Draw(12))) {
    }
    missed += delay > kPatience;
    delays.push_back(delay);
  }
  std::sort(delays.begin(), delays.end());
  const int median = delays[kRuns / 2];
  const int slow = delays[kRuns * 95 / 100];
  std::printf(
      "step from 0 to 60 per 5m: placed after %d points in the median (goal 4), %d at p95 (goal 8), "
      "%d at p99, %d at most; %d of %d missed (goal 0)\n",
      median, slow, delays[kRuns * 99 / 100], delays.back(), missed, kRuns);
  EXPECT_LE(median, 4);
  EXPECT_LE(slow, 8);
  EXPECT_EQ(missed, 0);
}

struct Changes {
  double per_day = 0;  // of the last target, the first one of each run not counted
  double placed_share = 0;
};

Changes MeasureSteady(double per_five_minutes, bool placed, int days) {
  int changes = 0;
  int placed_points = 0;
  for (int day = 0; day < days; ++day) {
    PoissonSource source(static_cast<std::uint64_t>(per_five_minutes) * 1000 + day * 2 + placed);
    Region region(placed);
    bool last = placed;
    int here = 0;
    for (int minute = 0; minute < 1440; ++minute) {
      const bool now = region.Add(source.Draw(per_five_minutes / 5));
      here += now != last;
      last = now;
      placed_points += now;
    }
    changes += std::max(0, here - 1);
  }
  return {static_cast<double>(changes) / days, placed_points / (1440.0 * days)};
}

TEST(ThresholdNoise, SteadyTrafficChangesAtMostOnceADay) {
  std::printf(
      "steady Poisson traffic, changes per day after the first one (goal: at most 1):\n"
      "  per 5m   started without   started placed   share of time placed\n");
  for (const double level : {5, 8, 10, 15, 30, 45, 50, 52, 60, 100}) {
    const Changes without = MeasureSteady(level, false, 200);
    const Changes with = MeasureSteady(level, true, 200);
    std::printf("  %6.0f   %15.3f   %14.3f   %10.2f %9.2f\n", level, without.per_day, with.per_day,
                without.placed_share, with.placed_share);
    EXPECT_LE(without.per_day, 1) << level;
    EXPECT_LE(with.per_day, 1) << level;
  }
}

}  // namespace
}  // namespace placer
