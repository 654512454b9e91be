#include "reconcilers/placement/threshold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using Values = PointValues;

// What one region says at the newest of `values`. All points are witnessed but those in `missing`.
Assessment AssessValues(const ThresholdSpec& spec, const Values& values,
                        const std::vector<int>& missing = {}) {
  Scenario world;
  world.policy.threshold = spec;
  world.policy.threshold.per = absl::Minutes(1);
  world.seen.traffic = MakeSilence(static_cast<int>(values.size()));
  for (const int point : missing) world.seen.traffic.witnessed[point] = false;
  world.Requests("fra", values);
  const DemandTable demand = MakeDemand(world.policy, world.seen.traffic, *world.seen.platform, {});
  return Assess(world.policy.threshold, demand.regions.find("fra")->second,
                static_cast<int>(values.size()) - 1);
}

ThresholdSpec Windows(int short_window, int long_window) {
  ThresholdSpec spec;
  spec.short_window = short_window;
  spec.long_window = long_window;
  return spec;
}

TEST(Threshold, AveragesWeighTheNewestPointMost) {
  ThresholdSpec spec = Windows(2, 3);
  spec.alpha_short = 0.5;
  spec.alpha_long = 0.2;
  const Assessment traffic = AssessValues(spec, {1.0, 2.0, 4.0});
  EXPECT_DOUBLE_EQ(*traffic.short_average, (4 * 1 + 2 * 0.5) / 1.5);
  EXPECT_DOUBLE_EQ(*traffic.long_average, (4 * 1 + 2 * 0.8 + 1 * 0.64) / (1 + 0.8 + 0.64));
}

TEST(Threshold, WithAlphaZeroAnAverageIsThePlainMean) {
  ThresholdSpec spec = Windows(2, 4);
  spec.alpha_short = spec.alpha_long = 0;
  const Assessment traffic = AssessValues(spec, {1.0, 2.0, 3.0, 6.0});
  EXPECT_DOUBLE_EQ(*traffic.short_average, 4.5);
  EXPECT_DOUBLE_EQ(*traffic.long_average, 3);
}

TEST(Threshold, PointsBeforeTheWindowDoNotCount) {
  const Assessment traffic = AssessValues(Windows(2, 3), {1000.0, 7.0, 7.0, 7.0});
  EXPECT_DOUBLE_EQ(*traffic.long_average, 7);
}

TEST(Threshold, AMissingPointIsLeftOutOfAnAverageAndKeepsTheOthersWeights) {
  ThresholdSpec spec = Windows(3, 3);
  spec.alpha_short = 0.5;
  const Assessment traffic = AssessValues(spec, {8.0, {}, 2.0}, {1});
  EXPECT_DOUBLE_EQ(*traffic.short_average, (2 * 1 + 8 * 0.25) / 1.25);
}

TEST(Threshold, WithoutACoveredPointThereIsNoAverage) {
  const Assessment traffic = AssessValues(Windows(2, 3), {{}, {}, {}}, {0, 1, 2});
  EXPECT_FALSE(traffic.short_average.has_value());
  EXPECT_FALSE(traffic.long_average.has_value());
  EXPECT_EQ(traffic.verdict, Verdict::kKeep);
}

TEST(Threshold, AWindowBeforeTheGridSaysKeep) {
  const RegionDemand nothing;
  EXPECT_EQ(Assess(ThresholdSpec(), nothing, -1).verdict, Verdict::kKeep);
}

struct VolatilityCase {
  const char* name;
  Values values;
  double want;
};

class VolatilityTest : public testing::TestWithParam<VolatilityCase> {};

TEST_P(VolatilityTest, IsTheRobustNoiseOfNeighboursOverTheMean) {
  const Values& values = GetParam().values;
  EXPECT_NEAR(AssessValues(Windows(2, static_cast<int>(values.size())), values).volatility, GetParam().want,
              1e-12);
}

const double kNoise = 1.4826 / std::sqrt(2.0);

