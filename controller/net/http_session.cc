#include "controller/net/http_session.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>
#include <utility>

#include "absl/strings/match.h"

namespace placer {

namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadAheadBytes = 8u << 10;
// After a refusal the client may still be sending; closing at once would make its system drop our answer.
constexpr absl::Duration kLingerLimit = absl::Seconds(1);
constexpr std::size_t kMaxLingerBytes = 256u << 10;

const char* ToRefusalText(int status) {
  switch (status) {
    case 408:
      return "the request took too long";
    case 413:
      return "the request body is too large";
    case 431:
      return "the request header is too large";
    default:
      return "the request is no valid HTTP/1.1";
  }
}

bool IsHttpError(const error_code& error) {
  return error.category() == make_error_code(http::error::end_of_stream).category();
}

// RFC 9112: exactly one Host in HTTP/1.1, a target in origin form (or "*"), and no coding of the body that we
// cannot undo: a proxy before us might, and then disagree with us on where the next request begins.
bool IsAcceptable(const http::request<http::string_body>& message) {
  const auto target = message.target();
  if (target.empty() || (target.front() != '/' && target != "*")) return false;
  const auto coding = message.find(http::field::transfer_encoding);
  if (coding != message.end() && !absl::EqualsIgnoreCase(std::string(coding->value()), "chunked"))
    return false;
  return message.version() < 11 || message.count(http::field::host) == 1;
}

std::size_t CountHeaders(const http::request<http::string_body>& message) {
  return static_cast<std::size_t>(std::distance(message.begin(), message.end()));
}

HttpRequest ToHttpRequest(http::request<http::string_body>&& message) {
  HttpRequest request;
  const auto method = message.method_string();
  // A handler knows GET only; what makes a HEAD is that the body stays behind.
  request.method = message.method() == http::verb::head ? "GET" : std::string(method.data(), method.size());
  request.target = std::string(message.target().data(), message.target().size());
  for (const auto& field : message) {
    const auto name = field.name_string();
    request.headers.emplace_back(std::string(name.data(), name.size()),
                                 std::string(field.value().data(), field.value().size()));
  }
  request.body = std::move(message.body());
  return request;
}

}  // namespace

HttpSession::HttpSession(tcp::socket socket, std::shared_ptr<const HttpHandler> handler,
                         HttpServerOptions options)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      handler_(std::move(handler)),
      options_(options),
      buffer_(options.max_header_bytes + kReadAheadBytes) {}

Task<void> HttpSession::Run(std::shared_ptr<HttpSession> self) {
  for (bool open = true; open && !self->stopping_;) {
    Received received = co_await self->ReadRequest();
    if (received.refusal != 0) co_await self->Refuse(received.refusal);
    if (!received.request) break;
    self->has_request_ = true;
    HttpResponse response = co_await self->Answer(*std::move(received.request));
    const bool keep_alive = received.keep_alive && !self->stopping_;
    open = co_await self->WriteAnswer(std::move(response), received.is_head, keep_alive) && keep_alive;
    self->has_request_ = false;
  }
  self->EndLimit();
  error_code ignored;
  self->socket_.shutdown(tcp::socket::shutdown_both, ignored);
  self->socket_.close(ignored);
}

void HttpSession::Stop() {
  stopping_ = true;
  if (has_request_) return;
  error_code ignored;
  socket_.close(ignored);
}

void HttpSession::Drop() {
  stopping_ = true;
  error_code ignored;
  socket_.close(ignored);
}

Task<void> HttpSession::AwaitFirstByte() {
  if (buffer_.size() > 0) co_return;
  Enter(Phase::kIdle, options_.idle_timeout);
  co_await socket_.async_wait(tcp::socket::wait_read, kAsTuple);
}

Task<void> HttpSession::SendContinue() {
  static constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";
  co_await asio::async_write(socket_, asio::buffer(kContinue, sizeof(kContinue) - 1), kAsTuple);
}

