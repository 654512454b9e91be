// FaultyTraffic: what Prometheus answers of an app whose true traffic is known, while something is wrong with
// the measuring. Requests are Poisson draws, a function of region and data point alone, and each region's
// machines answer what enters there; a fault changes what is seen of it, never what is true.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/traffic.h"

namespace placer {

enum class Fault {
  kNone,
  kSilence,       // not a fault: nobody asks any more
  kServerError,   // 503
  kUnauthorized,  // 401
  kTimeout,
  kEmpty,          // the server knows nothing of the app
  kNan,            // NaN instead of numbers
  kFrozen,         // the edge's counters stand still; those of the machines go on
  kFrozenUnheard,  // the same, and nobody hears the machines: to the controller it is silence
  kHalfGone,       // half the regions' edge series vanish
  kStale,          // no point is newer than the fault
  kCounterReset,   // every counter starts again: one point shows little
  kProxyFlip,      // proxies restart in turn: each region shows little in every seventh point
  kRamp,           // no data, and then, for as long again but at most 15 points, too little
};

class FaultyTraffic {
 public:
  // Requests per minute of each region at a time, in the mean.
  using Level = std::function<double(const std::string& region, absl::Time end)>;

  FaultyTraffic(std::vector<std::string> regions, Level level)
      : regions_(std::move(regions)), level_(std::move(level)) {}

  // From `from` on, for `length`. Queries fail, or points that end in (from, from + length] are wrong.
  void Break(Fault fault, absl::Time from, absl::Duration length) {
    fault_ = fault;
    from_ = from;
    to_ = from + length;
  }

  absl::StatusOr<Traffic> Answer(const Traffic& grid, absl::Time now) const {
    const bool now_broken = now > from_ && now <= to_;
    if (now_broken && fault_ == Fault::kServerError) return absl::UnavailableError("Prometheus answered 503");
    if (now_broken && fault_ == Fault::kUnauthorized)
      return absl::PermissionDeniedError("Prometheus answered 401");
    if (now_broken && fault_ == Fault::kTimeout) return absl::DeadlineExceededError("no answer within 10s");
    Traffic traffic{.end = grid.end, .resolution = grid.resolution, .points = grid.points};
    traffic.witnessed.assign(grid.points, true);
    traffic.instance_up.assign(grid.points, true);
    for (std::size_t i = 0; i < regions_.size(); ++i) FillRegion(i, traffic);
    for (int point = 0; point < grid.points; ++point) {
      if (IsUnseen(EndOf(traffic, point), now_broken)) Forget(point, traffic);
    }
    if (now_broken && fault_ == Fault::kEmpty) {
      traffic.regions.clear();
      traffic.served.clear();
    }
    if (fault_ == Fault::kFrozenUnheard) traffic.served.clear();
    return traffic;
  }

 private:
  static absl::Time EndOf(const Traffic& traffic, int point) {
    return traffic.end - traffic.resolution * (traffic.points - 1 - point);
  }
  bool IsWrong(absl::Time end) const { return end > from_ && end <= to_; }

  void FillRegion(std::size_t index, Traffic& traffic) const {
    PointValues& edge = traffic.regions[regions_[index]];
    PointValues& served = traffic.served[regions_[index]];
    for (int point = 0; point < traffic.points; ++point) {
      const absl::Time end = EndOf(traffic, point);
      const double truth = fault_ == Fault::kSilence && IsWrong(end) ? 0 : Draw(index, end);
      served.push_back(truth);
      edge.push_back(Show(index, end, truth));
    }
  }

  double Draw(std::size_t index, absl::Time end) const {
    const auto [drawn, is_new] = drawn_.try_emplace({index, end});
    if (is_new) {
      std::seed_seq seed{static_cast<std::int64_t>(index), absl::ToUnixSeconds(end)};
      std::mt19937_64 bits(seed);
      drawn->second = std::poisson_distribution<int>(level_(regions_[index], end))(bits);
    }
    return drawn->second;
  }

  // What the edge's counters show of the truth. The first region is not among the half that vanishes.
  std::optional<double> Show(std::size_t index, absl::Time end, double truth) const {
    const std::int64_t minute = absl::ToUnixSeconds(end) / 60;
    const double little = std::floor(0.1 * truth);
    const bool first = end - absl::Minutes(1) <= from_;
    const double ramp = (end - to_) / absl::Minutes(1) / 15.0;
    switch (fault_) {
      case Fault::kNan:
        return IsWrong(end) ? std::numeric_limits<double>::quiet_NaN() : truth;
      case Fault::kFrozen:
      case Fault::kFrozenUnheard:
        return IsWrong(end) ? 0 : truth;
      case Fault::kHalfGone:
        if (IsWrong(end) && index >= 1 && index <= regions_.size() / 2) return std::nullopt;
        return truth;
      case Fault::kCounterReset:
        return IsWrong(end) && first ? little : truth;
      case Fault::kProxyFlip:
        return IsWrong(end) && (minute + static_cast<std::int64_t>(index)) % 7 == 0 ? little : truth;
      case Fault::kRamp:
        return end > to_ && ramp < 1 ? std::floor(truth * ramp) : truth;
      default:
        return truth;
    }
  }

  bool IsUnseen(absl::Time end, bool now_broken) const {
    switch (fault_) {
      case Fault::kEmpty:
        return now_broken;
      case Fault::kStale:
        return now_broken && IsWrong(end);
      case Fault::kRamp:
        return IsWrong(end);
      default:
        return false;
    }
  }

  static void Forget(int point, Traffic& traffic) {
    for (auto* rows : {&traffic.regions, &traffic.served}) {
      for (auto& [region, values] : *rows) values[point].reset();
    }
    traffic.witnessed[point] = false;
    traffic.instance_up[point] = false;
  }

  std::vector<std::string> regions_;
  Level level_;
  mutable std::map<std::pair<std::size_t, absl::Time>, double> drawn_;  // each is drawn once, for speed
  Fault fault_ = Fault::kNone;
  absl::Time from_ = absl::InfiniteFuture();
  absl::Time to_ = absl::InfiniteFuture();
};

}  // namespace placer
