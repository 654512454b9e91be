// Properties over generated worlds: 1,000 cases and more each, seeded, the seed in the message.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "api/status_codec.h"
#include "tests/reconcilers/generator.h"

namespace placer {
namespace {

constexpr int kCases = 1000;

TEST(Properties, ASingleBurstInOneDataPointPlacesNothing) {
  for (int seed = 0; seed < kCases; ++seed) {
    Generator generator(seed);
    Scenario world;
    world.policy.threshold = generator.Threshold();
    world.policy.threshold.per = absl::Minutes(1);
    const double burst = std::pow(10, generator.Between(0, 9));
    const int age = generator.Between(0, 40);
    world.Requests("fra", 0);
    world.seen.traffic.regions["fra"][59 - age] = burst;
    if (generator.Chance(0.5)) world.history.decided_point = world.seen.traffic.end - absl::Minutes(50);
    EXPECT_TRUE(world.Decide().plan.actions.empty()) << "seed " << seed;
  }
}

TEST(Properties, ANoiseFreeShiftPlacesWithinTheShortWindow) {
  for (int seed = 0; seed < kCases; ++seed) {
    Generator generator(seed);
    Scenario world;
    world.policy.threshold = generator.Threshold();
    world.policy.threshold.per = absl::Minutes(1);
    ThresholdSpec& spec = world.policy.threshold;
    const double level = spec.deploy * (1.2 + generator.Uniform() * (generator.Chance(0.5) ? 1 : 100));
    bool placed = false;
    for (int points = 1; points <= spec.short_window; ++points) {
      placed = placed || !world.Requests("fra", Step(0, level, points)).Decide().plan.actions.empty();
    }
    EXPECT_TRUE(placed) << "seed " << seed << " short " << spec.short_window << " long " << spec.long_window;
  }
}

// What a decision comes to, without the numbers that scaling changes.
std::string OutcomeOf(const ReconcileResult& result) {
  std::string outcome;
  for (const std::string& action : ActionsOf(result)) absl::StrAppend(&outcome, action, "\n");
  for (const RegionDecision& region : result.decision.regions) {
    absl::StrAppend(&outcome, region.region, " ", ToString(region.reason), " ", ToString(region.verdict), " ",
                    region.placed, " ", region.target, " ", ToString(region.evidence), "\n");
  }
  return outcome;
}

TEST(Properties, ScalingTrafficAndBothThresholdsByAPowerOfTwoChangesNothing) {
  for (int seed = 0; seed < kCases; ++seed) {
    Generator generator(seed);
    Scenario world = generator.World();
    const std::string before = OutcomeOf(world.Decide());
    const double factor = std::exp2(generator.Between(-20, 20));
    world.policy.threshold.deploy *= factor;
    world.policy.threshold.remove *= factor;
    for (auto& [code, values] : world.seen.traffic.regions) {
      for (PointValue& value : values) {
        if (value) *value *= factor;
      }
    }
    EXPECT_EQ(OutcomeOf(world.Decide()), before) << "seed " << seed << " factor " << factor;
  }
}

TEST(Properties, ScalingPerWithItsThresholdsByAPowerOfTwoChangesNothing) {
  for (int seed = 0; seed < kCases; ++seed) {
    Generator generator(seed);
    Scenario world = generator.World();
    const std::string before = OutcomeOf(world.Decide());
    const int factor = 1 << generator.Between(1, 8);
    world.policy.threshold.per *= factor;
    world.policy.threshold.deploy *= factor;
    world.policy.threshold.remove *= factor;
    EXPECT_EQ(OutcomeOf(world.Decide()), before) << "seed " << seed << " factor " << factor;
  }
}

// Everything that a result says, numbers and sentences included.
std::string Everything(const ReconcileResult& result) {
  std::string text = FormatDecisionJson(result.decision);
  for (const PlannedAction& action : result.plan.actions) {
    absl::StrAppend(&text, "\n", static_cast<int>(action.kind), action.region, action.machine_id,
                    ToString(action.reason), action.needs_additions);
  }
  for (const auto& [code, region] : result.history.regions) {
    absl::StrAppend(&text, "\n", code, region.placed ? (*region.placed ? "+" : "-") : "?", region.machines);
  }
  return absl::StrCat(text, absl::FormatTime(result.history.decided_point),
                      absl::FormatDuration(result.requeue_after));
}

TEST(Properties, EqualInputsGiveEqualResults) {
  for (int seed = 0; seed < kCases; ++seed) {
    EXPECT_EQ(Everything(Generator(seed).World().Decide()), Everything(Generator(seed).World().Decide()))
        << "seed " << seed;
  }
}

TEST(Properties, TheOrderOfRegionListsChangesNothing) {
  for (int seed = 0; seed < kCases; ++seed) {
    Generator generator(seed);
    Scenario world = generator.World();
    const std::string before = Everything(world.Decide());
    generator.Shuffle(world.policy.regions.allowed);
    generator.Shuffle(world.policy.regions.excluded);
    generator.Shuffle(world.policy.regions.always_running);
    EXPECT_EQ(Everything(world.Decide()), before) << "seed " << seed;
  }
}

TEST(Properties, TheOrderOfMachinesChangesNothing) {
  for (int seed = 0; seed < kCases; ++seed) {
    Generator generator(seed);
    Scenario world = generator.World();
    const std::string before = Everything(world.Decide());
    generator.Shuffle(world.seen.machines);
    EXPECT_EQ(Everything(world.Decide()), before) << "seed " << seed;
  }
}

TEST(Properties, ARepeatedPassDecidesTheSame) {
  for (int seed = 0; seed < kCases; ++seed) {
    Scenario world = Generator(seed).World();
    const ReconcileResult first = world.Decide();
    world.history = first.history;
    EXPECT_EQ(Everything(world.Decide()), Everything(first)) << "seed " << seed;
  }
}

// The machines that a plan leads to, if all goes well.
struct After {
  int total = 0;
  std::map<std::string, int> by_region;
  std::set<std::string> removed;
  int added = 0;
};

After Apply(const Scenario& world, const Plan& plan) {
  After after;
  for (const PlannedAction& action : plan.actions) {
    if (action.kind == PlannedAction::Kind::kRemove) after.removed.insert(action.machine_id);
    if (action.kind == PlannedAction::Kind::kCreate) {
      ++after.added;
      ++after.total;
      ++after.by_region[action.region];
    }
  }
  for (const Machine& machine : world.seen.machines) {
    if (!Exists(machine) || after.removed.contains(machine.id)) continue;
    const bool ours = machine.process_group == world.policy.process_group && IsServiceMachine(machine);
    after.total += ours || machine.process_group.empty();
    if (ours) ++after.by_region[machine.region];
  }
  return after;
}

int CountTotal(const Scenario& world) {
  return Apply(world, Plan()).total;
}

TEST(Properties, CeilingsHold) {
  for (int seed = 0; seed < 5 * kCases; ++seed) {
    const Scenario world = Generator(seed).World();
    const CapacitySpec& capacity = world.policy.capacity;
    const ReconcileResult result = world.Decide();
    const After after = Apply(world, result.plan);
    if (CountTotal(world) > capacity.total_max) {
      EXPECT_EQ(after.added, 0) << "seed " << seed;
    } else {
      EXPECT_LE(after.total, capacity.total_max) << "seed " << seed;
    }
    if (capacity.per_region_max) {
      for (const PlannedAction& action : result.plan.actions) {
        if (action.kind != PlannedAction::Kind::kCreate) continue;
        EXPECT_LE(after.by_region.at(action.region), *capacity.per_region_max) << "seed " << seed;
      }
    }
    const int created = static_cast<int>(std::count_if(
        world.history.actions.begin(), world.history.actions.end(), [&](const ActionRecord& record) {
          return record.action == Action::kDeploy && record.time > world.now - absl::Hours(1);
        }));
    EXPECT_LE(after.added, std::max(0, capacity.max_creates_per_hour - created)) << "seed " << seed;
    const auto& down = world.policy.behavior.scale_down;
    if (down.max_actions)
      EXPECT_LE(static_cast<int>(after.removed.size()), *down.max_actions) << "seed " << seed;
  }
}

TEST(Properties, NoMachineIsWorkedOnTwice) {
  for (int seed = 0; seed < 5 * kCases; ++seed) {
    std::set<std::string> ids;
    for (const PlannedAction& action : Generator(seed).World().Decide().plan.actions) {
      const bool is_new = action.machine_id.empty() || ids.insert(action.machine_id).second;
      EXPECT_TRUE(is_new) << "seed " << seed << " " << action.machine_id;
    }
  }
}

TEST(Properties, AHealthyMachineIsLeftAndOnlyOursGo) {
  for (int seed = 0; seed < 5 * kCases; ++seed) {
    const Scenario world = Generator(seed).World();
    const After after = Apply(world, world.Decide().plan);
    int healthy = 0;
    for (const Machine& machine : world.seen.machines) {
      if (!after.removed.contains(machine.id)) {
        healthy += IsHealthy(machine) && machine.process_group == "app" && IsServiceMachine(machine);
        continue;
      }
      EXPECT_EQ(machine.process_group, "app") << "seed " << seed;
      EXPECT_TRUE(IsServiceMachine(machine) && Exists(machine)) << "seed " << seed;
      EXPECT_NE(machine.id, world.seen.self.machine_id) << "seed " << seed;
      EXPECT_TRUE(world.policy.adopt == Adopt::kAll || IsMadeBy(machine, world.policy.name))
          << "seed " << seed;
    }
    if (!after.removed.empty()) EXPECT_GE(healthy, 1) << "seed " << seed;
  }
}

TEST(Properties, FloorsHold) {
  for (int seed = 0; seed < 5 * kCases; ++seed) {
    const Scenario world = Generator(seed).World();
    const ReconcileResult result = world.Decide();
    const After before = Apply(world, Plan());
    const After after = Apply(world, result.plan);
    const int left = after.total - after.added;
    if (!after.removed.empty()) EXPECT_GE(left, world.policy.capacity.total_min) << "seed " << seed;
    std::vector<std::string> kept = world.policy.regions.always_running;
    kept.push_back(world.seen.primary_region);
    for (const std::string& region : kept) {
      const auto& excluded = world.policy.regions.excluded;
      if (std::find(excluded.begin(), excluded.end(), region) != excluded.end()) continue;
      const auto found = before.by_region.find(region);
      const int had = found == before.by_region.end() ? 0 : found->second;
      EXPECT_GE(after.by_region.contains(region) ? after.by_region.at(region) : 0,
                std::min(had, world.policy.capacity.per_region_min))
          << "seed " << seed << " " << region;
    }
  }
}

TEST(Properties, TrafficTakesAwayOnlyOnFreshEvidence) {
  int removals = 0;
  for (int seed = 0; seed < 5 * kCases; ++seed) {
    const Scenario world = Generator(seed).World();
    const ReconcileResult result = world.Decide();
    for (const PlannedAction& action : result.plan.actions) {
      if (action.reason != Reason::kTrafficBelowThreshold && action.reason != Reason::kSwappedOut) continue;
      ++removals;
      const RegionDecision region = RegionOf(result, action.region);
      EXPECT_EQ(region.evidence, Evidence::kFresh) << "seed " << seed;
      EXPECT_EQ(region.cooldown_remaining, absl::ZeroDuration()) << "seed " << seed;
      if (action.reason == Reason::kSwappedOut) continue;
      EXPECT_TRUE(region.removal_grade) << "seed " << seed;
      EXPECT_EQ(region.verdict, Verdict::kLeave) << "seed " << seed;
    }
  }
  EXPECT_GT(removals, 100);  // the generator reaches what is tested
}

}  // namespace
}  // namespace placer
