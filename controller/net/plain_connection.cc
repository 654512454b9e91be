#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "controller/net/stream_exchange.h"

namespace placer {

namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

absl::Status MakeAnswerError(const error_code& error, const ExchangeLimits& limits) {
  if (error == asio::error::operation_aborted) return absl::CancelledError("cancelled");
  if (error == http::error::body_limit) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the answer's body is over the limit of ", limits.max_body_bytes, " bytes"));
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the answer's header is over the limit of ", limits.max_header_bytes, " bytes"));
  }
  if (error == http::error::end_of_stream) {
    return absl::UnavailableError("the server closed the connection without an answer");
  }
  if (error == http::error::partial_message) {
    return absl::UnavailableError("the server closed the connection within its answer");
  }
  if (error.category() == make_error_code(http::error::end_of_stream).category()) {
    return absl::UnavailableError(absl::StrCat("the answer is no HTTP: ", error.message()));
  }
  return absl::UnavailableError(error.message());
}

HttpResponse ToHttpResponse(http::response<http::string_body>&& message) {
  HttpResponse response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    const auto name = field.name_string();
    response.headers.emplace_back(std::string(name.data(), name.size()),
                                  std::string(field.value().data(), field.value().size()));
  }
  response.body = std::move(message.body());
  return response;
}

bool IsSocketQuiet(tcp::socket& socket) {
  error_code error;
  if (!socket.non_blocking()) socket.non_blocking(true, error);
  if (error) return false;
  char byte = 0;
  socket.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
  return error == asio::error::would_block || error == asio::error::try_again;
}

template <>
bool StreamConnection<tcp::socket>::IsQuiet() {
  return IsSocketQuiet(stream_);
}

std::unique_ptr<HttpConnection> MakePlainConnection(tcp::socket socket) {
  return std::make_unique<StreamConnection<tcp::socket>>(std::move(socket));
}

}  // namespace placer
