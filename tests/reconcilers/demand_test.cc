#include "reconcilers/placement/demand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using testing::DoubleEq;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

DemandTable DemandOf(const Scenario& world) {
  return MakeDemand(world.policy, world.seen.traffic, *world.seen.platform, {});
}

TEST(Demand, TrafficOfARegionThatMayNotHostCountsToTheNearestThatMay) {
  Scenario world;
  world.Requests("lhr", 7).Requests("ams", 10);
  const DemandTable demand = DemandOf(world);
  EXPECT_THAT(demand.regions.find("ams")->second.requests, Each(DoubleEq(17)));
}

TEST(Demand, ARegionNamesTheCodesThatCountToIt) {
  Scenario world;
  world.Requests("lhr", 7).Requests("cdg", 7).Requests("ams", 10);
  EXPECT_THAT(DemandOf(world).regions.find("ams")->second.attributed, ElementsAre("cdg", "lhr"));
}

TEST(Demand, AClosedRegionStillShowsItsOwnTraffic) {
  Scenario world;
  world.Requests("lhr", 7);
  EXPECT_THAT(DemandOf(world).regions.find("lhr")->second.requests, Each(DoubleEq(7)));
}

TEST(Demand, TrafficOfARegionThatMayHostStaysThere) {
  Scenario world;
  world.Requests("fra", 7);
  EXPECT_THAT(DemandOf(world).served_by, IsEmpty());
}

TEST(Demand, NearestFollowsMeasuredRoundTripTimes) {
  Scenario world;
  world.Requests("lhr", 7);
  world.EditPlatform().rtt_ms[{"lhr", "iad"}] = 0.5;
  EXPECT_THAT(DemandOf(world).served_by, ElementsAre(Pair("lhr", "iad")));
}

TEST(Demand, EquallyNearRegionsAreChosenByCode) {
  Scenario world;
  world.Requests("lhr", 7);
  for (const char* host : {"ams", "fra", "iad"}) world.EditPlatform().rtt_ms[{"lhr", host}] = 5;
  EXPECT_THAT(DemandOf(world).served_by, ElementsAre(Pair("lhr", "ams")));
}

TEST(Demand, AttributionNoneCountsOnlyARegionsOwnTraffic) {
  Scenario world;
  world.policy.threshold.attribution = Attribution::kNone;
  world.Requests("lhr", 7).Requests("ams", 10);
  EXPECT_THAT(DemandOf(world).regions.find("ams")->second.requests, Each(DoubleEq(10)));
}

TEST(Demand, ACodeWithoutCoordinatesIsUnattributed) {
  Scenario world;
  world.Requests("zzz", 7);
  EXPECT_THAT(DemandOf(world).unattributed, ElementsAre(Pair("zzz", DoubleEq(7))));
}

TEST(Demand, NonsenseOfAnUnattributedCodeIsNotPassedOn) {
  Scenario world;
  world.Requests("zzz", std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(DemandOf(world).unattributed, ElementsAre(Pair("zzz", DoubleEq(0))));
}

TEST(Demand, AnExcludedRegionReceivesNoTrafficOfOthers) {
  Scenario world;
  world.policy.regions = {.excluded = {"lhr"}};
  world.Requests("lhr", 7);
  EXPECT_THAT(DemandOf(world).served_by, ElementsAre(Pair("lhr", "cdg")));
}

TEST(Demand, ARetiredRegionReceivesNoTrafficOfOthers) {
  Scenario world;
  world.policy.regions = {};
  world.Requests("mad", 7);
  EXPECT_THAT(DemandOf(world).served_by, ElementsAre(Pair("mad", "cdg")));
}

struct ScaleCase {
  absl::Duration per;
  absl::Duration resolution;
  double want;  // for 6 requests in a data point
};

TEST(Demand, RequestsOfAPointAreScaledToPer) {
  for (const ScaleCase& c :
       {ScaleCase{absl::Minutes(5), absl::Minutes(1), 30}, ScaleCase{absl::Minutes(1), absl::Minutes(1), 6},
        ScaleCase{absl::Seconds(5), absl::Seconds(15), 2},
        ScaleCase{absl::Hours(1), absl::Seconds(30), 720}}) {
    Scenario world;
    world.policy.threshold.per = c.per;
    world.seen.traffic.resolution = c.resolution;
    world.Requests("fra", 6);
    EXPECT_THAT(DemandOf(world).regions.find("fra")->second.requests, Each(DoubleEq(c.want)))
        << c.per << " " << c.resolution;
  }
}

std::vector<int> CoveredPoints(const RegionDemand& demand) {
  std::vector<int> points;
  for (std::size_t i = 0; i + 1 < demand.covered.size(); ++i)
    points.push_back(demand.covered[i + 1] - demand.covered[i]);
  return points;
}

TEST(Demand, AbsentAndWitnessedIsCoveredAndZero) {
  Scenario world;
  world.seen.traffic = MakeSilence(3);
  world.Requests("fra", {{}, 5.0, {}});
  const RegionDemand fra = DemandOf(world).regions.find("fra")->second;
  EXPECT_THAT(fra.requests, ElementsAre(0, 5, 0));
  EXPECT_THAT(CoveredPoints(fra), ElementsAre(1, 1, 1));
}

TEST(Demand, AbsentAndNotWitnessedIsMissing) {
  Scenario world;
  world.seen.traffic = MakeSilence(3);
  world.seen.traffic.witnessed[1] = false;
  world.Requests("fra", {5.0, {}, 5.0});
  EXPECT_THAT(CoveredPoints(DemandOf(world).regions.find("fra")->second), ElementsAre(1, 0, 1));
}

TEST(Demand, NonsenseOfAnAttributedCodeUncoversThePoint) {
  for (const double nonsense :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1e308,
        -std::numeric_limits<double>::infinity(), -1.0}) {
    Scenario world;
    world.seen.traffic = MakeSilence(2);
    world.Requests("ams", {5.0, 5.0}).Requests("lhr", {5.0, nonsense});
    const RegionDemand ams = DemandOf(world).regions.find("ams")->second;
    EXPECT_THAT(CoveredPoints(ams), ElementsAre(1, 0)) << nonsense;
    EXPECT_THAT(ams.requests, ElementsAre(10, 5)) << nonsense;
  }
}

