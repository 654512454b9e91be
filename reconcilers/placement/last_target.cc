#include "reconcilers/placement/last_target.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "reconcilers/placement/doubt.h"
#include "reconcilers/placement/region_state.h"
#include "reconcilers/placement/threshold.h"

namespace placer {
namespace {

// Points that no pass has taken up yet; one when nothing was ever decided, or when the newest point decided
// lies ahead of the grid: the clock went back or the grid changed, and waiting would freeze every target
// until then.
int CountNewPoints(const History& history, const Traffic& traffic) {
  if (!traffic.error.ok() || traffic.points == 0 || traffic.end == history.decided_point) return 0;
  if (history.decided_point == absl::InfinitePast() || history.decided_point > traffic.end) return 1;
  const absl::Duration behind = absl::Ceil(traffic.end - history.decided_point, traffic.resolution);
  return static_cast<int>(std::min<std::int64_t>(behind / traffic.resolution, traffic.points));
}

// Traffic may take a region away only where nothing may hide traffic.
bool MayLeave(const ReconcileInput& input, const RegionDemand& demand, int point) {
  const Traffic& traffic = input.seen.traffic;
  return !traffic.partial_answer && !IsCollapsed(input.policy, traffic, point) &&
         !FindContradiction(input.policy, traffic, point) && !FindContradiction(input.policy, demand, point);
}

// Oldest first, so that a region that goes back and forth shows each turn, also when several points are
// caught up.
void TakeUpPoints(const ReconcileInput& input, const RegionDemand& demand, const Assessment& newest,
                  int fresh, RegionHistory& region) {
  const Traffic& traffic = input.seen.traffic;
  // Each point is assessed once, in however many stabilization windows it lies.
  std::vector<std::optional<Verdict>> known;
  const auto verdict_at = [&](int point) {
    if (point < 0) return Verdict::kKeep;
    known.resize(static_cast<std::size_t>(traffic.points));
    if (!known[point]) known[point] = Assess(input.policy.threshold, demand, point).verdict;
    return *known[point];
  };
  for (int back = fresh - 1; back >= 0; --back) {
    const int point = traffic.points - 1 - back;
    const Verdict raw = back == 0 ? newest.verdict : verdict_at(point);
    const bool placed = raw == Verdict::kPlace;
    // Stable or not, nothing would change.
    if (raw == Verdict::kKeep || region.placed == placed) continue;
    if (ComputeStableVerdict(input.policy, point, raw, verdict_at) != raw) continue;
    if (!placed && !MayLeave(input, demand, point)) continue;
    if (region.placed) region.flips.push_back(traffic.end - traffic.resolution * back);
    region.placed = placed;
  }
}

// Flips that the long window reaches. After a clock that went back there may be some from the future.
void ForgetFlips(const PlacementPolicy& policy, const Traffic& traffic, RegionHistory& region) {
  const absl::Time since = traffic.end - traffic.resolution * policy.threshold.long_window;
  std::erase_if(region.flips, [&](absl::Time flip) { return flip <= since || flip > traffic.end; });
}

void CountMachines(const ReconcileInput& input, History& history) {
  std::map<std::string, int> machines;
  for (const Machine& machine : input.seen.machines) {
    if (IsPresent(input, machine)) ++machines[machine.region];
  }
  for (const Intent& intent : input.history.intents) {
    if (IsPending(input, intent)) ++machines[intent.region];
  }
  for (auto& [code, region] : history.regions) {
    const auto seen = machines.find(code);
    const int now = seen == machines.end() ? 0 : seen->second;
    if (region.machines > 0 && now == 0) region.placed.reset();  // our own removals have set it to 0 already
    region.machines = now;
  }
  for (const auto& [code, count] : machines) history.regions[code].machines = count;
}

}  // namespace

History ComputeLastTargets(const ReconcileInput& input, const DemandTable& demand,
                           const std::vector<Assessment>& newest) {
  History history = input.history;
  if (input.seen.machines_known && input.seen.machines_error.ok()) CountMachines(input, history);
  const Traffic& traffic = input.seen.traffic;
  const int fresh = CountNewPoints(history, traffic);
  auto assessment = newest.begin();
  for (const auto& [code, region] : demand.regions) {
    const Assessment& now = *assessment++;
    const auto stored = history.regions.find(code);
    if (region.hosting != Hosting::kMayHost) {
      // One wrong list of the platform's changes nothing that outlasts it.
      if (stored == history.regions.end() || !IsClosed(input.policy, *input.seen.platform, region.hosting))
        continue;
      stored->second.placed = false;
      stored->second.flips.clear();  // the policy's doing, not the traffic's
      continue;
    }
    if (fresh == 0) continue;
    if (stored != history.regions.end()) {
      TakeUpPoints(input, region, now, fresh, stored->second);
      ForgetFlips(input.policy, traffic, stored->second);
      continue;
    }
    RegionHistory unknown;
    TakeUpPoints(input, region, now, fresh, unknown);
    ForgetFlips(input.policy, traffic, unknown);
    if (unknown.placed) history.regions[code] = std::move(unknown);
  }
  if (fresh > 0) history.decided_point = traffic.end;
  return history;
}

}  // namespace placer