INSTANTIATE_TEST_SUITE_P(
    Threshold, VolatilityTest,
    testing::Values(VolatilityCase{"SteadyTrafficHasNone", {30.0, 30.0, 30.0}, 0},
                    VolatilityCase{"SilenceHasNone", {{}, {}, {}}, 0},
                    VolatilityCase{"ZeroMeanHasNone", {0.0, 0.0, 0.0}, 0},
                    // Differences 1, 3, 5: the median is 3.
                    VolatilityCase{"AnOddMedianIsTheMiddle", {20.0, 21.0, 18.0, 23.0}, kNoise * 3 / 20.5},
                    // Differences 1, 3, 5, 9: the median is 4.
                    VolatilityCase{"AnEvenMedianIsTheMeanOfTheMiddleTwo",
                                   {20.0, 21.0, 18.0, 23.0, 14.0},
                                   kNoise * 4 / 19.2},
                    VolatilityCase{"ALevelShiftIsNotNoise", {10.0, 10.0, 10.0, 90.0, 90.0, 90.0}, 0},
                    VolatilityCase{"OfTwoDifferencesNothingIsKnown", {0.0, 90.0, 90.0}, 0},
                    VolatilityCase{"ItIsAtMostOne", {0.0, 100.0, 0.0, 100.0}, 1}),
    [](const testing::TestParamInfo<VolatilityCase>& info) { return std::string(info.param.name); });

TEST(Threshold, VolatilityTakesDifferencesOfAdjacentPresentPointsOnly) {
  // Without the missing point 2: differences 2, 4 and 6 of neighbours; 20 to 60 are no neighbours.
  const Assessment traffic = AssessValues(Windows(2, 6), {18.0, 20.0, {}, 60.0, 64.0, 70.0}, {2});
  EXPECT_NEAR(traffic.volatility, kNoise * 4 / ((18 + 20 + 60 + 64 + 70) / 5.0), 1e-12);
}

TEST(Threshold, NoiseWidensTheBandOnBothSides) {
  const Assessment traffic = AssessValues(Windows(2, 4), {20.0, 21.0, 18.0, 23.0});
  EXPECT_DOUBLE_EQ(traffic.up, 50 * (1 + traffic.volatility));
  EXPECT_DOUBLE_EQ(traffic.down, 10 / (1 + traffic.volatility));
  EXPECT_GT(traffic.volatility, 0.1);
}

struct VerdictCase {
  const char* name;
  Values values;  // short window 5, long window 20, deploy 50, remove 10
  std::vector<int> missing;
  Verdict want;
};

class VerdictTest : public testing::TestWithParam<VerdictCase> {};

TEST_P(VerdictTest, FollowsTheRules) {
  EXPECT_EQ(AssessValues(ThresholdSpec(), GetParam().values, GetParam().missing).verdict, GetParam().want);
}

Values WithGap(Values values, std::vector<int> gaps) {
  for (const int gap : gaps) values[gap] = std::nullopt;
  return values;
}

Values SilenceThen(double value, int count) {
  Values values(20);
  for (int i = 20 - count; i < 20; ++i) values[i] = value;
  return values;
}

INSTANTIATE_TEST_SUITE_P(
    Threshold, VerdictTest,
    testing::Values(
        VerdictCase{"PlacesExactlyAtDeploy", Level(50, 20), {}, Verdict::kPlace},
        VerdictCase{"KeepsJustBelowDeploy", Level(49.99, 20), {}, Verdict::kKeep},
        VerdictCase{"LeavesExactlyAtRemove", Level(10, 20), {}, Verdict::kLeave},
        VerdictCase{"KeepsJustAboveRemove", Level(10.01, 20), {}, Verdict::kKeep},
        VerdictCase{"ABurstInOnePointPlacesNothing", Step(0, 100000, 1, 20), {}, Verdict::kKeep},
        VerdictCase{"TwoOfFivePointsAreNotMoreThanHalf", Step(0, 100000, 2, 20), {}, Verdict::kKeep},
        VerdictCase{"ThreeOfFivePointsAre", Step(0, 100000, 3, 20), {}, Verdict::kPlace},
        VerdictCase{"ThreePointsPlaceOnlyIfTheAverageIsHighToo", Step(0, 51, 3, 20), {}, Verdict::kKeep},
        VerdictCase{"ALowShortWindowAfterHighTrafficKeeps", Step(60, 0, 5, 20), {}, Verdict::kKeep},
        VerdictCase{"AHighShortWindowNeverLeaves", Step(0, 14, 5, 20), {}, Verdict::kKeep},
        VerdictCase{"PlacesWithAnUncoveredLongWindow", Level(60, 5), {}, Verdict::kPlace},
        VerdictCase{
            "AShortWindowThatIsNotCoveredPlacesNothing", WithGap(Level(60, 20), {17}), {17}, Verdict::kKeep},
        VerdictCase{
            "ALongWindowThatIsNotCoveredLeavesNothing", WithGap(Level(0, 20), {3}), {3}, Verdict::kKeep},
        VerdictCase{"SilenceThatIsNotWitnessedThroughoutLeavesNothing", Values(20), {3}, Verdict::kKeep},
        VerdictCase{"TooFewPointsLeaveNothing", Level(0, 19), {}, Verdict::kKeep},
        VerdictCase{"WitnessedSilenceLeaves", Values(20), {}, Verdict::kLeave},
        VerdictCase{"AMixtureOfValuesAndSilenceNeverLeaves", SilenceThen(0, 1), {}, Verdict::kKeep},
        VerdictCase{"AMixtureOfValuesAndSilenceMayPlace", SilenceThen(60, 5), {}, Verdict::kPlace}),
    [](const testing::TestParamInfo<VerdictCase>& info) { return std::string(info.param.name); });

