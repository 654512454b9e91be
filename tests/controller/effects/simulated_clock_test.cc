#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <string>
#include <vector>

#include "tests/simulated/virtual_time.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Sleepers that write their names down when they wake.
class SimulatedClockTest : public ::testing::Test {
 protected:
  void Sleep(const std::string& name, absl::Duration after) {
    time_.Start(SleepAndTell(name, time_.now() + after));
  }
  Task<void> SleepAndTell(std::string name, absl::Time deadline) {
    const bool due = co_await time_.clock().SleepUntil(deadline);
    woken_.push_back(due ? name : name + " cancelled");
  }

  Task<void> Tick(std::string name, absl::Duration period) {
    for (int i = 0; i < 3; ++i) {
      co_await time_.clock().SleepUntil(time_.now() + period);
      woken_.push_back(name);
    }
  }

  std::vector<std::string> woken_;
  VirtualTime time_;
};

TEST_F(SimulatedClockTest, NobodyWakesBeforeTheDeadline) {
  Sleep("a", absl::Seconds(10));
  time_.clock().AdvanceTo(time_.now() + absl::Seconds(10) - absl::Nanoseconds(1));
  time_.Settle();
  EXPECT_THAT(woken_, IsEmpty());
}

TEST_F(SimulatedClockTest, WakesAtTheDeadline) {
  Sleep("a", absl::Seconds(10));
  time_.clock().AdvanceTo(time_.now() + absl::Seconds(10));
  time_.Settle();
  EXPECT_THAT(woken_, ElementsAre("a"));
}

TEST_F(SimulatedClockTest, ADeadlineThatHasPassedDoesNotSuspend) {
  Sleep("a", absl::ZeroDuration());
  Sleep("b", absl::Seconds(-5));
  EXPECT_THAT(woken_, ElementsAre("a", "b"));
}

TEST_F(SimulatedClockTest, OneStepWakesInTheOrderOfDeadlines) {
  Sleep("late", absl::Seconds(30));
  Sleep("early", absl::Seconds(10));
  Sleep("middle", absl::Seconds(20));
  time_.clock().AdvanceTo(time_.now() + absl::Minutes(1));
  time_.Settle();
  EXPECT_THAT(woken_, ElementsAre("early", "middle", "late"));
}

TEST_F(SimulatedClockTest, EqualDeadlinesWakeInTheOrderOfSleeping) {
  for (const char* name : {"a", "b", "c"}) Sleep(name, absl::Seconds(10));
  time_.clock().AdvanceTo(time_.now() + absl::Seconds(10));
  time_.Settle();
  EXPECT_THAT(woken_, ElementsAre("a", "b", "c"));
}

TEST_F(SimulatedClockTest, TimeNeverMovesBack) {
  const absl::Time start = time_.now();
  time_.clock().AdvanceTo(start - absl::Hours(1));
  EXPECT_EQ(time_.now(), start);
}

TEST_F(SimulatedClockTest, NextDeadlineIsTheEarliest) {
  Sleep("late", absl::Seconds(30));
  Sleep("early", absl::Seconds(10));
  EXPECT_EQ(time_.clock().NextDeadline(), time_.now() + absl::Seconds(10));
}

TEST_F(SimulatedClockTest, WithoutSleepersThereIsNoDeadline) {
  EXPECT_EQ(time_.clock().NextDeadline(), absl::InfiniteFuture());
}

TEST_F(SimulatedClockTest, ACancelledSleeperSaysSoAndLeavesNoDeadline) {
  asio::cancellation_signal cancel;
  asio::co_spawn(time_.io(), SleepAndTell("a", time_.now() + absl::Seconds(10)),
                 asio::bind_cancellation_slot(cancel.slot(), [](std::exception_ptr) {}));
  time_.Settle();
  cancel.emit(asio::cancellation_type::terminal);
  time_.Settle();
  EXPECT_THAT(woken_, ElementsAre("a cancelled"));
  EXPECT_EQ(time_.clock().NextDeadline(), absl::InfiniteFuture());
}

TEST_F(SimulatedClockTest, ASleeperThatWakesAndSleepsAgainKeepsItsPlace) {
  time_.Start(Tick("2s", absl::Seconds(2)));
  time_.Start(Tick("3s", absl::Seconds(3)));
  time_.RunFor(absl::Seconds(10));
  // 2, 3, 4, then at 6 the one that went to sleep first.
  EXPECT_THAT(woken_, ElementsAre("2s", "3s", "2s", "3s", "2s", "3s"));
}

TEST(SystemClock, ADeadlineThatHasPassedReturnsAtOnce) {
  asio::io_context io(1);
  SystemClock clock;
  bool due = false;
  const auto wait = [](Clock& system, bool& result) -> Task<void> {
    result = co_await system.SleepUntil(system.Now() - absl::Seconds(1));
  };
  asio::co_spawn(io, wait(clock, due), [](std::exception_ptr) {});
  io.poll();
  EXPECT_TRUE(due);
}

TEST(SystemClock, ACancelledSleeperSaysSo) {
  asio::io_context io(1);
  SystemClock clock;
  bool due = true;
  const auto wait = [](Clock& system, bool& result) -> Task<void> {
    result = co_await system.SleepUntil(system.Now() + absl::Hours(100));
  };
  asio::cancellation_signal cancel;
  asio::co_spawn(io, wait(clock, due),
                 asio::bind_cancellation_slot(cancel.slot(), [](std::exception_ptr) {}));
  io.poll();
  cancel.emit(asio::cancellation_type::terminal);
  io.poll();
  EXPECT_FALSE(due);
}

TEST(SystemClock, RunsFasterOnDemand) {
  const SystemClock fast(1e9);
  const absl::Time before = fast.Now();
  absl::Time after = before;
  while (after == before) after = fast.Now();
  // Two readings are at least a nanosecond of real time apart, which is a second here.
  EXPECT_GE(after - before, absl::Seconds(1) - absl::Milliseconds(1));
}

}  // namespace
}  // namespace placer
