// What is decided depends on data points, not on how often, when or in which process somebody looked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <utility>
#include <vector>

#include "tests/simulation/scene.h"

namespace placer {
namespace {

using ::testing::IsEmpty;

struct Variant {
  std::string name;
  absl::Duration interval = absl::Seconds(15);
  absl::Duration latency;
  absl::Duration trigger_gap;  // in the mean; zero: no triggers
  absl::Duration restart_gap;  // likewise
};

std::vector<Variant> Variants() {
  return {
      {.name = "every 5 s", .interval = absl::Seconds(5)},
      {.name = "every 60 s", .interval = absl::Seconds(60)},
      {.name = "slow calls", .latency = absl::Seconds(3)},
      {.name = "triggers", .trigger_gap = absl::Seconds(40)},
      {.name = "restarts", .restart_gap = absl::Minutes(7)},
      {.name = "everything",
       .interval = absl::Seconds(50),
       .latency = absl::Seconds(3),
       .trigger_gap = absl::Minutes(2),
       .restart_gap = absl::Minutes(5)},
  };
}

struct PolicyCase {
  std::string name;
  PlacementPolicy policy;
};

std::vector<PolicyCase> Policies() {
  std::vector<PolicyCase> cases = {{"Defaults", MakePolicy()}};
  cases.push_back({"AdoptsAll", MakePolicy()});
  cases.back().policy.adopt = Adopt::kAll;
  cases.push_back({"FewPlaces", MakePolicy()});
  cases.back().policy.adopt = Adopt::kAll;
  cases.back().policy.capacity.total_max = 3;
  cases.push_back({"Attributed", MakePolicy()});
  cases.back().policy.adopt = Adopt::kAll;
  cases.back().policy.regions = {
      .allowed = {"ams", "iad", "nrt", "syd", "gru"}, .excluded = {}, .always_running = {"lhr"}};
  cases.push_back({"StableUp", MakePolicy()});
  cases.back().policy.adopt = Adopt::kAll;
  cases.back().policy.behavior.scale_up.stabilization_window = absl::Minutes(3);
  cases.back().policy.behavior.scale_down.cooldown = absl::Minutes(3);
  cases.push_back({"LongStabilization", MakePolicy()});  // reaches further back than three long windows
  cases.back().policy.adopt = Adopt::kAll;
  cases.back().policy.threshold.short_window = 3;
  cases.back().policy.threshold.long_window = 5;
  cases.back().policy.behavior.scale_down.stabilization_window = absl::Minutes(40);
  return cases;
}

// Lives through `life` as the variant says.
void Live(Scene& scene, const Variant& variant, std::uint64_t seed, absl::Duration life) {
  std::mt19937_64 random(seed);
  const auto draw = [&](absl::Duration mean) {
    if (mean == absl::ZeroDuration()) return absl::InfiniteFuture();
    return scene.run().now() + mean * std::exponential_distribution<double>()(random);
  };
  const absl::Time end = scene.run().now() + life;
  absl::Time trigger = draw(variant.trigger_gap);
  absl::Time restart = draw(variant.restart_gap);
  while (scene.run().now() < end) {
    scene.run().RunUntil(std::min({trigger, restart, end}));
    if (scene.run().now() >= trigger) {
      scene.run().time().Start(scene.run().controller().Trigger(scene.policy().name));
      trigger = draw(variant.trigger_gap);
    }
    if (scene.run().now() >= restart) {
      const absl::Time down_at = scene.run().now();
      const absl::Duration pause =
          scene.policy().traffic.resolution * std::uniform_real_distribution<double>(0, 0.99)(random);
      if (random() % 2 == 0) {
        scene.run().Kill();
      } else {
        scene.run().Stop();
      }
      scene.run().RunUntil(std::max(scene.run().now(), down_at + pause));
      scene.Start();
      restart = draw(variant.restart_gap);
    }
  }
}

// The flips of each region, as each data point's passes stored them.
using Flips = std::map<std::pair<absl::Time, std::string>, std::vector<absl::Time>>;

Trace RunVariant(SceneOptions options, const Variant& variant, absl::Duration life, Flips* flips = nullptr) {
  options.policy.interval = variant.interval;
  options.controller_seed = options.seed * 1000 + variant.name.size();
  options.latency = variant.latency;
  Scene scene(options);
  scene.on_pass = [&](const PassRecord& record) {
    if (flips == nullptr || record.state.history.decided_point != record.decision.data_point) return;
    for (const auto& [region, stored] : record.state.history.regions) {
      (*flips)[{record.decision.data_point, region}] = stored.flips;
    }
  };
  Live(scene, variant, options.controller_seed, life);
  return scene.trace();
}

void ExpectInvariance(const SceneOptions& options, absl::Duration life) {
  const Trace reference = RunVariant(options, {.name = "every 15 s"}, life);
  EXPECT_THAT(reference.contradictions, IsEmpty());
  EXPECT_GT(reference.deploys, 2);  // something happens
  for (const Variant& variant : Variants()) {
    const Trace trace = RunVariant(options, variant, life);
    const Comparison comparison = Compare(reference, trace);
    EXPECT_THAT(trace.contradictions, IsEmpty()) << variant.name << ", seed " << options.seed;
    EXPECT_THAT(comparison.differences, IsEmpty()) << variant.name << ", seed " << options.seed;
    EXPECT_GT(comparison.compared, 100);
    std::cout << variant.name << ", seed " << options.seed << ": " << trace.passes << " passes, "
              << comparison.compared << " compared, " << trace.changes << " changes of target, "
              << trace.deploys << " deploys, " << trace.removals << " removals, " << comparison.around_actions
              << " differ around an action\n";
  }
}

class Invariance : public ::testing::TestWithParam<PolicyCase> {};

TEST_P(Invariance, InTheWorldVerdictsAndLastTargetsDoNotDependOnIntervalTriggersOrRestarts) {
  ExpectInvariance({.seed = 1, .policy = GetParam().policy}, absl::Minutes(100));
}

TEST_P(Invariance, OnBadDataVerdictsAndLastTargetsDoNotDependOnIntervalTriggersOrRestarts) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    ExpectInvariance({.synthetic = true, .seed = seed, .policy = GetParam().policy}, absl::Hours(4));
  }
}

