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

// The quickstart's users in real time, and the documented defaults, with machines that really come and go.
TEST(Day, ActingOnTheQuickstartsWorldIsCheap) {
  const double before = CpuSeconds();
  SceneOptions options{.seed = 21, .policy = MakePolicy(), .requests_per_second = 150, .day_speed = 1};
  options.policy.mode = Mode::kActive;
  Scene scene(options);
  scene.run().RunFor(absl::Hours(24));
  const int calls = scene.platform().calls;
  const std::size_t writes = scene.world().writes().size();
  std::cout << "24 hours: " << CpuSeconds() - before << " s CPU, " << scene.trace().passes << " passes, "
            << calls << " API calls (" << calls / 24 << " an hour), " << writes << " of them writes, "
            << scene.world().machines_ever().size() << " machines, " << scene.world().totals().dropped
            << " requests dropped\n";
  EXPECT_GT(scene.trace().deploys, 0);
  EXPECT_EQ(scene.world().totals().dropped, 0);
  // A list a pass, a query a data point, the regions once an hour; and each write wants machines read by id
  // before and waits afterwards: 3.9 calls of each, with itself.
  EXPECT_LE(calls, scene.trace().passes + 24 * 61 + 5 * static_cast<int>(writes));
  EXPECT_LE(scene.world().totals().most_machines, options.policy.capacity.total_max);
}

// One list a pass, one query a data point, and the regions once an hour.
TEST(Day, AQuietHourCostsNoCallMoreThanItMust) {
  SceneOptions options{.seed = 21, .policy = MakePolicy(), .requests_per_second = 0};
  options.policy.mode = Mode::kActive;
  Scene scene(options);
  scene.run().RunFor(absl::Hours(1));
  const int passes = scene.trace().passes;
  const int calls = scene.platform().calls;
  scene.run().RunFor(absl::Hours(1));
  EXPECT_GE(scene.trace().passes - passes, 230);
  EXPECT_LE(scene.platform().calls - calls, scene.trace().passes - passes + 60 + 1);
}

}  // namespace
}  // namespace placer
