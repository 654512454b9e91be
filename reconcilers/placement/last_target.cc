#include "reconcilers/placement/last_target.h"

#include <algorithm>
#include <optional>

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

void TakeUpPoints(const ReconcileInput& input, const RegionDemand& demand, const Assessment& newest,
                  int fresh, std::optional<bool>& placed) {
  // Newest first: the newest point with a clear answer is the one that counts.
  for (int back = 0; back < fresh; ++back) {
    const int point = input.seen.traffic.points - 1 - back;
    const Verdict raw = back == 0 ? newest.verdict : Assess(input.policy.threshold, demand, point).verdict;
    if (fresh == 1 && placed == (raw == Verdict::kPlace)) return;  // stable or not, nothing would change
    const Verdict verdict = ComputeStableVerdict(input.policy, demand, point, raw);
    if (verdict == Verdict::kKeep) continue;
    // A partial answer may hide traffic: it can place a region, and never take one away.
    if (verdict == Verdict::kPlace || !input.seen.traffic.partial_answer) placed = verdict == Verdict::kPlace;
    return;
  }
}

void CountMachines(const ReconcileInput& input, History& history) {
  std::map<std::string, int> machines;
  for (const Machine& machine : input.seen.machines) {
    if (IsOfGroup(input.policy, machine)) ++machines[machine.region];
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

History UpdateLastTargets(const ReconcileInput& input, const DemandTable& demand,
                          const std::vector<Assessment>& newest) {
  History history = input.history;
  if (input.seen.machines_known && input.seen.machines_error.ok()) CountMachines(input, history);
  const Traffic& traffic = input.seen.traffic;
  const int fresh = CountNewPoints(history, traffic);
  auto assessment = newest.begin();
  for (const auto& [code, region] : demand.regions) {
    const Assessment& now = *assessment++;
    const auto stored = history.regions.find(code);
    std::optional<bool> placed;
    if (stored != history.regions.end()) placed = stored->second.placed;
    if (region.hosting == Hosting::kMayHost) {
      TakeUpPoints(input, region, now, fresh, placed);
    } else if (stored != history.regions.end()) {
      placed = false;
    }
    if (!placed) continue;
    (stored != history.regions.end() ? stored->second : history.regions[code]).placed = placed;
  }
  if (fresh > 0) history.decided_point = traffic.end;
  return history;
}

}  // namespace placer
