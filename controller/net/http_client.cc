#include "controller/net/http_client.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/net/connection.h"
#include "controller/net/deadline.h"
#include "controller/net/http_request_text.h"
#include "controller/net/resolver.h"

namespace placer {

using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

// What a call is doing, for the message of its deadline. Lives in Send's frame, longer than the call.
struct Progress {
  const char* doing = "waiting";
};

using OpenedConnection = absl::StatusOr<std::unique_ptr<HttpConnection>>;

SteadyTime AfterNow(absl::Duration duration) {
  return std::chrono::steady_clock::now() + absl::ToChronoMilliseconds(std::min(duration, absl::Hours(24)));
}

Task<absl::Status> Connect(tcp::socket& socket, tcp::endpoint endpoint) {
  const auto [error] = co_await socket.async_connect(endpoint, asio::as_tuple(asio::use_awaitable));
  co_return error ? MakeNetworkError(error) : absl::OkStatus();
}

std::string FormatEndpoint(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? absl::StrCat("[", address, "]:", endpoint.port())
                                    : absl::StrCat(address, ":", endpoint.port());
}

}  // namespace

struct HttpClient::State : std::enable_shared_from_this<State> {
  State(asio::io_context& context, Url base, HttpClientOptions client_options)
      : io(context), url(std::move(base)), options(std::move(client_options)) {
    resolver = options.resolver != nullptr ? options.resolver : std::make_shared<Resolver>(io);
  }

  static Task<absl::StatusOr<HttpResponse>> Perform(std::shared_ptr<State> self, HttpRequest request,
                                                    SteadyTime deadline, Progress& progress);
  static Task<OpenedConnection> Open(std::shared_ptr<State> self, SteadyTime deadline, Progress& progress);
  Task<absl::StatusOr<tcp::socket>> ConnectToAny(Endpoints endpoints, SteadyTime deadline);
  std::unique_ptr<HttpConnection> TakeIdle();
  void Keep(std::unique_ptr<HttpConnection> connection);

  asio::io_context& io;
  const Url url;
  const HttpClientOptions options;
  std::shared_ptr<Resolver> resolver;
  std::shared_ptr<asio::ssl::context>
      tls;  // made by the first call that needs it: certificates take time and memory
  std::vector<std::unique_ptr<HttpConnection>> idle;  // the last used one at the back
};

std::unique_ptr<HttpConnection> HttpClient::State::TakeIdle() {
  while (!idle.empty()) {
    std::unique_ptr<HttpConnection> connection = std::move(idle.back());
    idle.pop_back();
    if (connection->IsQuiet()) return connection;
  }
  return nullptr;
}

void HttpClient::State::Keep(std::unique_ptr<HttpConnection> connection) {
  if (connection->reusable() && idle.size() < options.max_idle_connections)
    idle.push_back(std::move(connection));
}

// Tries one address after another. Each may take an equal share of the time that is left, so that a dead
// address in front does not use up what the next one needs.
Task<absl::StatusOr<tcp::socket>> HttpClient::State::ConnectToAny(Endpoints endpoints, SteadyTime deadline) {
  std::vector<std::string> failures;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const auto left = deadline - std::chrono::steady_clock::now();
    const auto share = left / static_cast<int>(endpoints.size() - i);
    tcp::socket socket(io);
    const absl::Status status =
        co_await RunUntil(Connect(socket, endpoints[i]), std::chrono::steady_clock::now() + share);
    if (status.ok()) {
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      co_return std::move(socket);
    }
    if (absl::IsCancelled(status)) co_return status;
    failures.push_back(absl::StrCat(FormatEndpoint(endpoints[i]), ": ", std::string(status.message())));
  }
  co_return absl::UnavailableError(absl::StrCat("cannot connect to ", absl::StrJoin(failures, ", ")));
}

