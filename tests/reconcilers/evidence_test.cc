#include "reconcilers/placement/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using testing::HasSubstr;

Grade GradeOf(const Scenario& world) {
  return GradeTraffic(world.policy, world.seen.traffic, world.now);
}

Grade GradeOfRegion(const Scenario& world, const std::string& region) {
  const DemandTable demand = MakeDemand(world.policy, world.seen.traffic, *world.seen.platform, {region});
  return GradeRegion(world.policy, GradeOf(world), demand.regions.find(region)->second, demand.points);
}

TEST(Evidence, AWitnessedWindowIsFresh) {
  Scenario world;
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kFresh);
  EXPECT_EQ(GradeOf(world).message, "");
}

TEST(Evidence, AMissingPointAtTheEndOfTheLongWindowMakesItPartial) {
  Scenario world;
  world.seen.traffic.witnessed[59] = false;
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kPartial);
  EXPECT_EQ(GradeOf(world).message, "1 of 20 data points of the long window are missing");
}

TEST(Evidence, IsRecoveringFromAGapUntilPointsFromAfterItCoverTheLongWindow) {
  for (int since = 1; since < 20; ++since) {
    Scenario world;
    world.seen.traffic.witnessed[59 - since] = false;
    EXPECT_EQ(GradeOf(world).evidence, Evidence::kRecovering) << since;
  }
}

TEST(Evidence, RecoveringSaysHowFarItIs) {
  Scenario world;
  for (int point : {44, 45}) world.seen.traffic.witnessed[point] = false;
  EXPECT_EQ(
      GradeOf(world).message,
      "14 of the 20 data points of the long window have come since data that is missing or not believed");
}

TEST(Evidence, WhereNothingCameBeforeThereWasNoGapToRecoverFrom) {
  Scenario world;
  for (int point = 0; point < 46; ++point) world.seen.traffic.witnessed[point] = false;
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kPartial);
  EXPECT_EQ(GradeOf(world).message, "6 of 20 data points of the long window are missing");
}

TEST(Evidence, AMissingPointBeforeTheLongWindowDoesNotMatter) {
  Scenario world;
  world.seen.traffic.witnessed[39] = false;
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kFresh);
}

TEST(Evidence, AnAnswerShorterThanTheLongWindowIsPartial) {
  Scenario world;
  world.seen.traffic = MakeSilence(19);
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kPartial);
}

TEST(Evidence, AnAnswerThatTheServerCallsPartialIsPartial) {
  Scenario world;
  world.seen.traffic.partial_answer = true;
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kPartial);
}

TEST(Evidence, AMixtureOfValuesAndWitnessedSilenceIsNotPartial) {
  Scenario world;
  world.Requests("fra", PointValues(60));
  world.seen.traffic.regions["fra"][59] = 3.0;
  EXPECT_EQ(GradeOfRegion(world, "fra").evidence, Evidence::kFresh);
}

TEST(Evidence, IsStaleOnceTheNewestPointIsOlderThanMaxAge) {
  Scenario world;
  world.now = world.seen.traffic.end + world.policy.traffic.max_age;
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kFresh);
  world.now += absl::Seconds(1);
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kStale);
}

TEST(Evidence, AgeCountsFromTheNewestWitnessedPoint) {
  Scenario world;
  for (int point : {57, 58, 59}) world.seen.traffic.witnessed[point] = false;
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kStale);
  EXPECT_EQ(GradeOf(world).message, "The newest data point is 3m50s old; maxAge is 3m");
}

TEST(Evidence, IsMissingWhenTheLastQueryFailed) {
  Scenario world;
  world.PrometheusDown();
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kMissing);
  EXPECT_THAT(GradeOf(world).message, HasSubstr("connection refused"));
}

TEST(Evidence, IsMissingBeforeTheFirstAnswer) {
  Scenario world;
  world.seen.traffic = Traffic();
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kMissing);
}

TEST(Evidence, IsMissingWhereNothingIsWitnessedAndSaysThatTheAppRuns) {
  Scenario world;
  world.seen.traffic.witnessed.assign(60, false);
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kMissing);
  EXPECT_THAT(GradeOf(world).message, HasSubstr("unknown, not zero"));
}

TEST(Evidence, IsMissingWhereNotEvenTheAppIsSeenAndAsksForItsName) {
  Scenario world;
  world.seen.traffic.witnessed.assign(60, false);
  world.seen.traffic.instance_up.assign(60, false);
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kMissing);
  EXPECT_THAT(GradeOf(world).message, HasSubstr("check the app's name"));
}

TEST(Evidence, NonsenseInOneRegionLeavesTheOthersFresh) {
  for (const double nonsense :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -1.0}) {
    Scenario world;
    world.Requests("fra", Step(5, nonsense, 1)).Requests("iad", 5);
    EXPECT_EQ(GradeOfRegion(world, "fra").evidence, Evidence::kMissing) << nonsense;
    EXPECT_EQ(GradeOfRegion(world, "iad").evidence, Evidence::kFresh) << nonsense;
  }
}

