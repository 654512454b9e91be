// Planner: turns wishes into an ordered plan under ceilings, floors, cooldowns and budgets. Ceilings always
// win for additions, floors for removals. Two classes of removal: by traffic (needs Fresh evidence, cooldown,
// stabilization) and by policy (excluded, not allowed, a lowered ceiling), which works while Prometheus is
// down.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/plan.h"
#include "reconcilers/placement/budget.h"
#include "reconcilers/placement/region_state.h"

namespace placer {

class Planner {
 public:
  Planner(PassState& pass, const History& history);

  // Fills adding, removing, reason and wanted of pass.regions: updates after a release, additions, swaps,
  // policy removals, traffic removals; and the next step of each open intent. What holds the whole policy
  // takes the new actions out again.
  Plan MakePlan();

 private:
  void Hold(const placer::Hold& hold, Plan& plan);
  void PlanUpdate();

  // returns.cc
  bool TryReturn(RegionState& region, Reason reason);
  void BringBack();
  void PlanStandIns();
  void PlanStandIn(RegionState& region);
  void EndStandIn(RegionState& region);
  const RegionState* FindHome(const RegionState& standing_in) const;

  // additions.cc
  void PlanAdditions();
  void PlanAddition(RegionState& region);
  int CountMissing(const RegionState& region) const;
  std::optional<Reason> FindCreateHold(const RegionState& region) const;
  std::string PickName(const RegionState& region) const;
  bool TryAdd(RegionState& region, Reason reason);
  bool TrySwap(RegionState& region);
  RegionState* FindSwapVictim(const RegionState& newcomer);
  bool HasHeldReceiver(const RegionState& victim);
  bool IsComing(const RegionState& region) const;
  void PlanReplacement(const RegionState& leaving);

  // removals.cc
  void PlanPolicyRemovals();
  void RemoveFromClosedRegions();
  void RemoveReplaced();
  void RemoveAbovePerRegionMax();
  void RemoveAboveTotalMax();
  const RegionState* FindLastToStay() const;
  void PlanTrafficRemovals();
  void PlanTrafficRemoval(RegionState& region);
  bool TryRemove(RegionState& region, const Machine& machine, Reason reason);
  bool WasUndone(const RegionState& region) const;
  std::optional<Reason> FindReceiverHold(const Machine& machine) const;
  std::optional<Reason> FindFloor(const RegionState& region, const Machine& machine) const;

  PassState& pass_;
  const PlacementPolicy& policy_;
  const History& history_;
  Budget budget_;
  std::vector<RegionState*> from_bottom_;  // every region, lowest rank first
  int claimed_ = 0;  // for ceilings: machines there and planned; a swap hands a place over and frees none
  int left_ = 0;     // for a lowered ceiling: machines there that no removal is planned for
  int staying_ = 0;  // for capacity.total.min: of those, the ones that may serve
  int healthy_ = 0;  // of those, the healthy ones
  std::vector<const Machine*> going_;          // that a removal of this plan takes
  std::set<std::string> returning_;            // leaving machines that are wanted back
  const RegionState* last_to_stay_ = nullptr;  // null: the floors alone decide
  std::vector<PlannedAction> updates_;         // and returns: what is there comes first
  std::vector<PlannedAction> additions_;
  std::vector<PlannedAction> swaps_;
  std::vector<PlannedAction> removals_;
};

}  // namespace placer
