// The loop closes: machines follow the traffic, on a platform that takes its time.
#include "tests/simulation/acting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace placer {
namespace {

using ::testing::IsEmpty;

TEST(Acting, AMachineAppearsWhereTheTrafficIsAndLeavesWithIt) {
  ActingScene scene({});
  scene.StartWithTrafficIn({"fra", "sin"});
  ASSERT_TRUE(scene.RunUntil([&] { return scene.Serves("sin"); })) << scene.Story();
  scene.OnlyTrafficIn({"fra"});
  ASSERT_TRUE(scene.RunUntil([&] { return scene.MachinesIn("sin").empty(); })) << scene.Story();
  EXPECT_TRUE(scene.Serves("fra"));
  EXPECT_THAT(scene.judge().crimes(), IsEmpty());
  EXPECT_EQ(scene.world().totals().dropped, 0);
  EXPECT_TRUE(scene.RunUntil([&] { return scene.run().StatusOf().intents.empty(); })) << scene.Story();
}

TEST(Acting, ASteadyStateWritesNothing) {
  ActingScene scene({});
  scene.StartWithTrafficIn({"fra", "sin"});
  ASSERT_TRUE(scene.RunUntil([&] { return scene.Serves("sin"); })) << scene.Story();
  scene.RunFor(absl::Minutes(2));
  const std::size_t writes = scene.CountWrites();
  const std::int64_t passes = scene.run().StatusOf().passes;
  scene.RunFor(absl::Hours(1), absl::Seconds(10));
  EXPECT_EQ(scene.CountWrites(), writes) << scene.Story();
  EXPECT_GE(scene.run().StatusOf().passes - passes, 230);
}

}  // namespace
}  // namespace placer
