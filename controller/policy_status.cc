// What a PolicyLoop says about itself after each pass: placements, conditions, phase, and an event when one
// changes.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "controller/policy_loop.h"

namespace placer {
namespace {

Placement CountGroup(const PlacementPolicy& policy, const std::vector<Machine>& machines) {
  Placement placement;
  for (const Machine& machine : machines) {
    const bool counts =
        Exists(machine) && IsServiceMachine(machine) && machine.process_group == policy.process_group;
    if (counts) ++placement[machine.region];
  }
  return placement;
}

Condition MakeActing(const PlacementPolicy& policy, absl::Time now) {
  switch (policy.mode) {
    case Mode::kActive:
      return {"Acting", false, "NotAvailableYet",
              "mode Active is not available yet: the policy runs as DryRun, and no machine is touched", now};
    case Mode::kPaused:
      return {"Acting", false, "Paused", "mode is Paused: nothing is decided", now};
    case Mode::kDryRun:
      break;
  }
  return {"Acting", false, "DryRun", "mode is DryRun: decisions change the shadow placement only", now};
}

}  // namespace

void PolicyLoop::SetAccepted(const std::string& message) {
  const bool accepted = message.empty();
  const Condition* before = FindCondition(status_.conditions, "PolicyAccepted");
  if (before != nullptr && before->status == accepted && before->message == message) return;
  if (before != nullptr || !accepted) {
    Say(!accepted, accepted ? "PolicyAccepted" : "PolicyRejected",
        accepted ? "The policy file is accepted again"
                 : absl::StrCat("The last good policy stays in force: ", message));
  }
  SetCondition(status_.conditions,
               {"PolicyAccepted", accepted, accepted ? "Valid" : "Invalid", message, effects_.clock.Now()});
}

void PolicyLoop::SetConditions(const PlacementPolicy& policy, const Observation& seen,
                               const Decision& decision) {
  const absl::Time now = effects_.clock.Now();
  const auto set = [&](Condition condition) {
    const Condition* before = FindCondition(status_.conditions, condition.type);
    const bool changed = before == nullptr ? !condition.status : before->reason != condition.reason;
    if (changed) {
      Say(!condition.status, absl::StrCat(condition.type, condition.reason),
          absl::StrCat(condition.type, " is ", condition.status ? "True" : "False", " (", condition.reason,
                       ") ", condition.message));
    }
    SetCondition(status_.conditions, std::move(condition));
  };
  const bool observed = decision.evidence != Evidence::kMissing && decision.evidence != Evidence::kStale;
  set({"TrafficObserved", observed, ToString(decision.evidence), decision.evidence_message, now});
  const bool machines = seen.machines_known && seen.machines_error.ok();
  set({"MachinesObserved", machines, machines ? "Listed" : "ListFailed",
       std::string(seen.machines_error.message()), now});
  SetCondition(status_.conditions, MakeActing(policy, now));
}

void PolicyLoop::Publish(const PlacementPolicy& policy, const Observation& real,
                         const ReconcileResult& result) {
  SetConditions(policy, real, result.decision);
  status_.observed_generation = policy.generation;
  status_.observed = CountGroup(policy, real.machines);
  status_.shadow.clear();
  status_.target.clear();
  for (const RegionDecision& region : result.decision.regions) {
    if (region.target > 0) status_.shadow[region.region] = status_.target[region.region] = region.target;
  }
  status_.last_decision = result.decision;
  ++status_.passes;
  const Condition* traffic = FindCondition(status_.conditions, "TrafficObserved");
  const Condition* machines = FindCondition(status_.conditions, "MachinesObserved");
  const bool sees = traffic->status && machines->status;
  status_.phase = policy.mode == Mode::kPaused ? "Paused" : sees ? "Running" : "Degraded";
}

}  // namespace placer
