#include "controller/kept_traffic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace placer {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(KeptTrafficTest, ComesBackAsItWas) {
  Traffic traffic{.end = absl::FromUnixSeconds(1'800'000'000), .points = 3};
  traffic.regions = {{"fra", {1.5, std::nullopt, 0.0}}, {"iad", {std::nullopt, kInfinity, -0.0}}};
  traffic.served = {{"fra", {1e300, 2.0, std::nullopt}}};
  traffic.served_errors = {{"fra", {std::nullopt, std::nullopt, std::nullopt}}};
  traffic.concurrency = {{"nrt", {0.1, 0.2, 0.3}}};
  traffic.witnessed = {true, false, true};
  traffic.warnings = {"slow"};
  KeptTraffic kept;
  kept.Keep(traffic);
  const Traffic made = kept.Make();
  EXPECT_EQ(made.end, traffic.end);
  EXPECT_EQ(made.points, 3);
  EXPECT_EQ(made.regions, traffic.regions);
  EXPECT_EQ(made.served, traffic.served);
  EXPECT_EQ(made.served_errors, traffic.served_errors);
  EXPECT_EQ(made.concurrency, traffic.concurrency);
  EXPECT_EQ(made.witnessed, traffic.witnessed);
  EXPECT_EQ(made.warnings, traffic.warnings);
}

TEST(KeptTrafficTest, ANanThatAServerSaidIsNotAbsent) {
  Traffic traffic{.points = 2};
  traffic.regions = {{"fra", {kNan, -kNan}}};
  KeptTraffic kept;
  kept.Keep(traffic);
  const Traffic made = kept.Make();
  for (const std::optional<double>& value : made.regions.at("fra")) {
    ASSERT_TRUE(value.has_value());
    EXPECT_TRUE(std::isnan(*value));
  }
}

TEST(KeptTrafficTest, TheNextAnswerReplacesAllOfIt) {
  Traffic traffic{.points = 1};
  traffic.regions = {{"fra", {1.0}}};
  traffic.served = {{"fra", {1.0}}};
  KeptTraffic kept;
  kept.Keep(traffic);
  kept.Keep(Traffic{.points = 2});
  EXPECT_TRUE(kept.Make().regions.empty());
  EXPECT_TRUE(kept.Make().served.empty());
}

}  // namespace
}  // namespace placer
