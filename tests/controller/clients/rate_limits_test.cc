#include "controller/fly/rate_limits.h"

#include <gtest/gtest.h>

namespace placer {
namespace {

const CallSlot kStart{.action = "start", .app = "web", .machine_id = "m"};

absl::Time At(double seconds) {
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

TEST(RateLimitsTest, ABurstGoesOutAtOnceAndTheRestOnePerSecond) {
  RateLimits limits;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limits.Reserve(kStart, At(0)), At(0)) << i;
  EXPECT_EQ(limits.Reserve(kStart, At(0)), At(1));
  EXPECT_EQ(limits.Reserve(kStart, At(0)), At(2));
  EXPECT_EQ(limits.Reserve(kStart, At(0.5)), At(3));
}

TEST(RateLimitsTest, TokensComeBackWithTimeUpToTheBurst) {
  RateLimits limits;
  for (int i = 0; i < 3; ++i) limits.Reserve(kStart, At(0));
  EXPECT_EQ(limits.Reserve(kStart, At(1)), At(1));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limits.Reserve(kStart, At(30)), At(30)) << i;
  EXPECT_EQ(limits.Reserve(kStart, At(30)), At(31));
}

TEST(RateLimitsTest, ASlotsOwnLimitRules) {
  RateLimits limits;
  const CallSlot get{
      .action = "get", .app = "web", .machine_id = "m", .limit = {.per_second = 5, .burst = 10}};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(limits.Reserve(get, At(0)), At(0)) << i;
  EXPECT_EQ(limits.Reserve(get, At(0)), At(0.2));
}

TEST(RateLimitsTest, ActionsMachinesAndAppsDoNotShareABucket) {
  RateLimits limits;
  for (int i = 0; i < 4; ++i) limits.Reserve(kStart, At(0));
  for (const CallSlot& other : {CallSlot{.action = "stop", .app = "web", .machine_id = "m"},
                                CallSlot{.action = "start", .app = "web", .machine_id = "n"},
                                CallSlot{.action = "start", .app = "api", .machine_id = "m"}}) {
    EXPECT_EQ(limits.Reserve(other, At(0)), At(0)) << other.action << other.app << other.machine_id;
  }
}

TEST(RateLimitsTest, AReturnedTokenServesTheNext) {
  RateLimits limits;
  for (int i = 0; i < 3; ++i) limits.Reserve(kStart, At(0));
  limits.Return(kStart);
  EXPECT_EQ(limits.Reserve(kStart, At(0)), At(0));
}

TEST(RateLimitsTest, AClockSetBackRefillsNothing) {
  RateLimits limits;
  for (int i = 0; i < 3; ++i) limits.Reserve(kStart, At(100));
  EXPECT_EQ(limits.Reserve(kStart, At(50)), At(51));
}

TEST(RateLimitsTest, APauseHoldsTheBucketAndIsNeverShortened) {
  RateLimits limits;
  EXPECT_EQ(limits.PausedUntil(kStart), absl::InfinitePast());
  limits.Reserve(kStart, At(0));
  limits.Pause(kStart, At(9));
  limits.Pause(kStart, At(4));
  EXPECT_EQ(limits.PausedUntil(kStart), At(9));
}

TEST(RateLimitsTest, BucketsThatNobodyUsedForAMinuteAreDropped) {
  RateLimits limits;
  for (int i = 0; i < 500; ++i) {
    limits.Reserve({.action = "get", .app = "web", .machine_id = std::to_string(i)}, At(0));
  }
  EXPECT_EQ(limits.size(), 500u);
  limits.Reserve(kStart, At(61));
  EXPECT_EQ(limits.size(), 1u);
}

TEST(RateLimitsTest, ABucketThatIsPausedOrPromisedIsKept) {
  RateLimits limits;
  limits.Reserve(kStart, At(0));
  limits.Pause(kStart, At(60));
  const CallSlot busy{.action = "stop", .app = "web", .machine_id = "m"};
  for (int i = 0; i < 103; ++i) limits.Reserve(busy, At(0));
  limits.Reserve({.action = "list", .app = "web"}, At(61));
  EXPECT_EQ(limits.PausedUntil(kStart), At(60));
  EXPECT_EQ(limits.Reserve(busy, At(61)), At(101));
}

}  // namespace
}  // namespace placer
