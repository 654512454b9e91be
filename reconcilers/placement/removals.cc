// The planner's removals. Each machine passes the same gate, TryRemove: floors and maxActions bind whatever
// the reason is.
#include <algorithm>

#include "reconcilers/placement/guards.h"
#include "reconcilers/placement/planner.h"

namespace placer {
namespace {

constexpr absl::Duration kRestAfterUndone = absl::Minutes(10);

bool IsExcludedByName(const RegionState& region) {
  return region.hosting == Hosting::kExcluded;
}

bool IsGoing(const RegionState& region, const Machine* machine) {
  return std::find(region.removing.begin(), region.removing.end(), machine) != region.removing.end();
}

}  // namespace

// A leave that was undone hurt somebody; also where policy asks for it, the next try waits.
bool Planner::WasUndone(const RegionState& region) const {
  const absl::Duration rest = std::max(policy_.behavior.scale_down.cooldown, kRestAfterUndone);
  return std::any_of(history_.actions.begin(), history_.actions.end(), [&](const ActionRecord& record) {
    return record.failed && record.action == Action::kRemove && record.region == region.code &&
           record.time > pass_.input.now - rest;
  });
}

std::optional<Reason> Planner::FindFloor(const RegionState& region, const Machine& machine) const {
  const auto may_serve = [](const Machine* other) { return MayServe(*other); };
  const auto going =
      std::count_if(region.removing.begin(), region.removing.end(), may_serve) + (MayServe(machine) ? 1 : 0);
  const bool keeps_min = region.staying - going >= policy_.capacity.per_region_min;
  if (region.always_running && !keeps_min) return Reason::kAlwaysRunning;
  if (region.primary && !IsExcludedByName(region) && !keeps_min) return Reason::kPrimaryRegion;
  if (healthy_ - (IsHealthy(machine) ? 1 : 0) < 1) return Reason::kLastHealthyMachine;
  if (staying_ - (MayServe(machine) ? 1 : 0) < policy_.capacity.total_min) return Reason::kTotalMin;
  return std::nullopt;
}

bool Planner::TryRemove(RegionState& region, const Machine& machine, Reason reason) {
  std::optional<Reason> held = FindFloor(region, machine);
  if (!held && !budget_.CanAct(Action::kRemove)) held = Reason::kMaxActions;
  const bool has_cooldown = reason == Reason::kTrafficBelowThreshold || reason == Reason::kStandInDone;
  if (!held && !has_cooldown && WasUndone(region)) held = Reason::kCooldown;
  if (!held && IsHealthy(machine)) held = FindReceiverHold(machine);
  if (held) {
    if (region.removing.empty()) region.reason = held;
    region.unfinished = held == Reason::kMaxActions;
    return false;
  }
  budget_.Spend(Action::kRemove);
  --left_;
  staying_ -= MayServe(machine) ? 1 : 0;
  healthy_ -= IsHealthy(machine) ? 1 : 0;
  region.removing.push_back(&machine);
  region.reason = reason;
  going_.push_back(&machine);
  removals_.push_back({.kind = PlannedAction::Kind::kRemove,
                       .region = region.code,
                       .machine_id = machine.id,
                       .reason = reason,
                       .served = IsHealthy(machine)});
  return true;
}

// Those who would take over must have room, and be well: else the leave would be undone again.
std::optional<Reason> Planner::FindReceiverHold(const Machine& machine) const {
  const Observation& seen = pass_.input.seen;
  std::vector<const Machine*> going = going_;
  for (const RegionState& region : pass_.regions) {
    going.insert(going.end(), region.leaving.begin(), region.leaving.end());
  }
  if (!HasRoom(policy_, seen, machine, going)) return Reason::kReceiverBusy;
  going.push_back(&machine);
  if (IsReceiverWorse(policy_, seen, machine.region, pass_.input.now, going).worse)
    return Reason::kReceiverBusy;
  return std::nullopt;
}

void Planner::PlanPolicyRemovals() {
  RemoveFromClosedRegions();
  RemoveReplaced();
  RemoveAbovePerRegionMax();
  RemoveAboveTotalMax();
}

void Planner::RemoveFromClosedRegions() {
  for (RegionState* region : from_bottom_) {
    if (!IsClosed(policy_, *pass_.input.seen.platform, region->hosting) || region->observed == 0) continue;
    region->wanted = Action::kRemove;
    if (region->removable.empty()) region->reason = Reason::kNotOurMachines;
    const Reason why = IsExcludedByName(*region) ? Reason::kExcludedRemoved : Reason::kNotAllowedRemoved;
    for (const Machine* machine : region->removable) {
      if (TryRemove(*region, *machine, why)) continue;
      if (region->reason == Reason::kLastHealthyMachine || region->reason == Reason::kTotalMin) {
        PlanReplacement(*region);
      }
      break;
    }
  }
}

// What failed goes once others serve in its place: it would fill the ceiling for nothing. On a dead host no
// call gets through, and whoever comes back with it may be needed. Only what we made: the owner of another
// one may want to look at it.
void Planner::RemoveReplaced() {
  for (RegionState& region : pass_.regions) {
    if (region.lost == 0 || region.healthy < policy_.capacity.per_region_min || !region.removing.empty())
      continue;
    for (const Machine* machine : region.removable) {
      if (machine->state != "failed" || machine->host_status != "ok" || !IsMadeBy(*machine, policy_.name))
        continue;
      region.wanted = Action::kRemove;
      if (!TryRemove(region, *machine, Reason::kReplaced)) break;
    }
  }
}

void Planner::RemoveAbovePerRegionMax() {
  if (!policy_.capacity.per_region_max) return;
  for (RegionState& region : pass_.regions) {
    if (!region.may_host()) continue;
    int excess =
        region.observed - static_cast<int>(region.removing.size()) - *policy_.capacity.per_region_max;
    if (excess <= 0) continue;
    region.wanted = Action::kRemove;
    if (region.removable.empty()) region.reason = Reason::kNotOurMachines;
    for (const Machine* machine : region.removable) {
      if (IsGoing(region, machine)) continue;
      if (excess-- <= 0 || !TryRemove(region, *machine, Reason::kAbovePerRegionMax)) break;
    }
  }
}

void Planner::RemoveAboveTotalMax() {
  for (RegionState* region : from_bottom_) {
    if (!region->may_host()) continue;
    for (const Machine* machine : region->removable) {
      if (left_ <= policy_.capacity.total_max) return;
      if (IsGoing(*region, machine)) continue;
      region->wanted = Action::kRemove;
      if (TryRemove(*region, *machine, Reason::kAboveTotalMax)) continue;
      if (!budget_.CanAct(Action::kRemove)) return;
      break;
    }
  }
}

// In silence, when nothing else keeps a healthy machine, the top-ranked region that has one stays. The floor
// alone would keep whichever region happens to be held longest, by a cooldown for instance.
const RegionState* Planner::FindLastToStay() const {
  const RegionState* top = nullptr;
  for (const RegionState* region : from_bottom_) {
    const bool goes =
        static_cast<int>(region->removing.size()) == region->observed;  // swapped out, for instance
    if (region->healthy == 0 || !region->may_host() || goes) continue;
    const auto ours = std::count_if(region->removable.begin(), region->removable.end(),
                                    [](const Machine* machine) { return IsHealthy(*machine); });
    const bool removable = region->traffic.below && !region->always_running && !region->primary;
    if (!removable || ours < region->healthy) return nullptr;
    top = region;
  }
  return top;
}

void Planner::PlanTrafficRemovals() {
  last_to_stay_ = FindLastToStay();
  for (RegionState* region : from_bottom_) {
    if (region->may_host() && region->observed > 0 && region->traffic.below && region->adding == 0) {
      PlanTrafficRemoval(*region);
    }
  }
}

void Planner::PlanTrafficRemoval(RegionState& region) {
  if (!region.removing.empty() || region.reason == Reason::kCooldown) return;
  if (region.wanted == Action::kDeploy) return;  // it lacks machines, and something holds the addition
  const auto hold = [&](Reason reason) { region.reason = reason; };
  region.wanted = Action::kRemove;
  if (region.always_running) return hold(Reason::kAlwaysRunning);
  if (region.busy) return hold(Reason::kInProgress);
  if (region.stands_in) return hold(Reason::kStandingIn);
  if (region.takes_over || &region == last_to_stay_) return hold(Reason::kLastHealthyMachine);
  switch (region.grade.evidence) {
    case Evidence::kMissing:
      return hold(Reason::kEvidenceMissing);
    case Evidence::kStale:
      return hold(Reason::kEvidenceStale);
    case Evidence::kPartial:
      return hold(Reason::kEvidencePartial);
    case Evidence::kRecovering:
      return hold(Reason::kEvidenceRecovering);
    case Evidence::kCollapsed:
      return hold(Reason::kEvidenceCollapsed);
    case Evidence::kFresh:
      break;
  }
  if (!region.traffic.removal_grade) return hold(Reason::kCoverageMixed);
  if (region.removable.empty()) return hold(Reason::kNotOurMachines);
  if (IsStillServing(policy_, pass_.input.seen.traffic, region.code)) return hold(Reason::kStillServing);
  if (region.history != nullptr && IsReversing(policy_, *region.history, pass_.input.seen.traffic.end)) {
    return hold(Reason::kReversal);
  }
  if (budget_.CooldownRemaining(region.history, Action::kRemove) > absl::ZeroDuration()) {
    return hold(Reason::kCooldown);
  }
  const Verdict stable = ComputeStableVerdict(
      policy_, pass_.demand.points - 1, region.traffic.verdict,
      [&](int point) { return Assess(policy_.threshold, *region.demand, point).verdict; });
  // Between two data points a changed policy may see another verdict than the one that made the last target.
  // Acting on it would remove what the last target then places again; the next data point brings both
  // together.
  if (stable != Verdict::kLeave || region.placed) return hold(Reason::kStabilizing);
  for (const Machine* machine : region.removable) {
    if (!TryRemove(region, *machine, Reason::kTrafficBelowThreshold)) return;
  }
}

}  // namespace placer
