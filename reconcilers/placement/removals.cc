// The planner's removals. Each machine passes the same gate, TryRemove: floors and maxActions bind whatever
// the reason is.
#include <algorithm>

#include "reconcilers/placement/planner.h"

namespace placer {
namespace {

bool IsExcludedByName(const RegionState& region) {
  return region.hosting == Hosting::kExcluded;
}

}  // namespace

std::optional<Reason> Planner::FindFloor(const RegionState& region, const Machine& machine) const {
  const int left = region.observed - static_cast<int>(region.removing.size()) - 1;
  const bool keeps_min = left >= policy_.capacity.per_region_min;
  if (region.always_running && !keeps_min) return Reason::kAlwaysRunning;
  if (region.primary && !IsExcludedByName(region) && !keeps_min) return Reason::kPrimaryRegion;
  if (healthy_ - (IsHealthy(machine) ? 1 : 0) < 1) return Reason::kLastHealthyMachine;
  if (left_ - 1 < policy_.capacity.total_min) return Reason::kTotalMin;
  return std::nullopt;
}

bool Planner::TryRemove(RegionState& region, const Machine& machine, Reason reason) {
  std::optional<Reason> held = FindFloor(region, machine);
  if (!held && !budget_.CanAct(Action::kRemove)) held = Reason::kMaxActions;
  if (held) {
    if (region.removing.empty()) region.reason = *held;
    region.unfinished = held == Reason::kMaxActions;
    return false;
  }
  budget_.Spend(Action::kRemove);
  --left_;
  healthy_ -= IsHealthy(machine) ? 1 : 0;
  region.removing.push_back(&machine);
  region.reason = reason;
  removals_.push_back({PlannedAction::Kind::kRemove, region.code, machine.id, reason});
  return true;
}

void Planner::PlanPolicyRemovals() {
  RemoveFromClosedRegions();
  RemoveAbovePerRegionMax();
  RemoveAboveTotalMax();
}

void Planner::RemoveFromClosedRegions() {
  for (RegionState* region : from_bottom_) {
    if (region->may_host() || region->observed == 0) continue;
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
      if (excess-- <= 0 || !TryRemove(region, *machine, Reason::kAbovePerRegionMax)) break;
    }
  }
}

void Planner::RemoveAboveTotalMax() {
  for (RegionState* region : from_bottom_) {
    if (!region->may_host()) continue;
    for (const Machine* machine : region->removable) {
      if (left_ <= policy_.capacity.total_max) return;
      if (std::find(region->removing.begin(), region->removing.end(), machine) != region->removing.end())
        continue;
      region->wanted = Action::kRemove;
      if (TryRemove(*region, *machine, Reason::kAboveTotalMax)) continue;
      if (!budget_.CanAct(Action::kRemove)) return;
      break;
    }
  }
}

void Planner::PlanTrafficRemovals() {
  for (RegionState* region : from_bottom_) {
    if (region->may_host() && region->observed > 0 && region->traffic.below && region->adding == 0) {
      PlanTrafficRemoval(*region);
    }
  }
}

void Planner::PlanTrafficRemoval(RegionState& region) {
  if (!region.removing.empty()) return;
  const auto hold = [&](Reason reason) { region.reason = reason; };
  region.wanted = Action::kRemove;
  if (region.always_running) return hold(Reason::kAlwaysRunning);
  if (region.takes_over) return hold(Reason::kLastHealthyMachine);
  switch (region.grade.evidence) {
    case Evidence::kMissing:
      return hold(Reason::kEvidenceMissing);
    case Evidence::kStale:
      return hold(Reason::kEvidenceStale);
    case Evidence::kPartial:
      return hold(Reason::kEvidencePartial);
    case Evidence::kFresh:
      break;
  }
  if (!region.traffic.removal_grade) return hold(Reason::kCoverageMixed);
  if (region.removable.empty()) return hold(Reason::kNotOurMachines);
  if (budget_.CooldownRemaining(region.history, Action::kRemove) > absl::ZeroDuration()) {
    return hold(Reason::kCooldown);
  }
  const Verdict stable =
      ComputeStableVerdict(policy_, *region.demand, pass_.demand.points - 1, region.traffic.verdict);
  if (stable != Verdict::kLeave) return hold(Reason::kStabilizing);
  for (const Machine* machine : region.removable) {
    if (!TryRemove(region, *machine, Reason::kTrafficBelowThreshold)) return;
  }
}

}  // namespace placer
