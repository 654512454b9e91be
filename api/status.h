// Status: what the controller says about a policy, over the API and the CLI, never to the policy file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/decision.h"
#include "api/intent.h"
#include "api/policy.h"

namespace placer {

struct Condition {
  std::string type;  // PolicyAccepted, TrafficObserved, MachinesObserved, Acting, ...
  bool status = false;
  std::string reason;  // CamelCase
  std::string message;
  absl::Time last_transition;
};

struct Event {
  absl::Time time;
  std::string policy;
  bool warning = false;
  std::string reason;  // CamelCase
  std::string message;
};

// region -> machine count, only regions with machines.
using Placement = std::map<std::string, int>;

// One machine created or removed by the controller, newest first in PolicyStatus.
struct RecentAction {
  absl::Time time;
  std::string region;
  Action action = Action::kNone;
  Reason reason = Reason::kTrafficAboveThreshold;
  bool failed = false;
};

struct PolicyStatus {
  std::int64_t observed_generation = 0;
  std::string phase = "Pending";  // Pending | Running | Paused | Degraded
  std::vector<Condition> conditions;
  Placement observed;  // real machines of the process group
  Placement shadow;    // with the dry run's simulated changes; equals `observed` in Active
  Placement target;    // what this pass's decision leads to
  Decision last_decision;
  std::vector<Intent> intents;                 // actions under way, oldest first
  std::map<std::string, int> create_failures;  // region -> failed creates in a row; only where there are any
  std::vector<RecentAction> recent_actions;    // newest first, at most 50, since this process started
  absl::Time next_reconcile;
  std::int64_t passes = 0;
};

// Puts it in front and drops what is beyond the limit.
void AddRecentAction(PolicyStatus& status, RecentAction action);

// Sets or replaces the condition of this type; last_transition moves only when `status` changes.
void SetCondition(std::vector<Condition>& conditions, Condition condition);
const Condition* FindCondition(const std::vector<Condition>& conditions, const std::string& type);

}  // namespace placer
