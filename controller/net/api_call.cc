#include "controller/net/api_call.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace placer {
namespace {

constexpr std::size_t kShortestSecretBytes = 4;  // shorter texts occur by chance

// The parts of a macaroon are secrets one by one.
std::string Redact(std::string text, absl::string_view authorization) {
  const std::size_t space = authorization.find(' ');
  if (space == absl::string_view::npos) return text;
  const absl::string_view token = authorization.substr(space + 1);
  for (const absl::string_view part : absl::StrSplit(token, ',')) {
    if (part.size() >= kShortestSecretBytes) text = absl::StrReplaceAll(text, {{part, "[redacted]"}});
  }
  return text;
}

}  // namespace

ApiCaller::ApiCaller(HttpClient& http, const Clock& clock, std::string token, CallObserver observer)
    : http_(http), clock_(clock), token_(std::move(token)), observer_(std::move(observer)) {}

Task<absl::StatusOr<HttpResponse>> ApiCaller::Call(std::string operation, HttpRequest request) const {
  const absl::Time started = clock_.Now();
  absl::StatusOr<HttpResponse> response = co_await http_.Send(std::move(request));
  // A call that its caller gave up is not counted: it says nothing about the server.
  if (observer_ && !absl::IsCancelled(response.status())) {
    observer_(
        std::move(operation),
        response.ok() ? absl::StrCat(response->status) : absl::StatusCodeToString(response.status().code()),
        clock_.Now() - started);
  }
  co_return response;
}

absl::Status ApiCaller::Explain(absl::Status status, int http_status) const {
  if (status.ok()) return status;
  const std::string authorization = MakeAuthorization(token_);
  std::string message = Redact(std::string(status.message()), authorization);
  if (http_status == 401 || http_status == 403) {
    absl::StrAppend(&message, authorization.empty()
                                  ? "; no token was sent"
                                  : absl::StrCat("; the token was sent as ",
                                                 authorization.substr(0, authorization.find(' '))));
  }
  absl::Status explained(status.code(), message);
  status.ForEachPayload(
      [&explained](absl::string_view url, const absl::Cord& payload) { explained.SetPayload(url, payload); });
  return explained;
}

}  // namespace placer