TEST(Threshold, HalfOfAnEvenShortWindowIsNotMoreThanHalf) {
  EXPECT_EQ(AssessValues(Windows(4, 20), Step(0, 1000, 2, 20)).verdict, Verdict::kKeep);
  EXPECT_EQ(AssessValues(Windows(4, 20), Step(0, 1000, 3, 20)).verdict, Verdict::kPlace);
}

TEST(Threshold, NoiseRaisesWhatPlaces) {
  Values noisy = Level(56, 20);
  for (int i = 0; i < 20; i += 2) noisy[i] = 64.0;  // mean 60, volatility 0.14
  EXPECT_EQ(AssessValues(ThresholdSpec(), noisy).verdict, Verdict::kPlace);
  for (int i = 0; i < 20; ++i) *noisy[i] += i % 2 == 0 ? 26 : -26;  // mean 60, volatility 1
  EXPECT_EQ(AssessValues(ThresholdSpec(), noisy).verdict, Verdict::kKeep);
}

TEST(Threshold, NoiseLowersWhatLeaves) {
  Values noisy = Level(4, 20);
  for (int i = 0; i < 20; i += 2) noisy[i] = 14.0;  // mean 9
  EXPECT_EQ(AssessValues(ThresholdSpec(), Level(9, 20)).verdict, Verdict::kLeave);
  EXPECT_EQ(AssessValues(ThresholdSpec(), noisy).verdict, Verdict::kKeep);
}

// The verdict of `values` at their newest point, held for the stabilization windows of `policy`.
Verdict StableVerdictOf(const PlacementPolicy& policy, const Values& values) {
  Scenario world;
  world.policy = policy;
  world.seen.traffic = MakeSilence(static_cast<int>(values.size()));
  world.Requests("fra", values);
  const DemandTable demand = MakeDemand(world.policy, world.seen.traffic, *world.seen.platform, {});
  const RegionDemand& fra = demand.regions.find("fra")->second;
  const int end = static_cast<int>(values.size()) - 1;
  const auto verdict_at = [&](int point) { return Assess(policy.threshold, fra, point).verdict; };
  return ComputeStableVerdict(policy, end, verdict_at(end), verdict_at);
}

TEST(Threshold, LeaveMustHoldAtEveryPointOfTheStabilizationWindow) {
  // The long window is covered from the 20th point on: 24 points hold five verdicts, as five minutes need.
  EXPECT_EQ(StableVerdictOf(MakePolicy(), Level(0, 23)), Verdict::kKeep);
  EXPECT_EQ(StableVerdictOf(MakePolicy(), Level(0, 24)), Verdict::kLeave);
}

TEST(Threshold, PlaceMustHoldAtEveryPointOfTheStabilizationWindowOfScaleUp) {
  PlacementPolicy policy = MakePolicy();
  policy.behavior.scale_up.stabilization_window = absl::Minutes(3);
  EXPECT_EQ(StableVerdictOf(policy, Level(60, 6)), Verdict::kKeep);
  EXPECT_EQ(StableVerdictOf(policy, Level(60, 7)), Verdict::kPlace);
}

TEST(Threshold, WithoutAStabilizationWindowTheNewestVerdictCounts) {
  PlacementPolicy policy = MakePolicy();
  policy.behavior.scale_down.stabilization_window = absl::ZeroDuration();
  EXPECT_EQ(StableVerdictOf(policy, Level(0, 20)), Verdict::kLeave);
}

TEST(Threshold, AStabilizationWindowSpansEveryPointThatItTouches) {
  EXPECT_EQ(CountStabilizationPoints(absl::ZeroDuration(), absl::Minutes(1)), 1);
  EXPECT_EQ(CountStabilizationPoints(absl::Minutes(1), absl::Minutes(1)), 1);
  EXPECT_EQ(CountStabilizationPoints(absl::Seconds(61), absl::Minutes(1)), 2);
  EXPECT_EQ(CountStabilizationPoints(absl::Minutes(5), absl::Minutes(1)), 5);
}

}  // namespace
}  // namespace placer
