// The status of a call's result, whether it carries a value or not: for code that is the same for both.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace placer {

inline absl::Status StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
absl::Status StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

}  // namespace placer
