#include "controller/net/http_server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "controller/net/http_session.h"

namespace placer {

using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};
// A connection keeps its place so long in each phase: who has just connected gets to send a request, however
// many come after.
constexpr std::chrono::milliseconds kPatience{100};
constexpr std::chrono::milliseconds kRoomPause{5};

auto Rank(const HttpSession& session) {
  return std::make_pair(session.phase(), session.phase_since());
}

// An exception that reaches the loop is a broken invariant: sessions keep their own to themselves.
void Spawn(asio::io_context& io, Task<void> task) {
  asio::co_spawn(io, std::move(task), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
}

// A fresh socket's send buffer takes the few bytes at once, so nothing has to wait for this client.
void RefuseConnection(tcp::socket socket) {
  const HttpResponse answer = MakeErrorAnswer(503, "too many connections");
  const std::string text = FormatAnswerHead(answer, false) + answer.body;
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(text), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

std::string FormatAddress(const ListenAddress& address) {
  if (absl::StrContains(address.host, ":")) return absl::StrCat("[", address.host, "]:", address.port);
  return absl::StrCat(address.host, ":", address.port);
}

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<State> {
  State(asio::io_context& context, HttpHandler request_handler, HttpServerOptions server_options)
      : io(context),
        handler(std::make_shared<const HttpHandler>(std::move(request_handler))),
        options(server_options),
        acceptor(context),
        pause(context) {}

  error_code Open(const ListenAddress& address);
  static Task<void> Accept(std::shared_ptr<State> self);
  static Task<void> Serve(std::shared_ptr<State> self, std::shared_ptr<HttpSession> session);
  // kLater: every connection may be given up, but none has waited long enough yet. kNone: all are being
  // answered.
  enum class Room { kMade, kLater, kNone };
  Room MakeRoom();
  Task<Room> AwaitRoom();

  asio::io_context& io;
  const std::shared_ptr<const HttpHandler> handler;
  const HttpServerOptions options;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::set<std::shared_ptr<HttpSession>> sessions;
  bool stopping = false;
};

error_code HttpServer::State::Open(const ListenAddress& address) {
  error_code error;
  const asio::ip::address ip = asio::ip::make_address(address.host, error);
  if (error) return error;
  const tcp::endpoint endpoint(ip, address.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  // [::] takes IPv4 as well, whatever the system's default is.
  if (!error && ip.is_v6() && ip.is_unspecified()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

// Others wait meanwhile in the system's queue.
Task<HttpServer::State::Room> HttpServer::State::AwaitRoom() {
  Room room = MakeRoom();
  while (room == Room::kLater) {
    pause.expires_after(kRoomPause);
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    if (stopping) break;
    room = MakeRoom();
  }
  co_return room;
}

Task<void> HttpServer::State::Accept(std::shared_ptr<State> self) {
  while (!self->stopping) {
    auto [error, socket] = co_await self->acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
    if (self->stopping) co_return;
    if (error) {
      // Out of descriptors, or the client is gone already. A pause keeps the former from becoming a busy
      // loop.
      self->pause.expires_after(kAcceptPause);
      co_await self->pause.async_wait(asio::as_tuple(asio::use_awaitable));
      continue;
    }
    const Room room = co_await self->AwaitRoom();
    if (self->stopping) co_return;
    if (room == Room::kNone) {
      RefuseConnection(std::move(socket));
      continue;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto session = std::make_shared<HttpSession>(std::move(socket), self->handler, self->options);
    self->sessions.insert(session);
    Spawn(self->io, Serve(self, session));
  }
}

// Where all places are taken, the connection goes that waits for its client and has done so longest: idle
// ones first, then those that send a request, then those that take their answer. Who holds many cannot lock
// others out.
HttpServer::State::Room HttpServer::State::MakeRoom() {
  if (sessions.size() < options.max_connections) return Room::kMade;
  const auto now = std::chrono::steady_clock::now();
  Room room = Room::kNone;
  auto victim = sessions.end();
  for (auto each = sessions.begin(); each != sessions.end(); ++each) {
    if ((*each)->phase() == HttpSession::Phase::kAnswering) continue;
    room = Room::kLater;
    if (now - (*each)->phase_since() < kPatience) continue;
    const bool earlier = victim == sessions.end() || Rank(**each) < Rank(**victim);
    if (earlier) victim = each;
  }
  if (victim == sessions.end()) return room;
  (*victim)->Drop();
  sessions.erase(victim);
  return Room::kMade;
}

Task<void> HttpServer::State::Serve(std::shared_ptr<State> self, std::shared_ptr<HttpSession> session) {
  try {
    co_await HttpSession::Run(session);
  } catch (const std::exception&) {
    // Out of memory, at worst: this connection ends, the others go on.
  }
  self->sessions.erase(session);
}

HttpServer::HttpServer(asio::io_context& io, HttpHandler handler, HttpServerOptions options)
    : state_(std::make_shared<State>(io, std::move(handler), options)) {}

HttpServer::~HttpServer() {
  Stop();
}

absl::Status HttpServer::Listen(const ListenAddress& address) {
  if (state_->stopping || state_->acceptor.is_open()) {
    return absl::FailedPreconditionError("the HTTP server listens already, or was stopped");
  }
  if (const error_code error = state_->Open(address)) {
    error_code ignored;
    state_->acceptor.close(ignored);
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", FormatAddress(address), ": ", error.message()));
  }
  Spawn(state_->io, State::Accept(state_));
  return absl::OkStatus();
}

unsigned short HttpServer::port() const {
  error_code error;
  const tcp::endpoint endpoint = state_->acceptor.local_endpoint(error);
  return error ? 0 : endpoint.port();
}

void HttpServer::Stop() {
  if (state_->stopping) return;
  state_->stopping = true;
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->pause.cancel();
  for (const std::shared_ptr<HttpSession>& session : state_->sessions) session->Stop();
}

}  // namespace placer
