#include "cmd/autoplacer/controller_client.h"

#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cmd/autoplacer/json_view.h"
#include "cmd/autoplacer/run_blocking.h"

namespace placer {
namespace {

constexpr std::size_t kMaxErrorText = 500;
// A pass reads Prometheus and the Machines API, each with a deadline of its own.
constexpr absl::Duration kCallTimeout = absl::Seconds(60);

// {"error": "..."} of our own routes, else the text as it is.
std::string FindErrorText(const HttpResponse& response) {
  const absl::StatusOr<boost::json::object> body = ParseJsonObject(response.body);
  const std::string text = body.ok() ? FindText(*body, "error") : "";
  if (!text.empty()) return text;
  return response.body.substr(0, kMaxErrorText);
}

absl::StatusCode CodeOf(int http_status) {
  switch (http_status) {
    case 400:
      return absl::StatusCode::kInvalidArgument;
    case 401:
    case 403:
      return absl::StatusCode::kPermissionDenied;
    case 404:
      return absl::StatusCode::kNotFound;
    case 503:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

ControllerClient::ControllerClient(asio::io_context& io, Url url, HttpClientOptions options,
                                   std::string server, std::string token)
    : http_(io, std::move(url), std::move(options)), server_(std::move(server)), token_(std::move(token)) {}

absl::StatusOr<std::unique_ptr<ControllerClient>> ControllerClient::Make(asio::io_context& io,
                                                                         const ClientOptions& options,
                                                                         std::string token,
                                                                         absl::Duration timeout) {
  absl::StatusOr<Url> url = ParseUrl(options.server);
  if (!url.ok()) return absl::InvalidArgumentError(absl::StrCat("--server: ", url.status().message()));
  HttpClientOptions http{.timeout = timeout, .ca_file = options.ca_file};
  return std::make_unique<ControllerClient>(io, *std::move(url), std::move(http), options.server,
                                            std::move(token));
}

Task<absl::StatusOr<std::string>> ControllerClient::Call(std::string method, std::string path) {
  HttpRequest request;
  request.method = std::move(method);
  request.target = absl::StrCat(http_.url().path, path);
  if (request.method != "GET" && !token_.empty()) {
    request.headers.emplace_back("Authorization", absl::StrCat("Bearer ", token_));
  }
  absl::StatusOr<HttpResponse> response = co_await http_.Send(std::move(request));
  if (response.ok()) co_return ReadAnswer(*std::move(response));
  // Without the call's own URL, the reason still fits on the line above the table of --watch.
  absl::string_view reason = response.status().message();
  if (const std::size_t end = reason.find(absl::StrCat(path, ": ")); end != absl::string_view::npos) {
    reason.remove_prefix(end + path.size() + 2);
  }
  co_return absl::Status(
      response.status().code(),
      absl::StrCat("cannot reach the controller at ", server_, ": ", reason,
                   "; is `autoplacer run` running there? --server or AUTOPLACER_SERVER name another"));
}

absl::StatusOr<std::string> ReadAnswer(HttpResponse response) {
  if (response.status >= 200 && response.status < 300) return std::move(response.body);
  const std::string text = FindErrorText(response);
  return absl::Status(CodeOf(response.status), absl::StrCat("the controller answers ", response.status,
                                                            text.empty() ? "" : ": ", text));
}

std::string MakePolicyPath(absl::string_view name) {
  return absl::StrCat(kPoliciesPath, "/", PercentEncode(name));
}

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
      return kExitNegative;
    default:
      return kExitUnreachable;
  }
}

absl::StatusOr<std::string> CallController(const ClientOptions& options, const std::string& token,
                                           const std::string& method, const std::string& path) {
  asio::io_context io(1);
  absl::StatusOr<std::unique_ptr<ControllerClient>> client =
      ControllerClient::Make(io, options, token, kCallTimeout);
  if (!client.ok()) return client.status();
  return RunBlocking(io, (*client)->Call(method, path));
}

}  // namespace placer
