#include "reconcilers/placement/doubt.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

constexpr int kNewest = 59;

// Three regions of `before`, and `after` in the newest `points`.
Scenario Fallen(double before, double after, int points) {
  Scenario world;
  for (const char* region : {"fra", "ams", "iad"}) world.Requests(region, Step(before, after, points));
  return world;
}

bool Collapsed(const Scenario& world, int end = kNewest) {
  return IsCollapsed(world.policy, world.seen.traffic, end);
}

TEST(Collapse, HoldsForTwoShortWindowsFromTheFirstPointOn) {
  for (int points = 1; points <= 10; ++points) EXPECT_TRUE(Collapsed(Fallen(30, 0, points))) << points;
  for (int points = 11; points <= 40; ++points) EXPECT_FALSE(Collapsed(Fallen(30, 0, points))) << points;
}

TEST(Collapse, HoldsNoLongerThanALongWindow) {
  Scenario world = Fallen(30, 0, 6);
  world.policy.threshold.long_window = 5;
  EXPECT_FALSE(Collapsed(world));
  world.policy.threshold.long_window = 6;
  EXPECT_TRUE(Collapsed(world));
}

TEST(Collapse, IsMoreThanFourFifths) {
  EXPECT_FALSE(Collapsed(Fallen(30, 6, 4)));
  EXPECT_TRUE(Collapsed(Fallen(30, 5.9, 4)));
}

TEST(Collapse, TwoRegionsMayFallSilentTogether) {
  Scenario world = Fallen(30, 0, 4);
  world.seen.traffic.regions.erase("iad");
  EXPECT_FALSE(Collapsed(world));
}

TEST(Collapse, ARegionWithoutTrafficIsNotAmongTheThree) {
  Scenario world = Fallen(30, 0, 4);
  world.Requests("iad", 0);
  EXPECT_FALSE(Collapsed(world));
}

TEST(Collapse, OneRegionThatKeepsItsTrafficShowsThatTheMeasuringWorks) {
  EXPECT_FALSE(Collapsed(Fallen(30, 0, 4).Requests("nrt", 3)));
}

TEST(Collapse, TheEndOfABurstIsNone) {
  for (int burst = 1; burst <= 2; ++burst) {
    for (int ago = 0; ago < 10; ++ago) {
      Scenario world = Fallen(3, 3, 1);
      for (auto& [region, values] : world.seen.traffic.regions) {
        for (int i = 0; i < burst; ++i) values[kNewest - ago - i] = 1000.0;
      }
      EXPECT_FALSE(Collapsed(world)) << burst << " points, " << ago << " ago";
    }
  }
}

TEST(Collapse, ADipOfOnePointIsForgottenOnceTheNextPointsAreThere) {
  Scenario world = Fallen(30, 30, 1);
  for (auto& [region, values] : world.seen.traffic.regions) values[kNewest - 1] = 1.0;
  EXPECT_TRUE(Collapsed(world, kNewest - 1));
  EXPECT_FALSE(Collapsed(world));
}

TEST(Collapse, RegionsThatFallOneAfterTheOtherAreNone) {
  Scenario world;
  world.Requests("fra", Step(30, 0, 12)).Requests("ams", Step(30, 0, 6)).Requests("iad", Step(30, 0, 1));
  for (int end = 0; end <= kNewest; ++end) EXPECT_FALSE(Collapsed(world, end)) << end;
}

TEST(Collapse, AnAppThatIsDownHasNoTrafficForAReason) {
  Scenario at_the_fall = Fallen(30, 0, 4);
  at_the_fall.seen.traffic.instance_up[56] = false;
  EXPECT_FALSE(Collapsed(at_the_fall));
  Scenario now = Fallen(30, 0, 4);
  now.seen.traffic.instance_up[kNewest] = false;
  EXPECT_FALSE(Collapsed(now));
}

