#include <boost/asio/ssl.hpp>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/net/stream_exchange.h"

namespace placer {

using boost::system::error_code;
using tcp = asio::ip::tcp;
using TlsStream = asio::ssl::stream<tcp::socket>;

namespace {

absl::Status MakeHandshakeError(TlsStream& stream, const std::string& host, const error_code& error) {
  if (error == asio::error::operation_aborted) return absl::CancelledError("cancelled");
  std::string message = absl::StrCat("TLS handshake with ", host, ": ", error.message());
  const long verdict = SSL_get_verify_result(stream.native_handle());
  if (verdict != X509_V_OK) absl::StrAppend(&message, " (", X509_verify_cert_error_string(verdict), ")");
  return absl::UnavailableError(message);
}

}  // namespace

template <>
bool StreamConnection<TlsStream>::IsQuiet() {
  return IsSocketQuiet(stream_.next_layer());
}

absl::StatusOr<std::shared_ptr<asio::ssl::context>> MakeTlsContext(const std::string& ca_file) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  error_code error;
  context->set_options(
      asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1,
      error);
  if (!error) context->set_verify_mode(asio::ssl::verify_peer, error);
  if (error) return absl::InternalError(absl::StrCat("TLS: ", error.message()));
  if (ca_file.empty()) {
    context->set_default_verify_paths(error);
    if (error)
      return absl::InvalidArgumentError(absl::StrCat("the system's certificates: ", error.message()));
    return context;
  }
  context->load_verify_file(ca_file, error);
  if (error) return absl::InvalidArgumentError(absl::StrCat("CA file ", ca_file, ": ", error.message()));
  return context;
}

Task<absl::StatusOr<std::unique_ptr<HttpConnection>>> MakeTlsConnection(
    tcp::socket socket, std::shared_ptr<asio::ssl::context> context, std::string host, SteadyTime deadline) {
  auto connection = std::make_unique<StreamConnection<TlsStream>>(TlsStream(std::move(socket), *context));
  TlsStream& stream = connection->stream();
  const SocketGuard guard(stream.lowest_layer(), deadline);
  error_code error;
  asio::ip::make_address(host, error);
  // Server names are names: RFC 6066 forbids addresses.
  if (error && SSL_set_tlsext_host_name(stream.native_handle(), host.c_str()) != 1) {
    co_return absl::UnavailableError(absl::StrCat("TLS: ", host, " is no server name"));
  }
  stream.set_verify_callback(asio::ssl::host_name_verification(host), error);
  if (error) co_return absl::InternalError(absl::StrCat("TLS: ", error.message()));
  const auto [handshake_error] =
      co_await stream.async_handshake(asio::ssl::stream_base::client, asio::as_tuple(asio::use_awaitable));
  if (handshake_error) co_return MakeHandshakeError(stream, host, handshake_error);
  co_return std::unique_ptr<HttpConnection>(std::move(connection));
}

}  // namespace placer
