// Clock: the only source of time in the program. The real one follows the system (optionally faster, for the demo);
// the simulated one moves when a test moves it, so that hours of the controller's life pass in milliseconds.
#pragma once

#include <map>
#include <memory>

#include "absl/time/time.h"
#include "controller/effects/task.h"

namespace placer {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
  // True once Now() >= deadline; false if cancelled first. Never throws.
  virtual Task<bool> SleepUntil(absl::Time deadline) = 0;
};

// Wall-clock time, or `speed` times as fast from the moment of construction on.
class SystemClock final : public Clock {
 public:
  explicit SystemClock(double speed = 1.0);
  absl::Time Now() const override;
  Task<bool> SleepUntil(absl::Time deadline) override;

 private:
  double speed_;
  absl::Time started_;
};

// Virtual time. SleepUntil suspends until AdvanceTo has passed the deadline.
class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(absl::Time start);
  ~SimulatedClock() override;
  absl::Time Now() const override { return now_; }
  Task<bool> SleepUntil(absl::Time deadline) override;

  // Deadline of the earliest sleeper; InfiniteFuture when nobody sleeps.
  absl::Time NextDeadline() const;
  // Moves time forward (never back) and wakes, in the order of their deadlines, everyone who is due.
  void AdvanceTo(absl::Time now);

 private:
  struct Sleeper;
  absl::Time now_;
  std::multimap<absl::Time, std::shared_ptr<Sleeper>> sleepers_;
};

}  // namespace placer
