// RTT file: measured round-trip times between places, for `--rtt-file`. A CSV matrix in milliseconds: the
// first line is `from,CODE,CODE,...`, each other line is a code and one number per column. Not every code
// needs a line of its own; an empty cell means not measured. Lines that are blank or begin with # are
// skipped.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace placer {

using RttMatrix = std::map<std::pair<std::string, std::string>, double>;  // (from, to) -> milliseconds

// InvalidArgument with file, line and what would be right.
absl::StatusOr<RttMatrix> ParseRttMatrix(absl::string_view text, const std::string& file);
// The same, and what ReadFile says.
absl::StatusOr<RttMatrix> ReadRttFile(const std::string& path);

}  // namespace placer
