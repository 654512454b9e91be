// One exchange over a plain or TLS stream, and what its errors mean. Included by the two connections' .cc
// files only: Beast's operations are instantiated there, once per stream.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "controller/net/connection.h"

namespace placer {

absl::Status MakeAnswerError(const boost::system::error_code& error, const ExchangeLimits& limits);
HttpResponse ToHttpResponse(boost::beast::http::response<boost::beast::http::string_body>&& message);
// False once the peer has closed the connection or sent something.
bool IsSocketQuiet(asio::ip::tcp::socket& socket);

template <typename Stream>
class StreamConnection final : public HttpConnection {
 public:
  explicit StreamConnection(Stream stream) : stream_(std::move(stream)) {}

  Task<Exchange> Run(std::string head_and_body, bool is_head, ExchangeLimits limits) override;
  bool reusable() const override { return reusable_; }
  bool IsQuiet() override;
  Stream& stream() { return stream_; }

 private:
  // Informational answers (100 to 199) come before the real one; more than these few are an attack.
  static constexpr int kMaxInformational = 8;
  // What one read can take: Beast fills the room that its buffer has, which begins with 512 bytes.
  static constexpr std::size_t kReadBytes = 32u << 10;

  Stream stream_;
  boost::beast::flat_buffer buffer_;
  bool reusable_ = false;
};

template <typename Stream>
Task<Exchange> StreamConnection<Stream>::Run(std::string head_and_body, bool is_head, ExchangeLimits limits) {
  namespace http = boost::beast::http;
  constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
  const SocketGuard guard(stream_.lowest_layer(), limits.deadline);
  reusable_ = false;
  Exchange exchange;
  const auto [write_error, written] =
      co_await asio::async_write(stream_, asio::buffer(head_and_body), kAsTuple);
  if (write_error) {
    exchange.response = MakeAnswerError(write_error, limits);
    co_return exchange;
  }
  buffer_.reserve(kReadBytes);
  for (int i = 0; i <= kMaxInformational; ++i) {
    http::response_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.max_header_bytes));
    parser.body_limit(limits.max_body_bytes);
    parser.skip(is_head);
    const auto [error, bytes] = co_await http::async_read(stream_, buffer_, parser, kAsTuple);
    exchange.answer_begun = exchange.answer_begun || parser.got_some();
    if (error) {
      exchange.response = MakeAnswerError(error, limits);
      co_return exchange;
    }
    if (parser.get().result_int() / 100 == 1) continue;
    reusable_ = parser.keep_alive() && buffer_.size() == 0;
    exchange.response = ToHttpResponse(parser.release());
    co_return exchange;
  }
  exchange.response = absl::UnavailableError("the server sends informational answers without end");
  co_return exchange;
}

}  // namespace placer