INSTANTIATE_TEST_SUITE_P(Policies, Invariance, ::testing::ValuesIn(Policies()),
                         [](const auto& given) { return given.param.name; });

TEST(InvarianceOfFlips, TurnsAreNotedAlikeWhoeverLooksAndHoweverOften) {
  SceneOptions options{.synthetic = true, .seed = 4, .policy = MakePolicy()};
  options.policy.adopt = Adopt::kAll;
  options.policy.behavior.scale_down.stabilization_window = absl::ZeroDuration();
  options.policy.threshold.short_window = 3;
  options.policy.threshold.long_window = 10;
  Flips reference;
  RunVariant(options, {.name = "every 15 s"}, absl::Hours(4), &reference);
  for (const Variant& variant : Variants()) {
    Flips flips;
    RunVariant(options, variant, absl::Hours(4), &flips);
    int turned = 0;
    for (const auto& [at, noted] : reference) {
      const auto other = flips.find(at);
      if (other == flips.end()) continue;
      EXPECT_EQ(other->second, noted) << variant.name << ", " << at.second << " at " << at.first;
      turned += noted.empty() ? 0 : 1;
    }
    EXPECT_GT(turned, 20) << variant.name;
  }
}

TEST(InvarianceOfInterval, APassEachSecondDecidesAsAPassEachMinute) {
  const Variant often{.name = "every 1 s", .interval = absl::Seconds(1)};
  const Variant seldom{.name = "every 60 s", .interval = absl::Seconds(60)};
  const SceneOptions options{.seed = 3, .policy = MakePolicy()};
  const Trace a = RunVariant(options, often, absl::Hours(1));
  const Trace b = RunVariant(options, seldom, absl::Hours(1));
  EXPECT_THAT(a.contradictions, IsEmpty());
  EXPECT_THAT(Compare(a, b).differences, IsEmpty());
  EXPECT_GT(a.passes, 3600);
}

}  // namespace
}  // namespace placer
