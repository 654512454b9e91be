#include "reconcilers/placement/planner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "reconcilers/placement/acting.h"
#include "reconcilers/placement/steps.h"

namespace placer {
namespace {

// What may be done during somebody else's deploy: a machine that was leaving goes back to work, a lease is
// released.
bool Restores(const History& history, const IntentStep& step) {
  if (step.call == IntentStep::Call::kNone || step.call == IntentStep::Call::kReleaseLease) return true;
  return std::any_of(history.intents.begin(), history.intents.end(), [&](const Intent& intent) {
    return intent.id == step.intent_id && intent.phase == Intent::Phase::kReturning;
  });
}

}  // namespace

Planner::Planner(PassState& pass, const History& history)
    : pass_(pass),
      policy_(pass.input.policy),
      history_(history),
      budget_(policy_, history, pass.input.now),
      claimed_(pass.total),
      left_(pass.present),
      staying_(pass.staying) {
  for (RegionState& region : pass_.regions) {
    healthy_ += region.healthy;
    from_bottom_.push_back(&region);
  }
  std::sort(from_bottom_.begin(), from_bottom_.end(),
            [](const RegionState* a, const RegionState* b) { return RanksBefore(*b, *a); });
}

Plan Planner::MakePlan() {
  const int healthy = healthy_;
  const int staying = staying_;
  PlanUpdate();
  PlanAdditions();
  PlanStandIns();
  PlanPolicyRemovals();
  PlanTrafficRemovals();
  BringBack();
  const bool has_additions = !additions_.empty();
  for (PlannedAction& removal : removals_) removal.needs_additions = has_additions;
  Plan plan{.actions = std::move(updates_)};
  for (std::vector<PlannedAction>* part : {&additions_, &swaps_, &removals_}) {
    plan.actions.insert(plan.actions.end(), std::make_move_iterator(part->begin()),
                        std::make_move_iterator(part->end()));
  }
  for (PlannedAction& action : plan.actions) {
    const auto region = std::find_if(pass_.regions.begin(), pass_.regions.end(),
                                     [&](const RegionState& state) { return state.code == action.region; });
    action.more_to_come = region->unfinished;
  }
  plan.steps = PlanSteps({pass_, budget_, returning_, healthy, staying});
  const ReconcileInput& input = pass_.input;
  if (input.now < history_.blocked_until) {
    Hold({Reason::kNotAuthorized,
          absl::StrCat("The platform refused our token; the next attempt is due in ",
                       absl::FormatDuration(absl::Ceil(history_.blocked_until - input.now, absl::Seconds(1))),
                       ": ", history_.blocked_message)},
         plan);
    plan.steps.clear();
  } else if (std::optional<placer::Hold> release = FindRelease(input)) {
    Hold(*release, plan);
    std::erase_if(plan.steps, [&](const IntentStep& step) { return !Restores(history_, step); });
  } else if (input.settling) {
    Hold({Reason::kSettling, "The mode was left while actions were under way; they come to rest first"},
         plan);
  }
  const bool writes = !plan.steps.empty() || !plan.actions.empty();
  if (!writes) return plan;
  Ownership ownership = AssessOwnership(input);
  plan.claim_machine_id = std::move(ownership.claim_machine_id);
  plan.claim_since = ownership.claim_since;
  if (ownership.hold && policy_.mode != Mode::kDryRun) {
    Hold(*ownership.hold, plan);
    plan.steps.clear();
  }
  return plan;
}

// Takes every new action out again; what wanted to act says why it does not.
void Planner::Hold(const placer::Hold& hold, Plan& plan) {
  plan.hold = hold;
  pass_.hold_message = hold.message;
  plan.actions.clear();
  for (RegionState& region : pass_.regions) {
    if (region.adding == 0 && region.removing.empty()) continue;
    region.adding = 0;
    region.removing.clear();
    region.unfinished = false;
    region.reason = hold.reason;
  }
}

// One machine at a time, and never the only one that serves.
void Planner::PlanUpdate() {
  if (policy_.mode != Mode::kActive) return;  // what a dry run made up has no release
  const bool updates = std::any_of(history_.intents.begin(), history_.intents.end(),
                                   [](const Intent& intent) { return intent.kind == Intent::Kind::kUpdate; });
  const Machine* straggler = updates ? nullptr : FindStraggler(pass_.input);
  if (straggler == nullptr) return;
  if (IsHealthy(*straggler) && healthy_ < 2) return;
  if (IsHealthy(*straggler)) --healthy_;
  for (RegionState& region : pass_.regions) {  // one action a machine
    std::erase(region.removable, straggler);
    std::erase(region.parked, straggler);
  }
  updates_.push_back(
      {.kind = PlannedAction::Kind::kUpdate, .region = straggler->region, .machine_id = straggler->id});
}

}  // namespace placer
