// Words and counts of stored rows, read strictly: what this program never writes is DataLoss, so that a
// damaged row is found when it is read and not when it is acted on.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "api/decision.h"
#include "api/intent.h"
#include "api/machine_calls.h"

namespace placer {

// The value of [0, last] that ToString writes as `text`. `what` names the column in the error.
template <typename Word>
absl::StatusOr<Word> ParseStoredWord(const std::string& text, Word last, const char* what) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    if (text == ToString(static_cast<Word>(i))) return static_cast<Word>(i);
  }
  return absl::DataLossError(absl::StrCat("the store holds an unknown ", what, ": ", text));
}

inline absl::StatusOr<int> ParseStoredCount(std::int64_t number, const char* what) {
  if (number >= 0 && number <= std::numeric_limits<int>::max()) return static_cast<int>(number);
  return absl::DataLossError(absl::StrCat("the store holds an impossible number of ", what, ": ", number));
}

inline absl::StatusOr<bool> ParseStoredFlag(std::int64_t number, const char* what) {
  if (number == 0 || number == 1) return number == 1;
  return absl::DataLossError(absl::StrCat("the store holds neither 0 nor 1 for ", what, ": ", number));
}

}  // namespace placer
