// HttpSession: one connection of the HTTP server, request after request. Each phase has a time limit that
// cancels the socket's operation; a client that sends a byte now and then gains nothing by it, since the
// limit is for the whole request. Easy to get wrong: a limit may pass between an operation's end and the
// coroutine's resumption, so the flag is read after each operation.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "api/http_message.h"
#include "controller/net/http_server.h"

namespace placer {

// {"error":"..."} with this status; `text` is a literal that needs no escapes.
HttpResponse MakeErrorAnswer(int status, const char* text);
// The head of an answer, up to the empty line. Headers that would break the message are left out.
std::string FormatAnswerHead(const HttpResponse& response, bool keep_alive);

class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(asio::ip::tcp::socket socket, std::shared_ptr<const HttpHandler> handler,
              HttpServerOptions options);

  // Until the client leaves, a limit is hit, or Stop. `self` keeps the session alive meanwhile.
  static Task<void> Run(std::shared_ptr<HttpSession> self);
  // An answer in the making is finished; anything else ends at once.
  void Stop();

  // What the connection does, in the order in which it is given up for a new one. An answer in the making
  // never is.
  enum class Phase { kIdle, kReading, kWriting, kAnswering };
  Phase phase() const { return phase_; }
  std::chrono::steady_clock::time_point phase_since() const { return phase_since_; }
  // Ends it without a word.
  void Drop();

 private:
  struct Received {
    std::optional<HttpRequest> request;  // no value: the connection ends
    int refusal = 0;                     // the status to end it with; 0: none
    bool keep_alive = false;
    bool is_head = false;
  };

  Task<Received> ReadRequest();
  Task<void> AwaitFirstByte();
  Task<void> SendContinue();
  Task<bool> WriteAnswer(HttpResponse response, bool is_head, bool keep_alive);
  Task<void> Refuse(int status);
  Task<HttpResponse> Answer(HttpRequest request);
  int ToRefusal(const boost::system::error_code& error) const;
  void Enter(Phase phase, absl::Duration limit);
  void EndLimit();

  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  std::shared_ptr<const HttpHandler> handler_;
  const HttpServerOptions options_;
  boost::beast::flat_buffer buffer_;  // keeps what a pipelining client sent ahead
  unsigned limit_number_ = 0;         // of the limit in force, so that an old timer's late call is recognised
  Phase phase_ = Phase::kIdle;
  std::chrono::steady_clock::time_point phase_since_ = std::chrono::steady_clock::now();
  bool timed_out_ = false;
  bool has_request_ = false;  // until its answer is written
  bool stopping_ = false;
};

}  // namespace placer