TEST(Evidence, AnAttributedRegionTakesTheWorstOfItsCodes) {
  Scenario world;
  world.Requests("ams", 5).Requests("lhr", Step(5, std::numeric_limits<double>::quiet_NaN(), 1));
  EXPECT_EQ(GradeOfRegion(world, "ams").evidence, Evidence::kMissing);
}

TEST(Evidence, NonsenseBeforeTheLongWindowDoesNotMatter) {
  Scenario world;
  world.Requests("fra", 5);
  world.seen.traffic.regions["fra"][39] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(GradeOfRegion(world, "fra").evidence, Evidence::kFresh);
}

TEST(Evidence, ZerosThatTheMachinesContradictAreCollapsed) {
  Scenario world;
  world.Requests("fra", Step(30, 0, 10)).seen.traffic.served["fra"] = Level(30);
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kCollapsed);
  EXPECT_EQ(GradeOf(world).message,
            "The edge counts no request of app my-app anywhere, while its machines count that they answer: "
            "the edge "
            "is not believed");
}

TEST(Evidence, ZerosThatWereNotBelievedAreRecoveredFromAsAGapIs) {
  Scenario world;
  world.Requests("fra", Step(30, 0, 10)).seen.traffic.served["fra"] = Level(30);
  for (int i = 57; i < 60; ++i) world.seen.traffic.regions["fra"][i] = 4.0;
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kRecovering);
  EXPECT_THAT(GradeOf(world).message, HasSubstr("3 of the 20"));
  world.Requests("iad", 30);
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kFresh);
  EXPECT_EQ(GradeOfRegion(world, "fra").evidence, Evidence::kRecovering);
  EXPECT_EQ(GradeOfRegion(world, "iad").evidence, Evidence::kFresh);
}

TEST(Evidence, TrafficThatFallsEverywhereAtOnceIsCollapsed) {
  Scenario world;
  for (const char* region : {"fra", "ams", "iad"}) world.Requests(region, Step(30, 1, 3));
  EXPECT_EQ(GradeOf(world).evidence, Evidence::kCollapsed);
  EXPECT_THAT(GradeOf(world).message, HasSubstr("more than 80 % in every region at once"));
}

TEST(Evidence, OneRegionThatItsMachinesContradictIsCollapsedAndTheOthersAreFresh) {
  Scenario world;
  world.Requests("fra", Step(30, 0, 10)).Requests("iad", 30).seen.traffic.served["fra"] = Level(30);
  EXPECT_EQ(GradeOfRegion(world, "fra").evidence, Evidence::kCollapsed);
  EXPECT_THAT(GradeOfRegion(world, "fra").message, HasSubstr("its machines answer as many as before"));
  EXPECT_EQ(GradeOfRegion(world, "iad").evidence, Evidence::kFresh);
}

TEST(Evidence, AStaleAnswerStaysStaleWhateverTheMachinesSay) {
  Scenario world;
  world.Requests("fra", Step(30, 0, 10)).Requests("iad", 30).seen.traffic.served["fra"] = Level(30);
  world.now += absl::Minutes(5);
  EXPECT_EQ(GradeOfRegion(world, "fra").evidence, Evidence::kStale);
}

TEST(Evidence, CollapsedTrafficHoldsARemovalAndTheLastTarget) {
  Scenario world;
  world.Machines("fra", 1).Machines("iad", 1).Requests("iad", 60).Requests("fra", Step(30, 0, 30));
  world.LastTarget("fra", true).seen.traffic.served["fra"] = Level(30);
  EXPECT_EQ(RegionOf(world.Decide(), "fra").action, Action::kNone);
  EXPECT_TRUE(RegionOf(world.Decide(), "fra").placed);
  world.seen.traffic.served.clear();
  EXPECT_EQ(RegionOf(world.Decide(), "fra").action, Action::kRemove);
  EXPECT_FALSE(RegionOf(world.Decide(), "fra").placed);
}

// removal_grade of the newest point of ams, whose own values and those of lhr, which counts to it, are given.
bool IsAmsRemovalGrade(const PointValues& ams, const PointValues& lhr) {
  Scenario world;
  world.Requests("ams", ams).Requests("lhr", lhr);
  return RegionOf(world.Decide(), "ams").removal_grade;
}

TEST(Evidence, RemovalGradeNeedsEachCodeToHaveEveryValueOrNone) {
  const PointValues silent(60);
  PointValues began_late = silent;
  began_late[59] = 1.0;
  EXPECT_TRUE(IsAmsRemovalGrade(Level(1), Level(1)));
  EXPECT_TRUE(IsAmsRemovalGrade(silent, silent));
  EXPECT_TRUE(IsAmsRemovalGrade(Level(1), silent));
  EXPECT_FALSE(IsAmsRemovalGrade(began_late, Level(1)));
  EXPECT_FALSE(IsAmsRemovalGrade(Level(1), began_late));
}

}  // namespace
}  // namespace placer
