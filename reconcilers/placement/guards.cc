#include "reconcilers/placement/guards.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "reconcilers/placement/region_state.h"

namespace placer {
namespace {

constexpr double kUsableShare = 0.8;  // of hard limits, by those who take over
constexpr double kErrorShare = 0.05;  // of the receiver's answers: more is worse, if it is also
constexpr double kErrorGrowth = 2;    // more than this times its share before
constexpr double kFewestErrors = 10;  // fewer are chance

using ValuesByRegion = std::map<std::string, PointValues>;

// The known values of a region in the points [begin, end).
struct Known {
  int points = 0;
  double sum = 0;
  double most = 0;

  double mean() const { return sum / points; }
};

Known FindKnown(const ValuesByRegion& regions, const std::string& region, int begin, int end) {
  Known known;
  const auto values = regions.find(region);
  if (values == regions.end()) return known;
  for (int i = std::max(begin, 0); i < std::min(end, static_cast<int>(values->second.size())); ++i) {
    const PointValue value = values->second[i];
    if (!value || !std::isfinite(*value)) continue;
    ++known.points;
    known.sum += *value;
    known.most = std::max(known.most, *value);
  }
  return known;
}

Known FindShortWindow(const PlacementPolicy& policy, const Traffic& traffic, const ValuesByRegion& regions,
                      const std::string& region) {
  return FindKnown(regions, region, traffic.points - policy.threshold.short_window, traffic.points);
}

// Of machines together; no value: one of them has no limit that is known.
std::optional<double> SumHardLimits(const std::vector<const Machine*>& machines) {
  double sum = 0;
  for (const Machine* machine : machines) {
    if (machine->hard_limit <= 0) return std::nullopt;
    sum += machine->hard_limit;
  }
  return sum;
}

using MachinesByRegion = std::map<std::string, std::vector<const Machine*>>;

MachinesByRegion Gather(const PlacementPolicy& policy, const Observation& seen,
                        const std::function<bool(const Machine&)>& is_wanted) {
  MachinesByRegion machines;
  for (const Machine& machine : seen.machines) {
    if (IsOfGroup(policy, machine) && is_wanted(machine)) machines[machine.region].push_back(&machine);
  }
  return machines;
}

// The region itself, or the one nearest to it; ties, and places without coordinates, by code. The end if
// there is none.
MachinesByRegion::const_iterator FindReceiver(const Platform& platform, const MachinesByRegion& candidates,
                                              const std::string& region) {
  const auto itself = candidates.find(region);
  if (itself != candidates.end()) return itself;
  auto nearest = candidates.end();
  double nearest_ms = 0;
  for (auto it = candidates.begin(); it != candidates.end(); ++it) {
    const double rtt_ms =
        ComputeRttMs(platform, region, it->first).value_or(std::numeric_limits<double>::infinity());
    if (nearest != candidates.end() && rtt_ms >= nearest_ms) continue;
    nearest = it;
    nearest_ms = rtt_ms;
  }
  return nearest;
}

bool IsRunning(const Machine& machine) {
  return machine.state == "started" && !machine.cordoned && machine.host_status == "ok";
}

Worsening FindCriticalCheck(const std::string& region, const std::vector<const Machine*>& machines) {
  for (const Machine* machine : machines) {
    for (const Check& check : machine->checks) {
      if (check.status != "critical") continue;
      return {true, absl::StrCat("Check ", check.name, " of machine ", machine->id, " in ", region,
                                 ", which takes over, is critical")};
    }
  }
  return {};
}

// Points [begin, end) lie wholly after a time; those before `before` lie wholly before it.
struct Split {
  int before = 0;
  int begin = 0;
  int end = 0;
};

Split SplitAt(const Traffic& traffic, absl::Time since) {
  Split split{.end = traffic.points};
  for (int i = 0; i < traffic.points; ++i) {
    const absl::Time end = traffic.end - traffic.resolution * (traffic.points - 1 - i);
    if (end <= since) split.before = i + 1;
    if (end - traffic.resolution < since) split.begin = i + 1;
  }
  return split;
}

double ComputeShare(const Known& errors, const Known& served) {
  return served.sum > 0 ? errors.sum / served.sum : 0;
}

Worsening FindErrors(const PlacementPolicy& policy, const Traffic& traffic, const std::string& region,
                     const Split& split) {
  const Known errors = FindKnown(traffic.served_errors, region, split.begin, split.end);
  if (errors.sum < kFewestErrors) return {};
  const int first = split.before - policy.threshold.short_window;
  const double before = ComputeShare(FindKnown(traffic.served_errors, region, first, split.before),
                                     FindKnown(traffic.served, region, first, split.before));
  const double now = ComputeShare(errors, FindKnown(traffic.served, region, split.begin, split.end));
  if (now <= kErrorShare || now <= kErrorGrowth * before) return {};
  return {true, absl::StrFormat(
                    "%s, which takes over, answers %.1f%% of its requests with 5xx; it was %.1f%% before",
                    region, 100 * now, 100 * before)};
}

Worsening FindOverload(const Traffic& traffic, const std::string& region,
                       const std::vector<const Machine*>& machines, const Split& split) {
  const Known concurrency = FindKnown(traffic.concurrency, region, split.begin, split.end);
  const std::optional<double> limit = SumHardLimits(machines);
  if (concurrency.points == 0 || !limit || concurrency.most < *limit) return {};
  return {true, absl::StrFormat(
                    "%s, which takes over, works on %.1f requests at a time; its hard limits allow %.0f",
                    region, concurrency.most, *limit)};
}

}  // namespace

bool IsReversing(const PlacementPolicy& policy, const RegionHistory& region, absl::Time data_point) {
  const absl::Time since = data_point - policy.traffic.resolution * policy.threshold.long_window;
  return std::count_if(region.flips.begin(), region.flips.end(),
                       [&](absl::Time flip) { return flip > since && flip <= data_point; }) >= 2;
}

bool IsStillServing(const PlacementPolicy& policy, const Traffic& traffic, const std::string& region) {
  if (policy.mode == Mode::kDryRun) return false;
  const Known served = FindShortWindow(policy, traffic, traffic.served, region);
  if (served.points == 0) return false;
  const double scale = absl::FDivDuration(policy.threshold.per, traffic.resolution);
  return served.mean() * scale >= policy.threshold.deploy;
}

bool HasRoom(const PlacementPolicy& policy, const Observation& seen, const Machine& machine,
             const std::vector<const Machine*>& going) {
  if (!seen.traffic.error.ok()) return true;  // what is known is too old
  const auto leaves = [&](const Machine& other) {
    return other.id == machine.id ||
           std::any_of(going.begin(), going.end(), [&](const Machine* gone) { return gone->id == other.id; });
  };
  const MachinesByRegion staying =
      Gather(policy, seen, [&](const Machine& other) { return IsHealthy(other) && !leaves(other); });
  const auto receiver = FindReceiver(*seen.platform, staying, machine.region);
  if (receiver == staying.end()) return true;
  const std::optional<double> limit = SumHardLimits(receiver->second);
  if (!limit) return true;
  const auto work = [&](const std::string& region) {
    return FindShortWindow(policy, seen.traffic, seen.traffic.concurrency, region);
  };
  if (work(machine.region).points == 0 || work(receiver->first).points == 0) return true;
  // All that the receiver is left with: its own, and that of each region that is emptied towards it.
  double sum = work(receiver->first).mean();
  for (const auto& [region, gone] : Gather(policy, seen, leaves)) {
    if (staying.contains(region) || FindReceiver(*seen.platform, staying, region) != receiver) continue;
    if (const Known known = work(region); known.points > 0) sum += known.mean();
  }
  return sum <= kUsableShare * *limit;
}

Worsening IsReceiverWorse(const PlacementPolicy& policy, const Observation& seen, const std::string& region,
                          absl::Time since, const std::vector<const Machine*>& going) {
  const MachinesByRegion running = Gather(policy, seen, [&](const Machine& machine) {
    return IsRunning(machine) && std::none_of(going.begin(), going.end(),
                                              [&](const Machine* gone) { return gone->id == machine.id; });
  });
  const auto receiver = FindReceiver(*seen.platform, running, region);
  if (receiver == running.end()) return {};
  const auto& [name, machines] = *receiver;
  if (Worsening unwell = FindCriticalCheck(name, machines); unwell.worse) return unwell;
  if (!seen.traffic.error.ok()) return {};
  const Split split = SplitAt(seen.traffic, since);
  if (Worsening failing = FindErrors(policy, seen.traffic, name, split); failing.worse) return failing;
  return FindOverload(seen.traffic, name, machines, split);
}

}  // namespace placer
