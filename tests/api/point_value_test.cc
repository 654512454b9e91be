#include "api/point_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace placer {
namespace {

static_assert(sizeof(PointValue) == sizeof(double));

TEST(PointValueTest, SaysNothingUntilItIsGivenAValue) {
  PointValue value;
  EXPECT_FALSE(value.has_value());
  EXPECT_EQ(value.value_or(7), 7);
  value = 0.0;
  EXPECT_TRUE(value.has_value());
  EXPECT_EQ(*value, 0);
  value = std::nullopt;
  EXPECT_FALSE(value.has_value());
}

TEST(PointValueTest, KeepsWhateverTheServerSaid) {
  for (const char* said : {"NaN", "-NaN", "Inf", "-Inf", "0", "-0", "1e308", "5e-324"}) {
    const double number = std::strtod(said, nullptr);
    const PointValue value(number);
    ASSERT_TRUE(value.has_value()) << said;
    EXPECT_EQ(std::isnan(*value), std::isnan(number)) << said;
    if (!std::isnan(number)) EXPECT_EQ(*value, number) << said;
  }
  EXPECT_TRUE(PointValue(std::numeric_limits<double>::quiet_NaN()).has_value());
}

TEST(PointValueTest, ComparesAsAnOptionalDoes) {
  const PointValue nan(std::nan(""));
  EXPECT_TRUE(PointValue() == PointValue());
  EXPECT_TRUE(PointValue(2) == PointValue(2));
  EXPECT_FALSE(PointValue(2) == PointValue(3));
  EXPECT_FALSE(PointValue(0) == PointValue());
  EXPECT_FALSE(nan == nan);
  EXPECT_FALSE(nan == PointValue());
}

TEST(PointValueTest, TakesOverAnOptional) {
  EXPECT_EQ(PointValue(std::optional<double>(4)), PointValue(4));
  EXPECT_EQ(PointValue(std::optional<double>()), PointValue());
}

}  // namespace
}  // namespace placer
