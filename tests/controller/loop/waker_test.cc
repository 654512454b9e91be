#include "controller/waker.h"

#include <gtest/gtest.h>

#include "tests/simulated/virtual_time.h"

namespace placer {
namespace {

class WakerTest : public ::testing::Test {
 protected:
  // A sleep of ten seconds that began when `seen` wake-ups had come; has a value once it is over.
  std::shared_ptr<std::optional<bool>> Sleep(std::uint64_t seen) {
    return time_.Start(waker_.SleepUntil(time_.clock(), VirtualStart() + absl::Seconds(10), seen));
  }

  VirtualTime time_;
  Waker waker_{time_.io().get_executor()};
};

TEST_F(WakerTest, SleepEndsAtTheDeadline) {
  const auto over = Sleep(waker_.count());
  time_.RunFor(absl::Seconds(9));
  EXPECT_FALSE(over->has_value());
  time_.RunFor(absl::Seconds(1));
  EXPECT_TRUE(over->has_value());
}

TEST_F(WakerTest, AWakeUpEndsTheSleep) {
  const auto over = Sleep(waker_.count());
  waker_.Wake();
  time_.Settle();
  EXPECT_TRUE(over->has_value());
}

TEST_F(WakerTest, AnEndedSleepLeavesNoDeadlineBehind) {
  const auto over = Sleep(waker_.count());
  waker_.Wake();
  time_.Settle();
  EXPECT_EQ(time_.clock().NextDeadline(), absl::InfiniteFuture());
}

TEST_F(WakerTest, AWakeUpDuringThePassBeforeIsRemembered) {
  const std::uint64_t seen = waker_.count();
  waker_.Wake();
  EXPECT_TRUE(Sleep(seen)->has_value());
}

TEST_F(WakerTest, AWakeUpIsUsedUpByThePassThatStartsAfterIt) {
  waker_.Wake();
  EXPECT_FALSE(Sleep(waker_.count())->has_value());
}

TEST_F(WakerTest, SeveralSleepersWakeTogether) {
  const auto a = Sleep(waker_.count());
  const auto b = Sleep(waker_.count());
  waker_.Wake();
  time_.Settle();
  EXPECT_TRUE(a->has_value() && b->has_value());
}

TEST_F(WakerTest, ADeadlineThatHasPassedDoesNotSuspend) {
  time_.RunFor(absl::Seconds(10));
  EXPECT_TRUE(Sleep(waker_.count())->has_value());
}

}  // namespace
}  // namespace placer
