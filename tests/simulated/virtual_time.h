// VirtualTime: an event loop and a clock that moves only when nothing is left to do. Declared before
// everything that waits on it: suspended coroutines are destroyed with the loop, after the clock.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "controller/effects/clock.h"

namespace placer {

// A whole minute, and an hour at which the world's days differ.
inline absl::Time VirtualStart() {
  return absl::FromUnixSeconds(1'760'000'040);
}

class VirtualTime {
 public:
  explicit VirtualTime(absl::Time start = VirtualStart()) : clock_(start) {}

  asio::io_context& io() { return io_; }
  SimulatedClock& clock() { return clock_; }
  absl::Time now() const { return clock_.Now(); }

  // Runs everything that can go on without time passing.
  void Settle() {
    io_.restart();
    io_.poll();
  }

  // Lets time pass up to `until`, from deadline to deadline.
  void RunUntil(absl::Time until) {
    Settle();
    while (clock_.NextDeadline() <= until) {
      clock_.AdvanceTo(clock_.NextDeadline());
      Settle();
    }
    clock_.AdvanceTo(until);
    Settle();
  }
  void RunFor(absl::Duration duration) { RunUntil(now() + duration); }

  // Starts a task; its result appears once it has one.
  template <typename T>
  std::shared_ptr<std::optional<T>> Start(Task<T> task) {
    auto result = std::make_shared<std::optional<T>>();
    asio::co_spawn(io_, std::move(task), [result](std::exception_ptr error, T value) {
      if (error != nullptr) std::rethrow_exception(error);
      result->emplace(std::move(value));
    });
    Settle();
    return result;
  }
  std::shared_ptr<std::optional<bool>> Start(Task<void> task) { return Start(Finish(std::move(task))); }

  // The result of a task that needs no time to pass. Aborts if it does.
  template <typename T>
  T Await(Task<T> task) {
    return Start(std::move(task))->value();
  }
  void Await(Task<void> task) { Await(Finish(std::move(task))); }

 private:
  static Task<bool> Finish(Task<void> task) {
    co_await std::move(task);
    co_return true;
  }

  asio::io_context io_{1};
  SimulatedClock clock_;
};

}  // namespace placer
