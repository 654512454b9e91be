// Waker: lets a loop sleep until a time or until somebody calls Wake. A wake-up that arrives while the loop
// is busy is remembered: it is a count, not a flag that a pass in between could eat.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>

#include "controller/effects/clock.h"

namespace placer {

class Waker {
 public:
  explicit Waker(const asio::any_io_executor& executor);

  void Wake();
  // The count that a pass starts from; wake-ups after this moment end the next sleep at once.
  std::uint64_t count() const { return count_; }
  // Returns at the deadline, or as soon as more than `seen` wake-ups have come. Never throws.
  Task<void> SleepUntil(Clock& clock, absl::Time deadline, std::uint64_t seen);

 private:
  Task<bool> WaitForWake(std::uint64_t seen);

  asio::steady_timer bell_;
  std::uint64_t count_ = 0;
};

}  // namespace placer
