// Policy files as a whole: every file that --policy names, parsed and checked against each other.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/policy_codec.h"
#include "controller/policy_watcher.h"

namespace placer {

// All policies of all files, or none and the errors of every file. Two files may not define the same name,
// nor steer the same process group of the same app.
ParsedPolicies ParsePolicyFiles(const std::vector<PolicyFile>& files, const PolicyContext& context);

// The files that --policy names, or the built-in demo policy for "". InvalidArgument, whatever keeps them
// from being read: with a local file it is never a server that cannot be reached.
absl::StatusOr<std::vector<PolicyFile>> ReadPolicyOrDemo(const std::string& path);

}  // namespace placer
