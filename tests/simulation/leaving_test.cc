// A machine that leaves costs no request, overloads nobody, and comes back where those who took over do not
// bear it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/acting.h"

namespace placer {
namespace {

using ::testing::IsEmpty;

void ExpectNobodyOverloaded(ActingScene& scene) {
  EXPECT_EQ(scene.world().totals().dropped, 0);
  EXPECT_EQ(scene.world().totals().cut_off, 0);
  for (const flysim::MachineRecord& machine : scene.world().machines_ever())
    EXPECT_LE(machine.peak_concurrency, machine.hard_limit) << machine.name;
  EXPECT_THAT(scene.judge().crimes(), IsEmpty());
}

bool IsLeavingNow(ActingScene& scene, const std::string& region, Intent::Phase phase) {
  for (const Intent& intent : scene.run().StatusOf().intents) {
    if (intent.kind == Intent::Kind::kLeave && intent.region == region && intent.phase == phase) return true;
  }
  return false;
}

bool WasRefused(ActingScene& scene, const std::string& region, Reason reason) {
  for (const RegionDecision& decision : scene.run().StatusOf().last_decision.regions) {
    if (decision.region == region && decision.reason == reason) return true;
  }
  return false;
}

class Leaving : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Leaving, ByTrafficCostsNoRequest) {
  ActingScene scene({.seed = GetParam(), .requests_per_second = 60});
  scene.StartWithTrafficIn({"fra", "sin", "jnb"});
  ASSERT_TRUE(scene.RunUntil([&] { return scene.Serves("sin") && scene.Serves("jnb"); })) << scene.Story();
  scene.OnlyTrafficIn({"fra", "jnb"});
  ASSERT_TRUE(scene.RunUntil([&] { return scene.MachinesIn("sin").empty(); })) << scene.Story();
  ExpectNobodyOverloaded(scene);
}

TEST_P(Leaving, ABusyRegionThatIsExcludedCostsNoRequest) {
  ActingScene scene({.seed = GetParam(), .requests_per_second = 60});
  scene.StartWithTrafficIn({"fra", "sin", "jnb"});
  ASSERT_TRUE(scene.RunUntil([&] { return scene.Serves("sin") && scene.Serves("jnb"); })) << scene.Story();
  PlacementPolicy policy = scene.policy();
  policy.regions.excluded = {"sin"};
  scene.Apply(policy);
  ASSERT_TRUE(scene.RunUntil([&] { return scene.MachinesIn("sin").empty(); })) << scene.Story();
  ExpectNobodyOverloaded(scene);
}

INSTANTIATE_TEST_SUITE_P(Worlds, Leaving, ::testing::Range<std::uint64_t>(1, 9));

// Two machines of ours; Sydney's leaves, and Singapore's, with checks of its own, takes over.
class Watched : public ::testing::Test {
 protected:
  Watched() : scene_(MakeOptions()) { scene_.StartWithTrafficIn({"fra", "sin", "syd"}); }
  static ActingOptions MakeOptions() {
    ActingOptions options{.seed = 4, .requests_per_second = 200};
    options.policy.regions.allowed = {"fra", "sin", "syd"};
    return options;
  }
  void AwaitBoth() {
    ASSERT_TRUE(scene_.RunUntil([&] { return scene_.Serves("sin") && scene_.Serves("syd"); }))
        << scene_.Story();
    scene_.RunFor(absl::Minutes(1));
  }
  void AwaitWatching() {
    scene_.OnlyTrafficIn({"fra", "sin"});
    ASSERT_TRUE(scene_.RunUntil([&] { return IsLeavingNow(scene_, "syd", Intent::Phase::kWatching); }))
        << scene_.Story();
  }
  absl::Duration window() const {
    return scene_.policy().traffic.resolution * scene_.policy().threshold.short_window;
  }
  int CountDestroys() {
    int destroys = 0;
    for (const flysim::WriteRecord& write : scene_.world().writes()) destroys += write.kind == "destroy";
    return destroys;
  }

