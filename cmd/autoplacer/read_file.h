// Read file: a small local file that a flag names, whole.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace placer {

// NotFound: it cannot be read; `flag` is what to name another one with. InvalidArgument: over 1 MiB. Neither
// is a matter of a server, so that both are usage errors.
absl::StatusOr<std::string> ReadFile(const std::string& path, const std::string& flag);

}  // namespace placer
