// Policy files as a whole: every file that --policy names, parsed and checked against each other.
#pragma once

#include <vector>

#include "api/policy_codec.h"
#include "controller/policy_watcher.h"

namespace placer {

// All policies of all files, or none and the errors of every file. Two files may not define the same name,
// nor steer the same process group of the same app.
ParsedPolicies ParsePolicyFiles(const std::vector<PolicyFile>& files, const PolicyContext& context);

}  // namespace placer
