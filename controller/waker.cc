#include "controller/waker.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace placer {

Waker::Waker(const asio::any_io_executor& executor)
    : bell_(executor, asio::steady_timer::time_point::max()) {}

void Waker::Wake() {
  ++count_;
  bell_.cancel();
}

Task<bool> Waker::WaitForWake(std::uint64_t seen) {
  if (count_ > seen) co_return true;
  co_await bell_.async_wait(asio::as_tuple(asio::use_awaitable));  // ends by cancellation only
  co_return count_ > seen;
}

Task<void> Waker::SleepUntil(Clock& clock, absl::Time deadline, std::uint64_t seen) {
  using asio::experimental::awaitable_operators::operator||;
  co_await (clock.SleepUntil(deadline) || WaitForWake(seen));
}

}  // namespace placer
