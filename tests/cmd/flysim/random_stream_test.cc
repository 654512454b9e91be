#include "cmd/flysim/core/random_stream.h"

#include <gtest/gtest.h>

#include <cmath>

namespace placer::flysim {
namespace {

TEST(RandomStreamTest, ASeedMeansTheSameNumbersEverywhere) {
  RandomStream stream(1, "arrivals/fra");
  EXPECT_EQ(stream.Next(), 4498780697073295037u);
}

TEST(RandomStreamTest, PurposesHaveStreamsOfTheirOwn) {
  EXPECT_NE(RandomStream(1, "a").Next(), RandomStream(1, "b").Next());
}

class PoissonTest : public ::testing::TestWithParam<double> {};

TEST_P(PoissonTest, MeanAndVarianceAreTheSame) {
  RandomStream stream(42, "test");
  constexpr int kDraws = 40000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto count = static_cast<double>(stream.Poisson(GetParam()));
    sum += count;
    squares += count * count;
  }
  const double mean = sum / kDraws;
  EXPECT_NEAR(mean, GetParam(), 5 * std::sqrt(GetParam() / kDraws));
  EXPECT_NEAR(squares / kDraws - mean * mean, GetParam(), 0.05 * GetParam() + 0.02);
}

INSTANTIATE_TEST_SUITE_P(Means, PoissonTest, ::testing::Values(0.05, 1, 7.5, 29.9, 30.1, 400));

TEST(RandomStreamTest, NothingComesFromAMeanOfZero) {
  EXPECT_EQ(RandomStream(1, "test").Poisson(0), 0);
}

TEST(RandomStreamTest, BelowStaysBelow) {
  RandomStream stream(3, "test");
  for (int i = 0; i < 10000; ++i) ASSERT_LT(stream.Below(7), 7u);
}

}  // namespace
}  // namespace placer::flysim
