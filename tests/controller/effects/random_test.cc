#include "controller/effects/random.h"

#include <gtest/gtest.h>

namespace placer {
namespace {

TEST(SimulatedRandom, EqualSeedsGiveEqualNumbers) {
  SimulatedRandom a(7);
  SimulatedRandom b(7);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.Uniform(), b.Uniform());
}

TEST(SimulatedRandom, DifferentSeedsGiveDifferentNumbers) {
  SimulatedRandom a(7);
  SimulatedRandom b(8);
  EXPECT_NE(a.Uniform(), b.Uniform());
}

TEST(SimulatedRandom, NumbersLieInTheUnitIntervalAndFillIt) {
  SimulatedRandom random(1);
  double low = 1;
  double high = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double number = random.Uniform();
    low = std::min(low, number);
    high = std::max(high, number);
  }
  EXPECT_GE(low, 0);
  EXPECT_LT(low, 0.01);
  EXPECT_LT(high, 1);
  EXPECT_GT(high, 0.99);
}

TEST(SystemRandom, TwoProcessesDrawDifferentNumbers) {
  SystemRandom a;
  SystemRandom b;
  EXPECT_NE(a.Uniform(), b.Uniform());
}

}  // namespace
}  // namespace placer
