#include "reconcilers/placement/placement_reconciler.h"

#include <algorithm>
#include <utility>

#include "reconcilers/placement/explain.h"
#include "reconcilers/placement/intents.h"
#include "reconcilers/placement/last_target.h"
#include "reconcilers/placement/planner.h"
#include "reconcilers/placement/rebuild.h"

namespace placer {
namespace {

// While actions are under way: machines start and stop within seconds.
constexpr absl::Duration kHurry = absl::Seconds(5);

Decision MakeDecision(const PassState& pass, const Budget& budget) {
  Decision decision{.time = pass.input.now, .data_point = pass.input.seen.traffic.end};
  decision.evidence = pass.grade.evidence;
  decision.evidence_message = pass.grade.message;
  decision.unattributed = pass.demand.unattributed;
  decision.regions.reserve(pass.regions.size());
  for (const RegionState& region : pass.regions)
    decision.regions.push_back(ExplainRegion(pass, region, budget));
  return decision;
}

// The interval, doubled with each failure in a row, up to a minute: a server in trouble is not helped by
// haste.
absl::Duration ComputeRequeue(const ReconcileInput& input) {
  if (!input.history.intents.empty() && input.failures == 0) return std::min(input.policy.interval, kHurry);
  const absl::Duration interval = input.policy.interval;
  const absl::Duration backoff = interval * (1 << std::min(input.failures, 6));
  return std::min(backoff, std::max(interval, absl::Minutes(1)));
}

void HoldAll(PassState& pass, Reason reason) {
  for (RegionState& region : pass.regions) region.reason = reason;
}

}  // namespace

ReconcileResult PlacementReconciler::Reconcile(const ReconcileInput& input) const {
  const bool paused = input.policy.mode == Mode::kPaused;
  DemandTable demand = MakeDemand(input.policy, input.seen.traffic, *input.seen.platform, ListRegions(input));
  const std::vector<Assessment> newest = AssessNewest(input.policy.threshold, demand);
  History history = paused ? input.history : ComputeLastTargets(input, demand, newest);
  if (!paused) RebuildFromPlatform(input, history);
  PassState pass = GatherState(input, std::move(demand), newest, history);
  Plan plan;
  if (paused) {
    HoldAll(pass, Reason::kPaused);
  } else if (!input.seen.machines_known || !input.seen.machines_error.ok()) {
    HoldAll(pass, Reason::kMachinesUnknown);
  } else {
    plan = Planner(pass, history).MakePlan();
  }
  Decision decision = MakeDecision(pass, Budget(input.policy, history, input.now));
  return {std::move(decision), std::move(plan), std::move(history), ComputeRequeue(input)};
}

IntentStep PlacementReconciler::Begin(const PlannedAction& action, absl::Time now, History& history) const {
  return BeginIntent(action, now, history);
}

void PlacementReconciler::Record(const CallOutcome& outcome, History& history) const {
  RecordOutcome(outcome, history);
}

}  // namespace placer
