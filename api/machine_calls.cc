#include "api/machine_calls.h"

#include <array>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace placer {
namespace {

constexpr char kScopePayload[] = "autoplacer.dev/error-scope";
constexpr char kRetryAfterPayload[] = "autoplacer.dev/retry-after-seconds";
constexpr std::array<const char*, 11> kScopes = {"unknown", "retry",  "conflict", "name_taken",
                                                 "host",    "volume", "region",   "quota",
                                                 "auth",    "gone",   "refused"};

}  // namespace

const char* ToString(MachineChange::Kind kind) {
  constexpr std::array<const char*, 8> kNames = {"start",  "stop",     "suspend",       "destroy",
                                                 "cordon", "uncordon", "release_lease", "set_metadata"};
  return kNames[static_cast<std::size_t>(kind)];
}

const char* ToString(ErrorScope scope) {
  return kScopes[static_cast<std::size_t>(scope)];
}

ErrorScope ScopeOf(const absl::Status& error) {
  const auto payload = error.GetPayload(kScopePayload);
  if (!payload) return ErrorScope::kUnknown;
  for (std::size_t i = 0; i < kScopes.size(); ++i) {
    if (*payload == absl::string_view(kScopes[i])) return static_cast<ErrorScope>(i);
  }
  return ErrorScope::kUnknown;
}

absl::Status WithScope(absl::Status error, ErrorScope scope) {
  if (!error.ok()) error.SetPayload(kScopePayload, absl::Cord(ToString(scope)));
  return error;
}

std::optional<absl::Duration> RetryAfterOf(const absl::Status& error) {
  const auto payload = error.GetPayload(kRetryAfterPayload);
  std::int64_t seconds = 0;
  if (!payload || !absl::SimpleAtoi(std::string(*payload), &seconds)) return std::nullopt;
  return absl::Seconds(seconds);
}

absl::Status WithRetryAfter(absl::Status error, absl::Duration pause) {
  if (!error.ok()) {
    const std::string seconds = absl::StrCat(absl::ToInt64Seconds(pause));
    error.SetPayload(kRetryAfterPayload, absl::Cord(absl::string_view(seconds)));
  }
  return error;
}

}  // namespace placer
