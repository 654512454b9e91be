// Deadlines for network operations. Asio's `||` reports an operand that throws late or not at all, and passes
// on only the cancellation that its operands' filters let through; both are dealt with here, once. Included
// by .cc files of controller/net only. These deadlines are real time: what they guard is a real network.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "controller/effects/task.h"

namespace placer {

using SteadyTime = std::chrono::steady_clock::time_point;

// Cancelled for a cancelled operation, else Unavailable in the system's words (never what(): it holds
// templates).
inline absl::Status MakeNetworkError(const boost::system::error_code& error) {
  if (error == asio::error::operation_aborted) return absl::CancelledError("cancelled");
  return absl::UnavailableError(error.message());
}

// Composed operations obey only terminal cancellation; that their streams are of no more use then suits us.
struct AsTerminal {
  asio::cancellation_type operator()(asio::cancellation_type type) const {
    return type == asio::cancellation_type::none ? type : asio::cancellation_type::terminal;
  }
};

// Runs an operation so that it takes every kind of cancellation and never throws. R: absl::Status or
// StatusOr.
template <typename R>
Task<R> RunCancellable(Task<R> operation) {
  try {
    co_await asio::this_coro::reset_cancellation_state(AsTerminal());
    co_return co_await std::move(operation);
  } catch (const boost::system::system_error& error) {
    co_return MakeNetworkError(error.code());
  } catch (const std::exception&) {
    co_return absl::InternalError("an exception in a network operation");
  }
}

// DeadlineExceeded once the timer has expired, Cancelled before.
inline Task<absl::Status> AwaitExpiry(asio::steady_timer& timer) {
  const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return error ? absl::CancelledError("cancelled") : absl::DeadlineExceededError("timed out");
}

// The operation's result, DeadlineExceeded once `deadline` has passed, or Cancelled. The operation has ended
// by then. Both operands must take every kind of cancellation: `||` passes on the first signal only, whoever
// sends it.
template <typename R>
Task<R> RunUntil(Task<R> operation, SteadyTime deadline) {
  using namespace asio::experimental::awaitable_operators;  // NOLINT(google-build-using-namespace): operators
                                                            // have to be found
  asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
  auto first = co_await (RunCancellable(std::move(operation)) || RunCancellable(AwaitExpiry(timer)));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return std::get<1>(std::move(first));
}

// Closes a socket a little after a deadline. Composed operations (reading an answer, a handshake) can miss
// the one signal that cancels them, if it comes just when an inner step has completed; a closed socket cannot
// be missed.
class SocketGuard {
 public:
  using Socket = asio::ip::tcp::socket::lowest_layer_type;

  SocketGuard(Socket& socket, SteadyTime deadline)
      : timer_(socket.get_executor(), deadline + kGrace), guarded_(std::make_shared<Socket*>(&socket)) {
    timer_.async_wait([guarded = guarded_](const boost::system::error_code& error) {
      boost::system::error_code ignored;
      if (!error && *guarded != nullptr) (*guarded)->close(ignored);
    });
  }
  ~SocketGuard() {
    *guarded_ = nullptr;
    timer_.cancel();
  }
  SocketGuard(const SocketGuard&) = delete;
  SocketGuard& operator=(const SocketGuard&) = delete;

 private:
  // Lets the cancellation itself come first: it is what names the deadline.
  static constexpr std::chrono::milliseconds kGrace{50};

  asio::steady_timer timer_;
  std::shared_ptr<Socket*> guarded_;
};

}  // namespace placer
