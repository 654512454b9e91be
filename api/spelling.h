// "Did you mean": the candidate that a person most likely meant, or none. A wrong suggestion is worse than
// none, so only near misses count.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace placer {

// Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other. At most
// `limit` + 1 is returned, which keeps long hostile input cheap.
int ComputeEditDistance(absl::string_view a, absl::string_view b, int limit);

// The closest candidate, letter case, `_` and `-` aside; the first of equals. Empty if none is near.
std::string ClosestSpelling(absl::string_view word, const std::vector<absl::string_view>& candidates);

// " (did you mean X?)", or nothing.
std::string SuggestSpelling(absl::string_view word, const std::vector<absl::string_view>& candidates);

}  // namespace placer