Task<HttpSession::Received> HttpSession::ReadRequest() {
  Received received;
  co_await AwaitFirstByte();
  if (timed_out_ || stopping_) co_return received;
  http::request_parser<http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(options_.max_header_bytes));
  parser.body_limit(options_.max_body_bytes);
  Enter(Phase::kReading, options_.read_timeout);
  const auto [header_error, header_bytes] =
      co_await http::async_read_header(socket_, buffer_, parser, kAsTuple);
  if (header_error || timed_out_) {
    received.refusal = ToRefusal(header_error);
    co_return received;
  }
  if (CountHeaders(parser.get()) > options_.max_headers) {
    received.refusal = 431;
    co_return received;
  }
  if (!parser.is_done() &&
      absl::EqualsIgnoreCase(std::string(parser.get()[http::field::expect]), "100-continue")) {
    co_await SendContinue();
  }
  const auto [body_error, body_bytes] = co_await http::async_read(socket_, buffer_, parser, kAsTuple);
  if (body_error || timed_out_) {
    received.refusal = ToRefusal(body_error);
    co_return received;
  }
  EndLimit();
  if (!IsAcceptable(parser.get())) {
    received.refusal = 400;
    co_return received;
  }
  received.keep_alive = parser.get().keep_alive();
  received.is_head = parser.get().method() == http::verb::head;
  received.request = ToHttpRequest(parser.release());
  co_return received;
}

// 0: the client left, or the server stops; there is nobody to answer.
int HttpSession::ToRefusal(const error_code& error) const {
  if (stopping_) return 0;
  if (timed_out_) return 408;
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  if (error == http::error::body_limit) return 413;
  if (error == http::error::end_of_stream || error == http::error::partial_message) return 0;
  return IsHttpError(error) ? 400 : 0;
}

Task<HttpResponse> HttpSession::Answer(HttpRequest request) {
  phase_ = Phase::kAnswering;
  try {
    co_return co_await (*handler_)(std::move(request));
  } catch (...) {
    // What went wrong may hold a secret, and the handler's own layer is where it belongs.
    co_return MakeErrorAnswer(500, "internal error");
  }
}

Task<bool> HttpSession::WriteAnswer(HttpResponse response, bool is_head, bool keep_alive) {
  const std::string head = FormatAnswerHead(response, keep_alive);
  const bool has_body = !is_head && response.status != 204 && response.status != 304;
  const std::array<asio::const_buffer, 2> buffers = {
      asio::buffer(head), asio::buffer(response.body.data(), has_body ? response.body.size() : 0)};
  Enter(Phase::kWriting, options_.idle_timeout);
  const auto [error, bytes] = co_await asio::async_write(socket_, buffers, kAsTuple);
  EndLimit();
  co_return !error;
}

Task<void> HttpSession::Refuse(int status) {
  if (!co_await WriteAnswer(MakeErrorAnswer(status, ToRefusalText(status)), false, false)) co_return;
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  Enter(Phase::kWriting, kLingerLimit);
  std::array<char, 4096> scrap;
  for (std::size_t total = 0; total < kMaxLingerBytes;) {
    const auto [error, bytes] = co_await socket_.async_read_some(asio::buffer(scrap), kAsTuple);
    if (error || timed_out_) co_return;
    total += bytes;
  }
}

void HttpSession::Enter(Phase phase, absl::Duration limit) {
  phase_ = phase;
  phase_since_ = std::chrono::steady_clock::now();
  timed_out_ = false;
  timer_.expires_after(absl::ToChronoMilliseconds(std::min(limit, absl::Hours(24))));
  timer_.async_wait([weak = weak_from_this(), number = ++limit_number_](const error_code& error) {
    const std::shared_ptr<HttpSession> self = weak.lock();
    if (error || self == nullptr || self->limit_number_ != number) return;
    self->timed_out_ = true;
    error_code ignored;
    self->socket_.cancel(ignored);
    // A cancel that falls between two steps of an operation is missed; the end of the stream is not.
    self->socket_.shutdown(self->phase_ == Phase::kWriting ? tcp::socket::shutdown_both
                                                           : tcp::socket::shutdown_receive,
                           ignored);
  });
}

void HttpSession::EndLimit() {
  ++limit_number_;
  timed_out_ = false;
  timer_.cancel();
}

}  // namespace placer
