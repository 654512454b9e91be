// A day of the default policy, and what it costs.
#include <gtest/gtest.h>

#include <ctime>
#include <iostream>

#include "tests/simulation/scene.h"

namespace placer {
namespace {

double CpuSeconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

TEST(Day, TheDefaultPolicyFollowsTheSunWithinItsCeilings) {
  const double before = CpuSeconds();
  Scene scene({.seed = 1, .policy = MakePolicy(), .day_speed = 1});
  int most = 0;
  int least = 1000;
  scene.on_pass = [&](const PassRecord&) {
    int machines = 0;
    for (const auto& [region, count] : scene.run().StatusOf().shadow) machines += count;
    if (machines == 0) return;  // before the first status
    most = std::max(most, machines);
    least = std::min(least, machines);
  };
  scene.run().RunFor(absl::Hours(24));
  const Trace& trace = scene.trace();
  std::cout << "24 hours: " << trace.passes << " passes, " << least << " to " << most << " machines, "
            << trace.deploys << " deploys, " << trace.removals << " removals, " << trace.changes
            << " changes of target, " << CpuSeconds() - before << " s CPU\n";
  EXPECT_GE(trace.passes, 24 * 60 * 4);
  EXPECT_LE(most, scene.policy().capacity.total_max);
  EXPECT_GE(least, 1);
  EXPECT_GT(trace.deploys, 0);
  EXPECT_GT(trace.removals, 0);
  EXPECT_TRUE(trace.contradictions.empty());
}

}  // namespace
}  // namespace placer
