// Planner: turns wishes into an ordered plan under ceilings, floors, cooldowns and budgets. Ceilings always
// win for additions, floors for removals. Two classes of removal: by traffic (needs Fresh evidence, cooldown,
// stabilization) and by policy (excluded, not allowed, a lowered ceiling), which works while Prometheus is
// down.
#pragma once

#include <optional>
#include <vector>

#include "api/plan.h"
#include "reconcilers/placement/budget.h"
#include "reconcilers/placement/region_state.h"

namespace placer {

class Planner {
 public:
  // Fills adding, removing, reason and wanted of pass.regions.
  Planner(PassState& pass, const History& history);

  // Additions, then swaps, policy removals, traffic removals.
  Plan MakePlan();

 private:
  // additions.cc
  void PlanAdditions();
  void PlanAddition(RegionState& region);
  int CountMissing(const RegionState& region) const;
  bool TryAdd(RegionState& region, Reason reason);
  bool TrySwap(RegionState& region);
  RegionState* FindSwapVictim(const RegionState& newcomer);
  bool IsComing(const RegionState& region) const;
  void PlanReplacement(const RegionState& leaving);

  // removals.cc
  void PlanPolicyRemovals();
  void RemoveFromClosedRegions();
  void RemoveAbovePerRegionMax();
  void RemoveAboveTotalMax();
  const RegionState* FindLastToStay() const;
  void PlanTrafficRemovals();
  void PlanTrafficRemoval(RegionState& region);
  bool TryRemove(RegionState& region, const Machine& machine, Reason reason);
  std::optional<Reason> FindFloor(const RegionState& region, const Machine& machine) const;

  PassState& pass_;
  const PlacementPolicy& policy_;
  Budget budget_;
  std::vector<RegionState*> from_bottom_;  // every region, lowest rank first
  int claimed_ = 0;  // for ceilings: machines there and planned; a swap hands a place over and frees none
  int left_ = 0;     // for floors: machines there that no removal is planned for
  int healthy_ = 0;  // of those, the healthy ones
  const RegionState* last_to_stay_ = nullptr;  // null: the floors alone decide
  std::vector<PlannedAction> additions_;
  std::vector<PlannedAction> swaps_;
  std::vector<PlannedAction> removals_;
};

}  // namespace placer
