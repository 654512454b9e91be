// ControllerClient: a running controller's HTTP API, as `get`, `events`, `trigger` and `explain` ask it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cmd/autoplacer/options.h"
#include "controller/net/http_client.h"

namespace placer {

inline constexpr char kPoliciesPath[] = "/apis/autoplacer.dev/v1/placementpolicies";
inline constexpr char kEventsPath[] = "/apis/autoplacer.dev/v1/events";

class ControllerClient {
 public:
  // `server` is the URL as messages show it.
  ControllerClient(asio::io_context& io, Url url, HttpClientOptions options, std::string server,
                   std::string token);
  // InvalidArgument: the URL is none. `token` goes with mutating calls only.
  static absl::StatusOr<std::unique_ptr<ControllerClient>> Make(asio::io_context& io,
                                                                const ClientOptions& options,
                                                                std::string token, absl::Duration timeout);

  // The body of a 2xx answer. Otherwise a status whose message is for the user: Unavailable and
  // DeadlineExceeded (no answer), NotFound, InvalidArgument, PermissionDenied (401 and 403), Internal. Never
  // throws.
  Task<absl::StatusOr<std::string>> Call(std::string method, std::string path);

 private:
  HttpClient http_;
  std::string server_;
  std::string token_;
};

// What an answer means; pure.
absl::StatusOr<std::string> ReadAnswer(HttpResponse response);
// The path of one policy, its name percent-encoded.
std::string MakePolicyPath(absl::string_view name);
// 0, or what a command that could not get its answer exits with.
ExitCode ExitCodeOf(const absl::Status& status);

// One call, on an io_context of its own.
absl::StatusOr<std::string> CallController(const ClientOptions& options, const std::string& token,
                                           const std::string& method, const std::string& path);

}  // namespace placer
