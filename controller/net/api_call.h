// ApiCaller: what the clients of remote APIs have in common. It sends a request, tells an observer (metrics)
// how that went and how long it took, and adds to the errors of an API what only the caller knows: whether a
// token was sent and as what. The token itself never appears in a message, even where a server repeats it.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/http_message.h"
#include "controller/effects/clock.h"
#include "controller/effects/task.h"
#include "controller/net/http_client.h"

namespace placer {

// `operation` is one of a few fixed names; `code` the HTTP status, or the Status code's name where there was
// no answer.
using CallObserver = std::function<void(std::string operation, std::string code, absl::Duration took)>;

class ApiCaller {
 public:
  // `http` and `clock` outlive the caller. `observer` may be empty.
  ApiCaller(HttpClient& http, const Clock& clock, std::string token, CallObserver observer);

  // Errors are those of HttpClient::Send.
  Task<absl::StatusOr<HttpResponse>> Call(std::string operation, HttpRequest request) const;
  // The same status with its payloads; for an answer of 401 or 403 the message says which scheme was tried.
  absl::Status Explain(absl::Status status, int http_status) const;

  const std::string& token() const { return token_; }
  const std::string& path_prefix() const { return http_.url().path; }

 private:
  HttpClient& http_;
  const Clock& clock_;
  const std::string token_;
  const CallObserver observer_;
};

}  // namespace placer
