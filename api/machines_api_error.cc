// The status that an error of the Machines API means, and its scope: what the caller should do next. Fly's
// own client decides in the same order: the body's `status` first, and the text only where there is none, and
// then only of the HTTP statuses that such a text is known to come with.
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "api/json_reading.h"
#include "api/machine_calls.h"
#include "api/machines_api.h"

namespace placer {
namespace {

constexpr std::size_t kMaxTextBytes = 300;

absl::StatusCode ToStatusCode(int http_status) {
  switch (http_status) {
    case 401:
      return absl::StatusCode::kUnauthenticated;
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 408:
      return absl::StatusCode::kUnavailable;
    case 409:
      return absl::StatusCode::kAborted;
    case 412:
      return absl::StatusCode::kFailedPrecondition;
    case 429:
      return absl::StatusCode::kResourceExhausted;
    default:
      break;
  }
  if (http_status >= 500) return absl::StatusCode::kUnavailable;
  if (http_status >= 400) return absl::StatusCode::kInvalidArgument;
  return absl::StatusCode::kInternal;  // a redirect or an informational answer: not what the API promises
}

struct ErrorBody {
  std::string text;
  std::string status;  // the platform's own code, e.g. "insufficient_capacity"
};

// The body may be {"error": text, "status": code}, any other text, or nothing.
ErrorBody ReadErrorBody(const std::string& body) {
  const absl::StatusOr<boost::json::value> parsed = ParseJsonBody(body);
  const boost::json::object* object = parsed.ok() ? parsed->if_object() : nullptr;
  if (object == nullptr) return ErrorBody{.text = body};
  ErrorBody error{.text = ReadStringOrEmpty(*object, "error"),
                  .status = ReadStringOrEmpty(*object, "status")};
  if (error.text.empty()) error.text = ReadStringOrEmpty(*object, "message");
  if (error.text.empty() && error.status.empty()) error.text = body;
  return error;
}

// In lower case; the text in any.
bool ContainsAny(absl::string_view text, std::initializer_list<const char*> phrases) {
  const std::string lower = absl::AsciiStrToLower(text);
  return std::any_of(phrases.begin(), phrases.end(),
                     [&lower](const char* phrase) { return absl::StrContains(lower, phrase); });
}

bool SaysNoCapacity(absl::string_view text) {
  return absl::EndsWithIgnoreCase(absl::StripTrailingAsciiWhitespace(text), "no capacity");
}

// Where there is no room, if the answer says so.
std::optional<ErrorScope> FindCapacityScope(int http_status, const ErrorBody& error) {
  if (!error.status.empty()) {
    if (error.status == "insufficient_capacity") return ErrorScope::kRegion;
    if (error.status == "volume_placement_capacity") return ErrorScope::kVolume;
    return std::nullopt;  // "unknown" as well: the platform knows better than its text
  }
  if (http_status == 409) {
    if (ContainsAny(error.text, {"insufficient cpus available to fulfill request",
                                 "insufficient memory available to fulfill request",
                                 "insufficient ips available to fulfill request",
                                 "insufficient resources available to fulfill request"})) {
      return ErrorScope::kHost;
    }
    if (SaysNoCapacity(error.text)) return ErrorScope::kRegion;
  }
  if (http_status == 400 && SaysNoCapacity(error.text)) return ErrorScope::kRegion;
  if (http_status == 412 && ContainsAny(error.text, {"with existing volume"})) return ErrorScope::kVolume;
  return std::nullopt;
}

// Each of these comes with more than one HTTP status, or with one that means something else as well; none is
// about capacity, so the body's `status`, which knows no name for most of them, does not silence them.
std::optional<ErrorScope> FindScopeInWords(int http_status, const ErrorBody& error) {
  if (error.status == "name_taken") return ErrorScope::kNameTaken;
  if (ContainsAny(error.text, {"getting replaced", "unable to start machine from current state",
                               "still attempting to start"})) {
    return ErrorScope::kRetry;
  }
  if (http_status == 409 && ContainsAny(error.text, {"already_exists", "unique machine name"})) {
    return ErrorScope::kNameTaken;
  }
  if (http_status == 403 && ContainsAny(error.text, {"over the allowed quota"})) return ErrorScope::kQuota;
  // The precondition that an update states: the version that its config was made from.
  if (http_status == 412 && ContainsAny(error.text, {"version"})) return ErrorScope::kConflict;
  return std::nullopt;
}

ErrorScope ScopeOfHttpStatus(int http_status) {
  switch (http_status) {
    case 401:
    case 403:
      return ErrorScope::kAuth;
    case 404:
      return ErrorScope::kGone;
    case 408:
      return ErrorScope::kUnknown;
    case 409:
      return ErrorScope::kConflict;
    case 429:
      return ErrorScope::kRetry;
    default:
      return http_status >= 500 ? ErrorScope::kUnknown : ErrorScope::kRefused;
  }
}

ErrorScope FindScope(int http_status, const ErrorBody& error) {
  if (const auto scope = FindCapacityScope(http_status, error)) return *scope;
  if (const auto scope = FindScopeInWords(http_status, error)) return *scope;
  return ScopeOfHttpStatus(http_status);
}

}  // namespace

absl::Status MakeMachinesApiError(const HttpResponse& response) {
  const ErrorBody error = ReadErrorBody(response.body);
  std::string message = absl::StrCat("the Machines API answered HTTP ", response.status);
  if (!error.status.empty()) absl::StrAppend(&message, " (", MakeExcerpt(error.status, 60), ")");
  if (const std::string text = MakeExcerpt(error.text, kMaxTextBytes); !text.empty()) {
    absl::StrAppend(&message, ": ", text);
  }
  if (const absl::string_view id = FindHeader(response.headers, "fly-request-id"); !id.empty()) {
    absl::StrAppend(&message, " [request ", MakeExcerpt(id, 80), "]");
  }
  absl::Status status =
      WithScope(absl::Status(ToStatusCode(response.status), message), FindScope(response.status, error));
  std::uint32_t seconds = 0;
  if (absl::SimpleAtoi(FindHeader(response.headers, "retry-after"), &seconds)) {
    status = WithRetryAfter(std::move(status), absl::Seconds(seconds));
  }
  return status;
}

}  // namespace placer
