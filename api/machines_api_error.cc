// The status that an error of the Machines API means: what the caller should do next.
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "api/json_reading.h"
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
  return absl::Status(ToStatusCode(response.status), message);
}

}  // namespace placer