TEST(Collapse, SeriesThatVanishAtOnceAreOne) {
  Scenario world = Fallen(30, 0, 4);
  for (auto& [region, values] : world.seen.traffic.regions) {
    for (int i = 56; i <= kNewest; ++i) values[i].reset();
  }
  EXPECT_TRUE(Collapsed(world));
}

TEST(Collapse, OnlyPointsWithALiveWitnessLetItExpire) {
  Scenario world = Fallen(30, 0, 12);
  for (int point : {53, 54}) world.seen.traffic.witnessed[point] = false;
  EXPECT_TRUE(Collapsed(world));
}

TEST(Collapse, ABlindMomentIsNone) {
  Scenario world = Fallen(30, 0, 4);
  for (int point = 56; point <= kNewest; ++point) world.seen.traffic.witnessed[point] = false;
  EXPECT_FALSE(Collapsed(world));
}

TEST(Collapse, TheFirstPointsOfAGridCompareWithNothing) {
  for (int end = -1; end < 5; ++end) EXPECT_FALSE(Collapsed(Fallen(30, 0, 57), end)) << end;
  EXPECT_FALSE(IsCollapsed(MakePolicy(), Traffic(), -1));
}

std::optional<int> ContradictionOf(const Scenario& world) {
  return FindContradiction(world.policy, world.seen.traffic, kNewest);
}
bool Contradicted(const Scenario& world) {
  return ContradictionOf(world) == kNewest;
}

// The edge of fra counts nothing in the newest `points`, its machines `served` throughout.
Scenario Frozen(int points, double served = 30) {
  Scenario world;
  world.Requests("fra", Step(30, 0, points)).seen.traffic.served["fra"] = Level(served);
  return world;
}

TEST(Contradiction, HoldsFromAShortWindowOnForAsLongAsItLasts) {
  for (int points = 0; points < 5; ++points) EXPECT_FALSE(Contradicted(Frozen(points))) << points;
  for (int points = 5; points <= 60; ++points) EXPECT_TRUE(Contradicted(Frozen(points))) << points;
}

TEST(Contradiction, OnceTheEdgeCountsAgainItStaysInTheLongWindow) {
  for (int since = 1; since < 20; ++since) {
    Scenario world = Frozen(since + 8);
    for (int i = 0; i < since; ++i) world.seen.traffic.regions["fra"][kNewest - i] = 30.0;
    EXPECT_EQ(ContradictionOf(world), kNewest - since);
  }
  Scenario over = Frozen(28);
  for (int i = 0; i < 20; ++i) over.seen.traffic.regions["fra"][kNewest - i] = 30.0;
  EXPECT_EQ(ContradictionOf(over), std::nullopt);
}

TEST(Contradiction, OneRequestAmidTheSilenceChangesNothing) {
  Scenario world = Frozen(20);
  world.seen.traffic.regions["fra"][kNewest - 7] = 1.0;
  EXPECT_TRUE(Contradicted(world));
}

TEST(Contradiction, MachinesThatAnswerNoMoreThanARemovalAllowsContradictNothing) {
  EXPECT_FALSE(Contradicted(Frozen(20, 10)));
  EXPECT_TRUE(Contradicted(Frozen(20, 10.5)));
}

TEST(Contradiction, MachinesOfAllRegionsCountTogether) {
  Scenario world = Frozen(20, 6);
  world.seen.traffic.served["iad"] = Level(6);
  EXPECT_TRUE(Contradicted(world));
}

TEST(Contradiction, ServedRequestsAreScaledAsTrafficIs) {
  Scenario world = Frozen(20, 3);
  EXPECT_FALSE(Contradicted(world));
  world.policy.threshold.per = absl::Minutes(5);
  EXPECT_TRUE(Contradicted(world));
}

