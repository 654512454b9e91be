// RegionState: everything one pass knows of one region, gathered once, and what it plans there. The planner's
// steps read and write these; explain turns them into decisions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/reconciler.h"
#include "reconcilers/placement/demand.h"
#include "reconcilers/placement/evidence.h"
#include "reconcilers/placement/threshold.h"

namespace placer {

struct RegionState {
  std::string code;
  Hosting hosting = Hosting::kMayHost;
  bool always_running = false;
  bool primary = false;
  const RegionDemand* demand = nullptr;    // never null
  const RegionHistory* history = nullptr;  // null: nothing stored
  Assessment traffic;                      // at the newest data point
  Grade grade;
  bool placed = false;  // last target
  int observed = 0;     // machines of the process group and those being made, without leaving and parked ones
  int healthy = 0;      // of those, serving; one that enters does not serve yet
  int lost = 0;         // of those, failed or on a host that is given up: another one takes their place
  int staying = 0;      // of those, the ones that may serve: neither entering, cordoned nor lost
  std::vector<const Machine*> removable;  // that this policy may remove, in the order of removal
  std::vector<const Machine*> leaving;    // on their way out, and still to be won back
  std::vector<const Machine*> parked;     // stopped for good, ours to bring back
  bool busy = false;                      // an intent works on the region
  // The plan.
  int adding = 0;
  std::vector<const Machine*> removing;
  bool unfinished = false;        // maxActions left a part of the action for a later pass
  bool stands_in = false;         // serves for a region that cannot be entered now
  std::string adding_for;         // the region that `adding` stands in for; "" = itself
  bool takes_over = false;        // its machine is awaited: it frees a closed region of the last healthy one
  std::optional<Reason> reason;   // of the action, or of what holds one
  Action wanted = Action::kNone;  // what the rules considered

  bool may_host() const { return hosting == Hosting::kMayHost; }
};

struct PassState {
  const ReconcileInput& input;
  DemandTable demand;
  Grade grade;                       // of the whole observation
  std::vector<RegionState> regions;  // sorted by code
  int total = 0;                     // machines that count to total.max; parked ones do not
  int present = 0;                   // machines that stay: without leaving and parked ones
  int staying = 0;                   // of those, the ones that may serve, of all regions
  int leaving = 0;
  std::string hold_message;  // why nothing new begins, whatever a region wants
  bool own_group = false;    // the policy names the process group that we run in
};

// `history` already has its last targets up to date, and outlives the result, as the input does.
// `newest` is AssessNewest of the same demand.
PassState GatherState(const ReconcileInput& input, DemandTable demand, const std::vector<Assessment>& newest,
                      const History& history);

// Every region that deserves a decision: with traffic, a machine, stored state, or a name in the policy, and
// the one that may have to take over for a closed region. In any order; a region may come more than once.
std::vector<std::string> ListRegions(const ReconcileInput& input);

// It is there, and the policy's process group is its own.
bool IsOfGroup(const PlacementPolicy& policy, const Machine& machine);

// Of the group and there to stay: neither parked nor leaving.
bool IsPresent(const ReconcileInput& input, const Machine& machine);
// Serves or may begin to by itself, as autostop lets it: neither cordoned nor lost.
bool MayServe(const Machine& machine);
// Also where the machine is known by its name only, as long as nobody has seen it.
bool WorksOn(const Intent& intent, const Machine& machine);
// The intent that works on this machine; null: none.
const Intent* FindIntent(const History& history, const Machine& machine);
// An enter whose machine nobody has seen yet.
bool IsPending(const ReconcileInput& input, const Intent& intent);
// On its way out. One that is undone is back.
bool IsLeaving(const Intent& intent);
// No create here before history.retry_at.
bool IsFailing(const RegionState& region, absl::Time now);

// The one order that serves every tie, best first: alwaysRunning, primary region, long average descending
// (unknown first), code.
bool RanksBefore(const RegionState& a, const RegionState& b);

}  // namespace placer
