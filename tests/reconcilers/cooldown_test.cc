// Budgets as pure arithmetic: which length a cooldown has, from when it runs, and what leaves it out.
#include <gtest/gtest.h>

#include "reconcilers/placement/budget.h"
#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

struct CooldownCase {
  const char* name;
  Action last;
  bool complete;
  Action next;
  absl::Duration want;  // 20 s after the last action, with 1 m up and 10 m down
};

class CooldownTest : public testing::TestWithParam<CooldownCase> {};

TEST_P(CooldownTest, RunsFromTheEndOfTheLastAttempt) {
  const CooldownCase& c = GetParam();
  const RegionHistory region{.last_action = LastAction{c.last, Noon() - absl::Seconds(20), c.complete}};
  const PlacementPolicy policy = MakePolicy();
  const History history;
  EXPECT_EQ(Budget(policy, history, Noon()).CooldownRemaining(&region, c.next), c.want);
}

constexpr absl::Duration kUp = absl::Seconds(40);
const absl::Duration kDown = absl::Minutes(10) - absl::Seconds(20);

INSTANTIATE_TEST_SUITE_P(
    Cooldown, CooldownTest,
    testing::Values(
        CooldownCase{"LengthFollowsTheNextDirectionUp", Action::kRemove, true, Action::kDeploy, kUp},
        CooldownCase{"LengthFollowsTheNextDirectionDown", Action::kDeploy, true, Action::kRemove, kDown},
        CooldownCase{"TheSameDirectionWaitsToo", Action::kDeploy, true, Action::kDeploy, kUp},
        CooldownCase{"UnfinishedGoesOnAtOnce", Action::kRemove, false, Action::kRemove, absl::ZeroDuration()},
        CooldownCase{"UnfinishedDoesNotHelpTheOtherDirection", Action::kRemove, false, Action::kDeploy, kUp}),
    [](const testing::TestParamInfo<CooldownCase>& info) { return std::string(info.param.name); });

TEST(Cooldown, ARegionWithoutActionsWaitsForNothing) {
  const PlacementPolicy policy = MakePolicy();
  const History history;
  const RegionHistory region;
  const Budget budget(policy, history, Noon());
  EXPECT_EQ(budget.CooldownRemaining(nullptr, Action::kDeploy), absl::ZeroDuration());
  EXPECT_EQ(budget.CooldownRemaining(&region, Action::kDeploy), absl::ZeroDuration());
}

TEST(Cooldown, IsNeverLongerThanConfiguredWhenTheClockWentBack) {
  const PlacementPolicy policy = MakePolicy();
  const History history;
  const Budget budget(policy, history, Noon());
  const RegionHistory soon{.last_action = LastAction{Action::kRemove, Noon() + absl::Seconds(5), true}};
  EXPECT_EQ(budget.CooldownRemaining(&soon, Action::kDeploy), absl::Minutes(1));
}

TEST(Cooldown, AnActionFarAheadOfTheClockHoldsNothing) {
  const PlacementPolicy policy = MakePolicy();
  const History history;
  const Budget budget(policy, history, Noon());
  for (const absl::Time ended : {Noon() + absl::Hours(24 * 365), absl::InfiniteFuture()}) {
    const RegionHistory region{.last_action = LastAction{Action::kDeploy, ended, true}};
    EXPECT_EQ(budget.CooldownRemaining(&region, Action::kDeploy), absl::ZeroDuration());
    EXPECT_EQ(budget.CooldownRemaining(&region, Action::kRemove), absl::ZeroDuration());
  }
}

TEST(Cooldown, RecordedActionsFarAheadOfTheClockUseUpNoBudget) {
  Scenario world;
  world.Acted(Action::kDeploy, -absl::Hours(2), 100).Acted(Action::kRemove, -absl::Hours(2), 100);
  const Budget budget(world.policy, world.history, world.now);
  EXPECT_TRUE(budget.CanAct(Action::kDeploy));
  EXPECT_TRUE(budget.CanAct(Action::kRemove));
  EXPECT_TRUE(budget.CanCreate());
}

TEST(Cooldown, RecordedActionsALittleAheadOfTheClockCount) {
  Scenario world;
  world.Acted(Action::kDeploy, -absl::Seconds(5), 4);
  EXPECT_FALSE(Budget(world.policy, world.history, world.now).CanAct(Action::kDeploy));
}

TEST(Cooldown, HoldsAnAdditionUntilItIsOver) {
  Scenario world;
  world.Requests("fra", 60);
  EXPECT_EQ(ReasonOf(world.LastAction("fra", Action::kRemove, absl::Seconds(59)).Decide(), "fra"),
            "Cooldown");
  EXPECT_EQ(ReasonOf(world.LastAction("fra", Action::kRemove, absl::Seconds(60)).Decide(), "fra"),
            "TrafficAboveThreshold");
}

TEST(Cooldown, DoesNotChangeWhatTheTrafficAskedFor) {
  Scenario world;
  world.Requests("fra", 60).LastAction("fra", Action::kRemove, absl::Seconds(1));
  EXPECT_TRUE(RegionOf(world.Decide(), "fra").placed);
}

TEST(Cooldown, UnfinishedAdditionGoesOnWithoutCooldown) {
  Scenario world;
  world.policy.capacity.per_region_min = 2;
  world.Requests("fra", 60).Machines("fra", 1);
  EXPECT_EQ(ReasonOf(world.LastAction("fra", Action::kDeploy, absl::Seconds(1)).Decide(), "fra"), "Cooldown");
  EXPECT_EQ(ReasonOf(world.LastAction("fra", Action::kDeploy, absl::Seconds(1), false).Decide(), "fra"),
            "BelowPerRegionMin");
}

}  // namespace
}  // namespace placer
