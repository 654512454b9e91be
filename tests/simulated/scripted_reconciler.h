// ScriptedReconciler: remembers each question, and answers with the plan that the test names. Its decision
// shows each region that has a machine.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

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
  };

  std::function<std::vector<PlannedAction>(const ReconcileInput&)> plan;
  std::function<absl::Duration(const ReconcileInput&)> requeue;  // none: the policy's interval

  std::set<std::string> unfinished;  // regions whose action a later pass goes on with

  // Of every policy, in order.
  const std::vector<Question>& questions() const { return questions_; }
  int CountPasses(const std::string& policy) const {
    int count = 0;
    for (const Question& question : questions_) count += question.policy.name == policy;
    return count;
  }

  ReconcileResult Reconcile(const ReconcileInput& input) const override {
    questions_.push_back({input.now, input.policy, input.seen, input.history, input.failures});
    ReconcileResult result;
    result.history = input.history;
    result.decision.time = input.now;
    result.decision.data_point = input.seen.traffic.end;
    result.decision.evidence = input.seen.traffic.error.ok() ? Evidence::kFresh : Evidence::kMissing;
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
      region.unfinished = unfinished.contains(code);
      if (counts.second > counts.first) region.action = Action::kDeploy;
      if (counts.second < counts.first) region.action = Action::kRemove;
      result.decision.regions.push_back(std::move(region));
    }
    result.requeue_after = requeue ? requeue(input) : input.policy.interval;
    return result;
  }

 private:
  mutable std::vector<Question> questions_;
};

}  // namespace placer
