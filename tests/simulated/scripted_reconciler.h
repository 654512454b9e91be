// ScriptedReconciler: remembers each question, and answers with the plan that the test names. Its decision
// shows each region that has a machine.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/reconciler.h"

namespace placer {

class ScriptedReconciler final : public Reconciler {
 public:
  struct Question {
    absl::Time now;
    PlacementPolicy policy;
    Observation seen;
    History history;
    int failures = 0;
    bool settling = false;
  };

  std::function<std::vector<PlannedAction>(const ReconcileInput&)> plan;
  std::function<absl::Duration(const ReconcileInput&)> requeue;  // none: the policy's interval

  bool keep_intents = false;  // they stay open whatever comes of their calls
  bool finish_all = false;    // every open intent ends with the next pass
  std::string lease_nonce;    // of intents
  std::optional<Hold> hold;

  // Of every policy, in order.
  const std::vector<Question>& questions() const { return questions_; }
  int CountPasses(const std::string& policy) const {
    int count = 0;
    for (const Question& question : questions_) count += question.policy.name == policy;
    return count;
  }

  ReconcileResult Reconcile(const ReconcileInput& input) const override {
    questions_.push_back(
        {input.now, input.policy, input.seen, input.history, input.failures, input.settling});
    ReconcileResult result;
    result.history = input.history;
    if (finish_all) result.history.intents.clear();
    result.decision.time = input.now;
    result.decision.data_point = input.seen.traffic.end;
    result.decision.evidence = input.seen.traffic.error.ok() ? Evidence::kFresh : Evidence::kMissing;
    result.plan.hold = hold;
    if (plan) result.plan.actions = plan(input);
    std::map<std::string, std::pair<int, int>> machines;  // region -> observed, target
    for (const Machine& machine : input.seen.machines) {
      ++machines[machine.region].first;
      ++machines[machine.region].second;
    }
    for (const PlannedAction& action : result.plan.actions) {
      machines[action.region].second += action.kind == PlannedAction::Kind::kCreate ? 1 : -1;
    }
    for (const auto& [code, counts] : machines) {
      RegionDecision region;
      region.region = code;
      region.observed = counts.first;
      region.target = counts.second;
      if (counts.second > counts.first) region.action = Action::kDeploy;
      if (counts.second < counts.first) region.action = Action::kRemove;
      result.decision.regions.push_back(std::move(region));
    }
    result.requeue_after = requeue ? requeue(input) : input.policy.interval;
    return result;
  }
  // An intent that one call finishes: create, or cordon.
  IntentStep Begin(const PlannedAction& action, absl::Time now, History& history) const override {
    const bool creates = action.kind == PlannedAction::Kind::kCreate;
    history.intents.push_back({.id = absl::StrCat("intent-", ++begun_),
                               .kind = creates ? Intent::Kind::kEnter : Intent::Kind::kLeave,
                               .region = action.region,
                               .machine_id = action.machine_id,
                               .machine_name = absl::StrCat("ap-", begun_),
                               .started = now,
                               .phase_since = now});
    return {.intent_id = history.intents.back().id,
            .call = creates ? IntentStep::Call::kCreate : IntentStep::Call::kCordon};
  }
  void Record(const CallOutcome& outcome, History& history) const override {
    outcomes_.push_back(outcome);
    for (Intent& intent : history.intents) intent.lease_nonce = lease_nonce;
    if (keep_intents) return;
    std::erase_if(history.intents, [&](const Intent& intent) { return intent.id == outcome.step.intent_id; });
  }
  const std::vector<CallOutcome>& outcomes() const { return outcomes_; }
  // Whether the last question asked for rest.
  bool settled() const { return questions_.back().settling; }

 private:
  mutable std::vector<Question> questions_;
  mutable std::vector<CallOutcome> outcomes_;
  mutable int begun_ = 0;
};

}  // namespace placer
