// The same seed is the same run, and a restart loses nothing that a decision needs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/status_codec.h"
#include "tests/simulation/scene.h"

namespace placer {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

SceneOptions BusyScene() {
  SceneOptions options{.seed = 11, .latency = absl::Seconds(2), .policy = MakePolicy()};
  options.policy.adopt = Adopt::kAll;
  return options;
}

std::string DecisionsOf(const SceneOptions& options, absl::Duration life) {
  std::string decisions;
  Scene scene(options);
  scene.on_pass = [&](const PassRecord& record) {
    absl::StrAppend(&decisions, FormatDecisionJson(record.decision), "\n");
  };
  scene.run().RunFor(life);
  return decisions;
}

TEST(Determinism, EqualRunsGiveEqualDecisionsByteForByte) {
  const std::string first = DecisionsOf(BusyScene(), absl::Hours(1));
  EXPECT_GT(first.size(), 100'000u);
  EXPECT_TRUE(first == DecisionsOf(BusyScene(), absl::Hours(1)));
}

TEST(Determinism, AnotherSeedIsAnotherRun) {
  SceneOptions other = BusyScene();
  other.seed = 12;
  EXPECT_FALSE(DecisionsOf(BusyScene(), absl::Minutes(10)) == DecisionsOf(other, absl::Minutes(10)));
}

class Restart : public ::testing::Test {
 protected:
  // Runs until some region is in its cooldown.
  void RunUntilCooldown() {
    const absl::Time limit = scene_.run().now() + absl::Hours(3);
    while (scene_.trace().deploys == 0 && scene_.run().now() < limit) scene_.run().RunFor(absl::Seconds(15));
    ASSERT_GT(scene_.trace().deploys, 0);
    scene_.run().RunFor(absl::Seconds(15));
  }
  std::map<std::string, absl::Time> CooldownEnds() {
    std::map<std::string, absl::Time> ends;
    const Decision decision = scene_.run().StatusOf().last_decision;
    for (const RegionDecision& region : decision.regions) {
      if (region.cooldown_remaining > absl::ZeroDuration())
        ends[region.region] = decision.time + region.cooldown_remaining;
    }
    return ends;
  }
  void RestartAtOnce(bool kill) {
    if (kill) {
      scene_.run().Kill();
    } else {
      scene_.run().Stop();
    }
    scene_.Start();
  }

  Scene scene_{{.seed = 1, .policy = MakePolicy()}};
};

TEST_F(Restart, KeepsCooldowns) {
  RunUntilCooldown();
  const std::map<std::string, absl::Time> before = CooldownEnds();
  EXPECT_THAT(before, Not(IsEmpty()));
  RestartAtOnce(/*kill=*/false);
  EXPECT_EQ(CooldownEnds(), before);
}

TEST_F(Restart, KeepsTheShadow) {
  RunUntilCooldown();
  const Placement before = scene_.run().StatusOf().shadow;
  EXPECT_NE(before, scene_.run().StatusOf().observed);
  RestartAtOnce(/*kill=*/false);
  EXPECT_EQ(scene_.run().StatusOf().shadow, before);
}

TEST_F(Restart, AKillKeepsBothToo) {
  RunUntilCooldown();
  const Placement shadow = scene_.run().StatusOf().shadow;
  const std::map<std::string, absl::Time> cooldowns = CooldownEnds();
  RestartAtOnce(/*kill=*/true);
  EXPECT_EQ(scene_.run().StatusOf().shadow, shadow);
  EXPECT_EQ(CooldownEnds(), cooldowns);
}

TEST_F(Restart, AChangeOfThePlatformDuringTheDowntimeShowsThrough) {
  RunUntilCooldown();
  scene_.run().Stop();
  scene_.world().AddMachine("jnb", "started");
  scene_.Start();
  EXPECT_TRUE(scene_.run().StatusOf().observed.contains("jnb"));
  EXPECT_TRUE(scene_.run().StatusOf().shadow.contains("jnb"));
}

}  // namespace
}  // namespace placer