  ActingScene scene_;
};

TEST_F(Watched, IsDestroyedAfterAWindowWithoutHarm) {
  AwaitBoth();
  AwaitWatching();
  const absl::Time since = scene_.run().now();
  ASSERT_TRUE(scene_.RunUntil([&] { return scene_.MachinesIn("syd").empty(); }));
  EXPECT_GE(scene_.run().now() - since, window() - absl::Seconds(10));
  EXPECT_LE(scene_.run().now() - since, window() + absl::Seconds(30));
}

TEST_F(Watched, IsStoppedOnlyWhenItsRequestsHadTheirTime) {
  AwaitBoth();
  AwaitWatching();
  absl::Time cordoned = absl::InfiniteFuture();
  absl::Time stopped = absl::InfinitePast();
  for (const flysim::WriteRecord& write : scene_.world().writes()) {
    if (write.kind == "cordon") cordoned = write.time;
    if (write.kind == "stop") stopped = write.time;
  }
  EXPECT_GE(stopped - cordoned, scene_.policy().behavior.drain_timeout);
}

TEST_F(Watched, ComesBackWhereTheReceiverFallsIll) {
  AwaitBoth();
  const std::string id = scene_.MachinesIn("syd").front().id;
  AwaitWatching();
  scene_.world().SetChecksPassing(scene_.MachinesIn("sin").front().id, false);
  ASSERT_TRUE(scene_.RunUntil([&] { return scene_.Serves("syd"); }, window())) << scene_.Story();
  EXPECT_EQ(scene_.MachinesIn("syd").front().id, id);
  EXPECT_EQ(CountDestroys(), 0);
  EXPECT_THAT(scene_.judge().crimes(), IsEmpty());
}

TEST_F(Watched, DoesNotBeginAgainWhileTheReceiverIsIll) {
  AwaitBoth();
  scene_.world().SetChecksPassing(scene_.MachinesIn("sin").front().id, false);
  scene_.OnlyTrafficIn({"fra", "sin"});
  scene_.RunFor(absl::Minutes(30), absl::Seconds(5));
  EXPECT_TRUE(scene_.Serves("syd")) << scene_.Story();
  int cordons = 0;
  for (const flysim::WriteRecord& write : scene_.world().writes()) cordons += write.kind == "cordon";
  EXPECT_EQ(cordons, 0) << scene_.Story();
}

TEST_F(Watched, ComesBackWhenItsRegionIsWantedAgain) {
  AwaitBoth();
  const std::string id = scene_.MachinesIn("syd").front().id;
  AwaitWatching();
  PlacementPolicy policy = scene_.policy();
  policy.regions.always_running = {"syd"};
  scene_.Apply(policy);
  ASSERT_TRUE(scene_.RunUntil([&] { return scene_.Serves("syd"); }, absl::Minutes(1))) << scene_.Story();
  EXPECT_EQ(scene_.MachinesIn("syd").front().id, id);
}

TEST_F(Watched, ComesBackWhenTheOthersAreLost) {
  AwaitBoth();
  AwaitWatching();
  scene_.judge().set_floor(0);
  for (const char* region : {"fra", "sin"})
    scene_.world().SetHostStatus(scene_.MachinesIn(region).front().id, "unreachable");
  ASSERT_TRUE(scene_.RunUntil([&] { return scene_.Serves("syd"); }, absl::Minutes(1))) << scene_.Story();
}

TEST(ReceiverWithoutRoom, HoldsAPolicyRemovalOfABusyRegion) {
  ActingOptions options{.seed = 6, .requests_per_second = 400};
  options.policy.regions.allowed = {"fra", "sin"};
  ActingScene scene(options);
  for (const char* region : {"fra", "sin"}) scene.world().SetTrafficFactor(region, 11);
  scene.Start();
  ASSERT_TRUE(scene.RunUntil([&] { return scene.Serves("sin"); })) << scene.Story();
  scene.RunFor(absl::Minutes(6));
  const auto served = scene.world().CountServed(scene.run().now() - absl::Minutes(3), scene.run().now());
  const double sum = served.at("fra").concurrency + served.at("sin").concurrency;
  ASSERT_GT(sum, 0.85 * 25) << "too idle to tell anything";
  PlacementPolicy policy = scene.policy();
  policy.regions.allowed = {"fra"};
  policy.regions.excluded = {"sin"};
  scene.Apply(policy);
  scene.RunFor(absl::Minutes(20), absl::Seconds(5));
  EXPECT_TRUE(scene.Serves("sin")) << scene.Story();
  EXPECT_TRUE(WasRefused(scene, "sin", Reason::kReceiverBusy)) << scene.Story();
}

}  // namespace
}  // namespace placer
