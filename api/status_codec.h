// JSON of everything that the API serves and `-o json` prints. Numbers are written as people write them
// (12.5, not 1.25E1); a value that is not finite is null.
#pragma once

#include <string>
#include <vector>

#include "api/decision.h"
#include "api/policy.h"
#include "api/status.h"

namespace placer {

// One policy with its status: {"apiVersion","kind","metadata","spec","status"}.
std::string FormatPolicyObject(const PlacementPolicy& policy, const PolicyStatus& status, bool pretty);
// {"kind":"PlacementPolicyList","items":[...]} of objects made by FormatPolicyObject.
std::string FormatPolicyList(const std::vector<std::string>& objects);
std::string FormatDecisionJson(const Decision& decision);
std::string FormatEventJson(const Event& event);

// What one pass did, for POST /trigger.
struct PassReport {
  std::string policy;
  std::vector<std::string> deployed;
  std::vector<std::string> removed;
  struct Skipped {
    std::string region;
    Action action;
    std::string reason;
  };
  std::vector<Skipped> skipped;
  struct Failed {
    std::string region;
    Action action;
    std::string error;
  };
  std::vector<Failed> errors;
  std::vector<std::string> current_deployment;  // regions with machines before the pass
  std::vector<std::string> updated_deployment;  // and after it
};
std::string FormatPassReport(const PassReport& report);

}  // namespace placer
