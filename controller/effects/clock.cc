#include "controller/effects/clock.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/time/clock.h"

namespace placer {

SystemClock::SystemClock(double speed) : speed_(speed), started_(absl::Now()) {}

absl::Time SystemClock::Now() const {
  const absl::Time real = absl::Now();
  return speed_ == 1.0 ? real : started_ + (real - started_) * speed_;
}

Task<bool> SystemClock::SleepUntil(absl::Time deadline) {
  // A steady timer is immune to steps of the wall clock; one hour at a time, so that after a step (or a
  // suspend) the deadline is met within the hour.
  while (Now() < deadline) {
    const absl::Duration wait = std::min((deadline - Now()) / speed_, absl::Hours(1));
    asio::steady_timer timer(co_await asio::this_coro::executor,
                             absl::ToChronoNanoseconds(std::max(wait, absl::Microseconds(1))));
    const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return false;
  }
  co_return true;
}

// A timer that never expires by itself: AdvanceTo cancels it and says why.
struct SimulatedClock::Sleeper {
  explicit Sleeper(const asio::any_io_executor& executor)
      : timer(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer timer;
  bool due = false;
};

SimulatedClock::SimulatedClock(absl::Time start) : now_(start) {}
SimulatedClock::~SimulatedClock() = default;

Task<bool> SimulatedClock::SleepUntil(absl::Time deadline) {
  if (now_ >= deadline) co_return true;
  const auto sleeper = std::make_shared<Sleeper>(co_await asio::this_coro::executor);
  const auto entry = sleepers_.emplace(deadline, sleeper);
  co_await sleeper->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!sleeper->due) sleepers_.erase(entry);
  co_return sleeper->due;
}

absl::Time SimulatedClock::NextDeadline() const {
  return sleepers_.empty() ? absl::InfiniteFuture() : sleepers_.begin()->first;
}

void SimulatedClock::AdvanceTo(absl::Time now) {
  now_ = std::max(now_, now);
  while (!sleepers_.empty() && sleepers_.begin()->first <= now_) {
    const auto sleeper = sleepers_.begin()->second;
    sleepers_.erase(sleepers_.begin());
    sleeper->due = true;
    sleeper->timer.cancel();
  }
}

}  // namespace placer
