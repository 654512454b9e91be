// HttpClient: one kept-alive connection pool to one base URL, plain or TLS, IPv4 or IPv6. Every call has a
// deadline that covers name resolution, connect, handshake, and the whole answer; bodies and headers are
// limited.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/http_message.h"
#include "controller/effects/task.h"

namespace placer {

class Resolver;

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // without brackets
  std::string port;    // never empty: 80 or 443 where the URL has none
  std::string path;    // without a trailing slash; "" for the root
};
// InvalidArgument with what is wrong: other schemes, user info, query, fragment, empty host, bad port.
absl::StatusOr<Url> ParseUrl(const std::string& text);

struct HttpClientOptions {
  absl::Duration timeout = absl::Seconds(10);  // real time, for one call from resolve to last byte
  std::size_t max_body_bytes = 32u << 20;
  std::size_t max_header_bytes = 32u << 10;
  std::size_t max_idle_connections = 4;
  std::string ca_file;                 // PEM; "" = the system's certificates
  std::shared_ptr<Resolver> resolver;  // null: one of its own, with the system's lookup
};

// What a client with this `ca_file` would say at its first call: InvalidArgument where it cannot be read or
// holds no certificate. Ok for "".
absl::Status CheckCaFile(const std::string& ca_file);

class HttpClient {
 public:
  // `io` must outlive the client and every call.
  HttpClient(asio::io_context& io, Url url, HttpClientOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  const Url& url() const;
  // Adds Host, User-Agent and Content-Length. A request that may be repeated (api/http_message.h) goes over a
  // kept-alive connection, and once more over a new one if the server closed that meanwhile and no byte of an
  // answer came; any other goes over a new connection, once. Any HTTP status is a value. DeadlineExceeded:
  // timed out. Unavailable: could not resolve, connect, or finish. ResourceExhausted: the answer is over a
  // limit. InvalidArgument: the request cannot be written as HTTP. Never throws; Cancelled when cancelled.
  Task<absl::StatusOr<HttpResponse>> Send(HttpRequest request);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace placer
