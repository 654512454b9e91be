// A PolicyLoop in mode Active: decides on what it has just read again by id, stores what it is about to do,
// makes the calls, and says what came of each.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/policy_loop.h"
#include "controller/shadow.h"

namespace placer {
namespace {

bool Writes(const Plan& plan) {
  return !plan.actions.empty() || !plan.claim_machine_id.empty() ||
         std::any_of(plan.steps.begin(), plan.steps.end(),
                     [](const IntentStep& step) { return step.call != IntentStep::Call::kNone; });
}

Action DirectionOf(const Intent& intent) {
  return intent.kind == Intent::Kind::kLeave ? Action::kRemove : Action::kDeploy;
}

std::string Describe(const Intent& intent) {
  const std::string& name = intent.machine_id.empty() ? intent.machine_name : intent.machine_id;
  return absl::StrCat("machine ", name, " in ", intent.region);
}

}  // namespace

// A list may be a minute old. Before anything is written, every machine is read by its id, and the decision
// is made once more on that: what it no longer wants is not done.
Task<ReconcileResult> PolicyLoop::Decide(PlacementPolicy policy) {
  const Observation& seen = observer_.seen();
  const bool left = policy.mode != Mode::kActive || policy.app != policy_.app ||
                    policy.process_group != policy_.process_group;
  const bool settling = set_ == Mode::kActive && left && !state_.history.intents.empty();
  if (settling) policy.mode = Mode::kActive;
  const auto reconcile = [&](const Observation& laid) {
    return reconciler_.Reconcile({.policy = policy,
                                  .seen = laid,
                                  .history = state_.history,
                                  .now = effects_.clock.Now(),
                                  .failures = IsFailing() ? failures_ + 1 : 0,
                                  .settling = settling});
  };
  if (set_ == Mode::kDryRun) {
    if (seen.machines_known && seen.machines_error.ok()) ForgetVanished(seen.machines, state_.shadow);
    Observation laid = seen;
    laid.machines = LayShadow(policy, std::move(laid.machines), state_.shadow);
    co_return reconcile(laid);
  }
  ReconcileResult result = reconcile(seen);
  if (!Writes(result.plan)) co_return result;
  co_await observer_.Refresh(policy.app, state_.last_seen);
  co_return reconcile(seen);
}

Task<void> PolicyLoop::Act(PlacementPolicy policy, const Observation& seen, const Plan& plan,
                           PassReport& report) {
  std::vector<IntentStep> steps = plan.steps;
  for (const PlannedAction& action : plan.actions) {
    // The others take several passes; what depends on them is decided again then.
    if (action.needs_additions || action.needs_removals) continue;
    steps.push_back(reconciler_.Begin(action, effects_.clock.Now(), state_.history));
    const Intent& intent = state_.history.intents.back();
    Say(false, absl::StrCat(ToString(intent.kind), "Begun"),
        absl::StrCat(ToString(intent.kind), " of ", Describe(intent), ": ", ToString(action.reason)));
  }
  if (!plan.actions.empty()) {
    const absl::Status saved = co_await effects_.store.Save(policy.name, set_, state_);
    // Names and metadata on the platform keep a repeated action from happening twice; Record says that this
    // failed.
    if (!saved.ok()) log_.Warning("Acting without a stored intent", {{"policy", policy.name}});
  }
  if (!plan.claim_machine_id.empty()) {
    const absl::Status claimed =
        co_await actuator_.Claim(policy.app, plan.claim_machine_id, plan.claim_since);
    if (absl::IsCancelled(claimed)) co_return;
    if (!claimed.ok()) {
      if (claimed.message() != claim_error_) Say(true, "ClaimFailed", std::string(claimed.message()));
      reconciler_.Record({.status = claimed, .now = effects_.clock.Now()}, state_.history);
    }
    claim_error_ = std::string(claimed.message());
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (stopping_ && steps[i].call != IntentStep::Call::kNone) continue;  // the next start goes on with it
    co_await Perform(policy, seen, std::move(steps[i]), /*is_last=*/i + 1 == steps.size(), report);
  }
}

Task<void> PolicyLoop::Perform(PlacementPolicy policy, const Observation& seen, IntentStep step, bool is_last,
                               PassReport& report) {
  const auto found = std::find_if(state_.history.intents.begin(), state_.history.intents.end(),
                                  [&](const Intent& intent) { return intent.id == step.intent_id; });
  if (found == state_.history.intents.end()) co_return;
  const Intent before = *found;
  const CallOutcome outcome =
      co_await actuator_.Perform(policy, std::move(step), before, seen, state_.history.machine_template);
  // The program ends. What came of the call is not known, and the next start finds out.
  if (absl::IsCancelled(outcome.status)) co_return;
  reconciler_.Record(outcome, state_.history);
  if (!outcome.machine_id.empty()) state_.last_seen[outcome.machine_id] = before.region;
  Tell(policy, before, outcome, report);
  if (is_last && !stopping_) co_await actuator_.AwaitChange(policy, outcome, before, seen);
}

void PolicyLoop::Tell(const PlacementPolicy& policy, const Intent& before, const CallOutcome& outcome,
                      PassReport& report) {
  const bool is_open = std::any_of(state_.history.intents.begin(), state_.history.intents.end(),
                                   [&](const Intent& intent) { return intent.id == before.id; });
  const IntentStep& step = outcome.step;
  const bool first = outcome.status.ok() &&
                     (step.call == IntentStep::Call::kCreate || step.call == IntentStep::Call::kCordon);
  if (first) AddOnce(before.kind == Intent::Kind::kLeave ? report.removed : report.deployed, before.region);
  if (!outcome.status.ok()) {
    const std::string message(outcome.status.message());
    report.errors.push_back({before.region, DirectionOf(before), message});
    if (message != before.last_error) {
      Say(true, absl::StrCat(ToString(before.kind), "CallFailed"),
          absl::StrCat(ToString(before.phase), " of ", Describe(before), " failed (",
                       ToString(ScopeOf(outcome.status)), "): ", message));
    }
    if (!is_open) Finish(policy, before, /*failed=*/true);
    return;
  }
  if (step.failed && !step.why.empty()) {
    Say(true, absl::StrCat(ToString(before.kind), before.kind == Intent::Kind::kLeave ? "Undone" : "GivenUp"),
        absl::StrCat(ToString(before.kind), " of ", Describe(before), ": ", step.why));
  }
  if (!is_open) Finish(policy, before, before.failed || step.failed);
}

void PolicyLoop::Finish(const PlacementPolicy& policy, const Intent& intent, bool failed) {
  const bool undone = failed && intent.kind == Intent::Kind::kLeave;
  if (intent.kind != Intent::Kind::kUpdate) {
    AddRecentAction(status_,
                    {effects_.clock.Now(), intent.region, DirectionOf(intent), intent.reason, failed});
  }
  if (metrics_ != nullptr) {
    metrics_->CountAction(policy.name, DirectionOf(intent), undone ? "undone" : failed ? "error" : "ok");
  }
  if (failed) return;
  switch (intent.kind) {
    case Intent::Kind::kEnter:
      return Say(false, "MachineCreated", absl::StrCat("The ", Describe(intent), " serves"));
    case Intent::Kind::kLeave:
      return Say(false, "MachineRemoved", absl::StrCat("The ", Describe(intent), " has left"));
    case Intent::Kind::kUpdate:
      return Say(false, "MachineUpdated",
                 absl::StrCat("The ", Describe(intent), " is on the current release"));
  }
}

// Before the program ends: a deploy must not wait for a lease that nobody uses.
Task<void> PolicyLoop::ReleaseLeases() {
  const std::string app(std::string(state_.target, 0, state_.target.find('/')));
  bool any = false;
  for (std::size_t i = 0; i < state_.history.intents.size(); ++i) {
    const Intent intent = state_.history.intents[i];
    if (intent.lease_nonce.empty()) continue;
    const absl::Status released = co_await actuator_.ReleaseLease(app, intent.machine_id, intent.lease_nonce);
    // As long as we hold it, only its nonce lets the next start go on before it expires.
    if (!released.ok() && !absl::IsNotFound(released)) continue;
    any = true;
    state_.history.intents[i].lease_nonce.clear();
  }
  if (any) (co_await effects_.store.Save(policy_.name, set_, state_)).IgnoreError();
}

}  // namespace placer
