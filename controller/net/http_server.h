// HttpServer: accepts connections and hands each request to one handler. Limits protect every other client:
// header and body size, number of headers, connections, and the time a client may take. Where all connections
// are taken, a new one takes the place of the one that has kept us waiting longest.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/http_message.h"
#include "controller/effects/task.h"

namespace placer {

struct ListenAddress {
  std::string host;         // numeric IPv4 or IPv6, without brackets
  unsigned short port = 0;  // 0: the system picks one
};
// "127.0.0.1:8000", "[::]:9091", ":8000" (= 127.0.0.1). InvalidArgument with what would be right.
absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text);

struct HttpServerOptions {
  std::size_t max_body_bytes = 64u << 10;
  std::size_t max_header_bytes = 8u << 10;
  std::size_t max_headers = 100;
  std::size_t max_connections = 256;
  absl::Duration read_timeout = absl::Seconds(10);  // for one whole request, once it has begun
  absl::Duration idle_timeout = absl::Seconds(60);  // between requests, and for taking one answer
};

// Answers one request. An exception becomes a 500 without details.
using HttpHandler = std::function<Task<HttpResponse>(HttpRequest)>;

class HttpServer {
 public:
  HttpServer(asio::io_context& io, HttpHandler handler, HttpServerOptions options);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Binds at once and begins to accept. Unavailable with the address and the system's words where it cannot.
  absl::Status Listen(const ListenAddress& address);
  // The bound port, after Listen.
  unsigned short port() const;
  // Stops accepting and closes idle connections; requests in flight finish their answer.
  void Stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace placer
