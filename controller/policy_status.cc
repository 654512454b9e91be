// What a PolicyLoop says about itself after each pass: placements, conditions, phase, and an event when one
// changes.
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

Condition PolicyLoop::MakeActing(const PlacementPolicy& policy, const Plan& plan) const {
  const absl::Time now = effects_.clock.Now();
  if (plan.hold) return {"Acting", false, ToString(plan.hold->reason), plan.hold->message, now};
  switch (policy.mode) {
    case Mode::kPaused:
      return {"Acting", false, "Paused", "mode is Paused: nothing is decided", now};
    case Mode::kDryRun:
      return {"Acting", false, "DryRun", "mode is DryRun: decisions change the shadow placement only", now};
    case Mode::kActive:
      break;
  }
  const std::size_t open = state_.history.intents.size();
  return {"Acting", true, "Active", open == 0 ? "" : absl::StrCat(open, " actions under way"), now};
}

void PolicyLoop::SetConditions(const PlacementPolicy& policy, const Observation& seen,
                               const ReconcileResult& result) {
  const Decision& decision = result.decision;
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
  const auto& source = state_.history.machine_template;
  const bool refused = source != nullptr && source->has_volumes && policy.volumes == Volumes::kRefuse;
  set({"TemplateUsable", source != nullptr && !refused,
       source == nullptr ? "NoTemplate"
       : refused         ? "VolumesRefused"
                         : "Usable",
       source == nullptr ? "no healthy machine of the process group to clone, and none is stored"
       : refused         ? absl::StrCat("machine ", source->machine_id,
                                        " mounts volumes, and a clone would start with empty "
                                                "ones: set volumes: CreateEmpty if that is what you want")
                         : "",
       now});
  if (policy.mode == Mode::kActive) {
    set(MakeActing(policy, result.plan));
  } else {
    SetCondition(status_.conditions, MakeActing(policy, result.plan));
  }
}

void PolicyLoop::Publish(const PlacementPolicy& policy, const Observation& real,
                         const ReconcileResult& result) {
  SetConditions(policy, real, result);
  status_.observed_generation = policy.generation;
  status_.observed = CountGroup(policy, real.machines);
  status_.target.clear();
  for (const RegionDecision& region : result.decision.regions) {
    if (region.target > 0) status_.target[region.region] = region.target;
  }
  status_.shadow = set_ == Mode::kActive ? status_.observed : status_.target;
  status_.intents = state_.history.intents;
  status_.create_failures.clear();
  for (const auto& [code, region] : state_.history.regions) {
    if (region.failed_creates > 0) status_.create_failures[code] = region.failed_creates;
  }
  status_.last_decision = result.decision;
  ++status_.passes;
  const Condition* traffic = FindCondition(status_.conditions, "TrafficObserved");
  const Condition* machines = FindCondition(status_.conditions, "MachinesObserved");
  const bool sees = traffic->status && machines->status;
  status_.phase = policy.mode == Mode::kPaused ? "Paused" : sees ? "Running" : "Degraded";
}

}  // namespace placer
