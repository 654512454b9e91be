// HttpConnection: one open connection to a server, plain or TLS, that carries one exchange after another.
// The caller says by when an exchange or a handshake must be over. Included by .cc files of controller/net
// only.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "api/http_message.h"
#include "controller/effects/task.h"
#include "controller/net/deadline.h"
#include "controller/net/http_client.h"

namespace placer {

struct ExchangeLimits {
  std::size_t max_header_bytes = 0;
  std::size_t max_body_bytes = 0;
  SteadyTime deadline;
};

struct Exchange {
  absl::StatusOr<HttpResponse> response;
  bool answer_begun = false;  // at least one byte of an answer arrived
};

class HttpConnection {
 public:
  virtual ~HttpConnection() = default;
  // Sends `head_and_body` as it is and reads the answer to it. Unavailable, ResourceExhausted or Cancelled;
  // after any of these the connection is of no more use.
  virtual Task<Exchange> Run(std::string head_and_body, bool is_head, ExchangeLimits limits) = 0;
  // The last exchange left the connection open and clean.
  virtual bool reusable() const = 0;
  // Looks without waiting whether the server closed it (or said something unasked, which is no better).
  virtual bool IsQuiet() = 0;
};

// A client context that verifies certificates against `ca_file` or, if that is empty, the system's
// certificates. InvalidArgument: they cannot be read.
absl::StatusOr<std::shared_ptr<asio::ssl::context>> MakeTlsContext(const std::string& ca_file);

std::unique_ptr<HttpConnection> MakePlainConnection(asio::ip::tcp::socket socket);
// Performs the handshake: the certificate must be trusted and be `host`'s. Unavailable or Cancelled.
Task<absl::StatusOr<std::unique_ptr<HttpConnection>>> MakeTlsConnection(
    asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> context, std::string host,
    SteadyTime deadline);

}  // namespace placer