Task<OpenedConnection> HttpClient::State::Open(std::shared_ptr<State> self, SteadyTime deadline,
                                               Progress& progress) {
  progress.doing = "resolving the host name";
  absl::StatusOr<Endpoints> endpoints = co_await self->resolver->Resolve(self->url.host, self->url.port);
  if (!endpoints.ok()) co_return endpoints.status();
  progress.doing = "connecting";
  absl::StatusOr<tcp::socket> socket = co_await self->ConnectToAny(*std::move(endpoints), deadline);
  if (!socket.ok()) {
    self->resolver->Forget(self->url.host, self->url.port);
    co_return socket.status();
  }
  if (self->url.scheme != "https") co_return MakePlainConnection(*std::move(socket));
  progress.doing = "in the TLS handshake";
  if (self->tls == nullptr) {
    absl::StatusOr<std::shared_ptr<asio::ssl::context>> context = MakeTlsContext(self->options.ca_file);
    if (!context.ok()) co_return context.status();
    self->tls = *std::move(context);
  }
  co_return co_await MakeTlsConnection(*std::move(socket), self->tls, self->url.host, deadline);
}

Task<absl::StatusOr<HttpResponse>> HttpClient::State::Perform(std::shared_ptr<State> self,
                                                              HttpRequest request, SteadyTime deadline,
                                                              Progress& progress) {
  const std::string text = FormatRequest(request, self->url);
  const bool is_head = request.method == "HEAD";
  const ExchangeLimits limits{.max_header_bytes = self->options.max_header_bytes,
                              .max_body_bytes = self->options.max_body_bytes,
                              .deadline = deadline};
  // A write never goes over a kept connection: where that dies, nobody knows whether the server took it.
  std::unique_ptr<HttpConnection> kept = IsRepeatable(request) ? self->TakeIdle() : nullptr;
  if (kept != nullptr) {
    progress.doing = "waiting for the answer";
    Exchange exchange = co_await kept->Run(text, is_head, limits);
    if (exchange.response.ok()) self->Keep(std::move(kept));
    // The server may close a kept connection just when we use it. No byte of an answer: most likely it did
    // not take the request.
    const bool replace = absl::IsUnavailable(exchange.response.status()) && !exchange.answer_begun;
    if (!replace) co_return std::move(exchange.response);
  }
  OpenedConnection connection = co_await Open(self, deadline, progress);
  if (!connection.ok()) co_return connection.status();
  progress.doing = "waiting for the answer";
  Exchange exchange = co_await (*connection)->Run(text, is_head, limits);
  if (exchange.response.ok()) self->Keep(*std::move(connection));
  co_return std::move(exchange.response);
}

absl::Status CheckCaFile(const std::string& ca_file) {
  return ca_file.empty() ? absl::OkStatus() : MakeTlsContext(ca_file).status();
}

HttpClient::HttpClient(asio::io_context& io, Url url, HttpClientOptions options)
    : state_(std::make_shared<State>(io, std::move(url), std::move(options))) {}

HttpClient::~HttpClient() = default;

const Url& HttpClient::url() const {
  return state_->url;
}

Task<absl::StatusOr<HttpResponse>> HttpClient::Send(HttpRequest request) {
  const std::shared_ptr<State> state = state_;
  if (absl::Status status = CheckRequest(request); !status.ok()) co_return status;
  const std::string where = DescribeRequest(request, state->url);
  Progress progress;
  const absl::Duration timeout =
      request.timeout > absl::ZeroDuration() ? request.timeout : state->options.timeout;
  const SteadyTime deadline = AfterNow(timeout);
  absl::StatusOr<HttpResponse> result = absl::CancelledError("cancelled");
  try {
    result = co_await RunUntil(State::Perform(state, std::move(request), deadline, progress), deadline);
  } catch (const std::exception&) {
    // Asio throws only where the caller was cancelled before it could wait.
  }
  if (result.ok() || absl::IsCancelled(result.status())) co_return result;
  std::string message = absl::StrCat(where, ": ", std::string(result.status().message()));
  if (absl::IsDeadlineExceeded(result.status())) {
    absl::StrAppend(&message, " after ", absl::FormatDuration(timeout), " ", progress.doing);
  }
  co_return absl::Status(result.status().code(), message);
}

}  // namespace placer
