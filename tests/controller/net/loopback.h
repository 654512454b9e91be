// Helpers for tests on loopback sockets: run a coroutine to its end (bounded), a server that does exactly
// what a test says, and a client that sends exactly these bytes.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "controller/effects/task.h"

namespace placer {

using tcp = asio::ip::tcp;

inline constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// A hung test ends by this, and fails.
inline constexpr std::chrono::seconds kPatience{20};

template <typename T>
T RunTask(asio::io_context& io, Task<T> task) {
  std::optional<T> result;
  asio::co_spawn(io, std::move(task), [&result](std::exception_ptr error, T value) {
    if (error) std::rethrow_exception(error);
    result.emplace(std::move(value));
  });
  io.restart();
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!result && std::chrono::steady_clock::now() < deadline) io.run_one_until(deadline);
  if (!result) throw std::runtime_error("the task did not end");
  return *std::move(result);
}

// True if nothing is left to do.
inline bool RunsDry(asio::io_context& io) {
  io.restart();
  io.run_for(kPatience);
  return io.stopped();
}

// Calls `serve` for each connection, numbered from 0.
class RawServer {
 public:
  using Serve = std::function<Task<void>(std::shared_ptr<tcp::socket>, int number)>;

  RawServer(asio::io_context& io, Serve serve, const char* address = "127.0.0.1")
      : acceptor_(io, tcp::endpoint(asio::ip::make_address(address), 0)), serve_(std::move(serve)) {
    Accept();
  }
  unsigned short port() const { return acceptor_.local_endpoint().port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  int connections() const { return connections_; }

 private:
  void Accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      auto shared = std::make_shared<tcp::socket>(std::move(socket));
      asio::co_spawn(acceptor_.get_executor(), serve_(shared, connections_++),
                     [](std::exception_ptr exception) {
                       if (exception) std::rethrow_exception(exception);
                     });
      Accept();
    });
  }

  tcp::acceptor acceptor_;
  Serve serve_;
  int connections_ = 0;
};

inline Task<bool> WriteText(std::shared_ptr<tcp::socket> socket, std::string text) {
  const auto [error, bytes] = co_await asio::async_write(*socket, asio::buffer(text), kAsTuple);
  co_return !error;
}

// Reads until `end` has appeared, or the peer closes.
inline Task<std::string> ReadUntil(std::shared_ptr<tcp::socket> socket, std::string end) {
  std::string text;
  char chunk[4096];
  while (end.empty() || text.find(end) == std::string::npos) {
    const auto [error, bytes] = co_await socket->async_read_some(asio::buffer(chunk), kAsTuple);
    text.append(chunk, bytes);
    if (error) break;
  }
  co_return text;
}

using Socket = std::shared_ptr<tcp::socket>;

inline constexpr char kKeptAnswer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Answers each request of a connection with `answer`.
inline RawServer::Serve Always(std::string answer) {
  return [answer](Socket socket, int) -> Task<void> {
    return [](Socket s, std::string text) -> Task<void> {
      while (!(co_await ReadUntil(s, "\r\n\r\n")).empty()) {
        if (!co_await WriteText(s, text)) co_return;
      }
    }(socket, answer);
  };
}

// Sends `answer` to the first request and closes.
inline RawServer::Serve OnceThenClose(std::string answer) {
  return [answer](Socket socket, int) -> Task<void> {
    return [](Socket s, std::string text) -> Task<void> {
      co_await ReadUntil(s, "\r\n\r\n");
      co_await WriteText(s, text);
    }(socket, answer);
  };
}

// Reads for ever and says nothing.
inline Task<void> StayMute(Socket socket, int) {
  co_await ReadUntil(socket, "");
}

inline Task<std::shared_ptr<tcp::socket>> Dial(asio::io_context& io, unsigned short port) {
  auto socket = std::make_shared<tcp::socket>(io);
  co_await socket->async_connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), port), kAsTuple);
  co_return socket;
}

// Sends these bytes and returns everything until the server closes.
inline Task<std::string> Talk(asio::io_context& io, unsigned short port, std::string text) {
  const std::shared_ptr<tcp::socket> socket = co_await Dial(io, port);
  co_await WriteText(socket, std::move(text));
  co_return co_await ReadUntil(socket, "");
}

}  // namespace placer