TEST(Contradiction, WithoutTheMachinesWordThereIsNone) {
  Scenario world = Frozen(20);
  world.seen.traffic.served["fra"] = PointValues(60);
  EXPECT_FALSE(Contradicted(world));
  world.seen.traffic.served["fra"] = Level(std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(Contradicted(world));
  world.seen.traffic.served.clear();
  EXPECT_FALSE(Contradicted(world));
}

TEST(Contradiction, TrueSilenceHasNone) {
  Scenario world = Frozen(20);
  world.seen.traffic.served["fra"] = Step(30, 0, 20);
  EXPECT_FALSE(Contradicted(world));
}

TEST(Contradiction, BlindnessIsNone) {
  Scenario world = Frozen(20);
  for (int point = 41; point <= kNewest; ++point) world.seen.traffic.witnessed[point] = false;
  EXPECT_EQ(ContradictionOf(world), std::nullopt);
}

TEST(Contradiction, SeriesThatTheProxiesDroppedContradictAsZerosDo) {
  Scenario world = Frozen(20);
  world.seen.traffic.regions.clear();
  EXPECT_TRUE(Contradicted(world));
}

TEST(Contradiction, OtherSourcesCountSomethingElse) {
  for (const TrafficSource source : {TrafficSource::kQuery, TrafficSource::kEdgeTcp}) {
    Scenario world = Frozen(20);
    world.policy.traffic.source = source;
    EXPECT_FALSE(Contradicted(world));
  }
}

bool FraContradicted(const Scenario& world) {
  const DemandTable demand = MakeDemand(world.policy, world.seen.traffic, *world.seen.platform, {"fra"});
  return FindContradiction(world.policy, demand.regions.find("fra")->second, kNewest) == kNewest;
}

TEST(ContradictionOfARegion, HoldsWhereItsEdgesFellSilentAndItsMachinesDidNot) {
  for (int points = 0; points < 5; ++points) EXPECT_FALSE(FraContradicted(Frozen(points))) << points;
  for (int points = 5; points < 60; ++points) EXPECT_TRUE(FraContradicted(Frozen(points))) << points;
}

TEST(ContradictionOfARegion, OnceItsEdgesCountAgainItStaysInTheLongWindow) {
  Scenario world = Frozen(10);
  for (int i = 0; i < 3; ++i) world.seen.traffic.regions["fra"][kNewest - i] = 30.0;
  const DemandTable demand = MakeDemand(world.policy, world.seen.traffic, *world.seen.platform, {"fra"});
  EXPECT_EQ(FindContradiction(world.policy, demand.regions.find("fra")->second, kNewest), kNewest - 3);
}

TEST(ContradictionOfARegion, OneThatNeverHadTrafficServesOthers) {
  EXPECT_FALSE(FraContradicted(Frozen(60)));
}

TEST(ContradictionOfARegion, MachinesThatLostWhatTheEdgesLostServeOthers) {
  Scenario world = Frozen(20);
  world.seen.traffic.served["fra"] = Step(50, 20, 20);
  EXPECT_FALSE(FraContradicted(world));
}

TEST(ContradictionOfARegion, MachinesThatLostLessThanHalfOfItContradict) {
  Scenario world = Frozen(20);
  world.seen.traffic.served["fra"] = Step(30, 16, 20);
  EXPECT_TRUE(FraContradicted(world));
  world.seen.traffic.served["fra"] = Step(30, 15, 20);
  EXPECT_FALSE(FraContradicted(world));
}

TEST(ContradictionOfARegion, MachinesThatAnswerNoMoreThanARemovalAllowsContradictNothing) {
  EXPECT_FALSE(FraContradicted(Frozen(20, 10)));
  EXPECT_TRUE(FraContradicted(Frozen(20, 10.5)));
}

TEST(ContradictionOfARegion, WithoutTheMachinesWordThereIsNone) {
  Scenario world = Frozen(20);
  world.seen.traffic.served = {{"iad", Level(30)}};
  EXPECT_FALSE(FraContradicted(world));
}

TEST(ContradictionOfARegion, OtherSourcesCountSomethingElse) {
  Scenario world = Frozen(20);
  world.policy.traffic.source = TrafficSource::kQuery;
  EXPECT_FALSE(FraContradicted(world));
}

}  // namespace
}  // namespace placer
