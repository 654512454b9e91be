// Durations of the policy file: whole hours, minutes, seconds and milliseconds, as Kubernetes writes them
// ("1h30m").
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace placer {

// What FormatPolicyDuration (api/policy.h) writes, and units in descending order of any size ("90m", "0s",
// "0"). InvalidArgument: anything else; the message says what would be right.
absl::StatusOr<absl::Duration> ParsePolicyDuration(absl::string_view text);

}  // namespace placer