struct HostingCase {
  const char* name;
  const char* region;
  RegionsSpec regions;
  bool platform_answered = false;
  bool flat = false;
  Hosting want;
};

class HostingTest : public testing::TestWithParam<HostingCase> {};

TEST_P(HostingTest, FollowsTheLists) {
  const HostingCase& c = GetParam();
  PlacementPolicy policy = MakePolicy();
  policy.regions = c.regions;
  policy.from_flat_config = c.flat;
  Platform platform{.regions = EmbeddedRegions(), .from_platform = c.platform_answered};
  EXPECT_EQ(ComputeHosting(policy, platform, c.region), c.want);
}

INSTANTIATE_TEST_SUITE_P(
    Demand, HostingTest,
    testing::Values(
        HostingCase{"AnyActiveRegionByDefault", "fra", {}, false, false, Hosting::kMayHost},
        HostingCase{"ARetiredRegionMayNot", "mad", {}, false, false, Hosting::kNotAllowed},
        HostingCase{"AnUnknownCodeMayNot", "zzz", {}, false, false, Hosting::kNotAllowed},
        HostingCase{"AnAllowedRegionMay", "fra", {.allowed = {"fra"}}, false, false, Hosting::kMayHost},
        HostingCase{"OnlyAllowedRegionsMay", "ams", {.allowed = {"fra"}}, false, false, Hosting::kNotAllowed},
        HostingCase{"TheEmbeddedTableAloneNeverRejects",
                    "zzz",
                    {.allowed = {"zzz"}},
                    false,
                    false,
                    Hosting::kMayHost},
        HostingCase{"ThePlatformRejects", "zzz", {.allowed = {"zzz"}}, true, false, Hosting::kNotOnPlatform},
        HostingCase{
            "AnExcludedRegionNeverMay", "fra", {.excluded = {"fra"}}, false, false, Hosting::kExcluded},
        HostingCase{"ExcludedIsNamedEvenWhereThePlatformLacksIt",
                    "zzz",
                    {.excluded = {"zzz"}},
                    true,
                    false,
                    Hosting::kExcluded},
        HostingCase{"AlwaysRunningMayOutsideAllowed",
                    "iad",
                    {.allowed = {"fra"}, .always_running = {"iad"}},
                    false,
                    false,
                    Hosting::kMayHost},
        HostingCase{
            "AlwaysRunningMayBeRetired", "mad", {.always_running = {"mad"}}, false, false, Hosting::kMayHost},
        HostingCase{"ExcludedWinsInAFlatConfig",
                    "fra",
                    {.excluded = {"fra"}, .always_running = {"fra"}},
                    false,
                    true,
                    Hosting::kExcluded}),
    [](const testing::TestParamInfo<HostingCase>& info) { return std::string(info.param.name); });

TEST(Demand, TheAnswerNeverDependsOnTheOrderOfLists) {
  Scenario world;
  world.Requests("lhr", 7).Requests("yyz", 3);
  const auto before = DemandOf(world).served_by;
  std::reverse(world.policy.regions.allowed.begin(), world.policy.regions.allowed.end());
  EXPECT_EQ(DemandOf(world).served_by, before);
  EXPECT_THAT(before, UnorderedElementsAre(Pair("lhr", "ams"), Pair("yyz", "iad")));
}

}  // namespace
}  // namespace placer
