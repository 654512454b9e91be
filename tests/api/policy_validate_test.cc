#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/policy_text.h"

namespace placer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct BoundCase {
  const char* name;
  const char* lines;  // added to the spec from line 6 on
  const char* want;   // "" if accepted; else the one diagnostic's field and a part of its message
  const char* part = "";
};

class PolicyBound : public ::testing::TestWithParam<BoundCase> {};

TEST_P(PolicyBound, HoldsExactly) {
  const ParsedPolicies parsed = ParseWithSpec(GetParam().lines);
  if (std::string(GetParam().want).empty()) {
    EXPECT_EQ(Show(parsed), "");
    EXPECT_THAT(parsed.policies, SizeIs(1));
    return;
  }
  ASSERT_THAT(parsed.diagnostics, SizeIs(1)) << Show(parsed);
  EXPECT_EQ(parsed.diagnostics[0].field, GetParam().want);
  EXPECT_THAT(parsed.diagnostics[0].message, HasSubstr(GetParam().part));
  EXPECT_GE(parsed.diagnostics[0].line, 6);
  EXPECT_THAT(parsed.policies, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Traffic, PolicyBound,
    ::testing::Values(
        BoundCase{"IntervalOfOneSecond", "  interval: 1s\n", ""},
        BoundCase{"IntervalBelowOneSecond", "  interval: 999ms\n", "spec.interval", "use 1s to 720h"},
        BoundCase{"IntervalOfTheResolution", "  interval: 1m\n", ""},
        BoundCase{"IntervalAboveTheResolution", "  interval: 61s\n  traffic: {maxAge: 1h}\n", "spec.interval",
                  "1m1s is longer than traffic.resolution (1m)"},
        BoundCase{"ResolutionOfNothing", "  traffic: {resolution: 0s}\n", "spec.traffic.resolution",
                  "1s to 24h"},
        BoundCase{"ResolutionNotWhole", "  traffic: {resolution: 20500ms}\n", "spec.traffic.resolution",
                  "20s500ms is not a whole number of seconds"},
        BoundCase{"MaxAgeOfTheSum", "  traffic: {maxAge: 2m}\n", ""},
        BoundCase{"MaxAgeBelowTheSum", "  traffic: {maxAge: 119s}\n", "spec.traffic.maxAge",
                  "use at least 2m"},
        BoundCase{"DelayOfThirtyDays", "  traffic: {delay: 720h, maxAge: 720h}\n", "spec.traffic.maxAge"},
        BoundCase{"DelayAboveThirtyDays", "  traffic: {delay: 721h}\n", "spec.traffic.delay", "0s to 720h"},
        BoundCase{"QueryWithEdge", "  traffic: {query: up}\n", "spec.traffic.query",
                  "is given with source Edge"},
        BoundCase{"QueryMissing", "  traffic: {source: Query}\n", "spec.traffic.query",
                  "is empty; with source Query"},
        BoundCase{"QueryBlank", "  traffic: {source: Query, query: '  '}\n", "spec.traffic.query",
                  "is empty"},
        BoundCase{"QueryGiven", "  traffic: {source: Query, query: up}\n", ""}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Threshold, PolicyBound,
    ::testing::Values(
        BoundCase{"RemoveJustBelowDeploy", "  threshold: {deploy: 50, remove: 49.999}\n", ""},
        BoundCase{"RemoveOfDeploy", "  threshold: {deploy: 50, remove: 50}\n", "spec.threshold.remove",
                  "50 is not below deploy (50); use a number below 50"},
        BoundCase{"RemoveAboveDefaultDeploy", "  threshold: {remove: 60}\n", "spec.threshold.remove",
                  "60 is not below deploy (50)"},
        BoundCase{"RemoveNegative", "  threshold: {remove: -1}\n", "spec.threshold.remove",
                  "-1 is out of range"},
        BoundCase{"DeployOfNothing", "  threshold: {deploy: 0, remove: 0}\n", "spec.threshold.deploy",
                  "above 0"},
        BoundCase{"PerOfNothing", "  threshold: {per: 0s}\n", "spec.threshold.per"},
        BoundCase{"ShortWindowOfTwo", "  threshold: {shortWindow: 2}\n", ""},
        BoundCase{"ShortWindowOfOne", "  threshold: {shortWindow: 1}\n", "spec.threshold.shortWindow",
                  "use 2 to"},
        BoundCase{"ShortWindowOfTheLongOne", "  threshold: {shortWindow: 20}\n", ""},
        BoundCase{"ShortWindowAboveTheLongOne", "  threshold: {shortWindow: 21}\n",
                  "spec.threshold.shortWindow", "21 is above longWindow (20); use 2 to 20"},
        BoundCase{"LongWindowOfADay", "  threshold: {longWindow: 1440}\n", ""},
        BoundCase{"LongWindowAboveADay", "  threshold: {longWindow: 1441}\n", "spec.threshold.longWindow"},
        BoundCase{"AlphaOfNothing", "  threshold: {alphaShort: 0, alphaLong: 0}\n", ""},
        BoundCase{"AlphaShortOfOne", "  threshold: {alphaShort: 1}\n", "spec.threshold.alphaShort",
                  "less than 1"},
        BoundCase{"AlphaLongNegative", "  threshold: {alphaLong: -0.1}\n", "spec.threshold.alphaLong"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Capacity, PolicyBound,
    ::testing::Values(
        BoundCase{"PerRegionMinOfNothing", "  capacity: {perRegion: {min: 0}}\n",
                  "spec.capacity.perRegion.min"},
        BoundCase{"PerRegionMinOfMax", "  capacity: {perRegion: {min: 3, max: 3}}\n", ""},
        BoundCase{"PerRegionMinAboveMax", "  capacity: {perRegion: {min: 4, max: 3}}\n",
                  "spec.capacity.perRegion.min", "4 is above max (3)"},
        BoundCase{"TotalMinAboveMax", "  capacity: {total: {min: 21}}\n", "spec.capacity.total.min",
                  "21 is above max (20)"},
        BoundCase{"TotalMaxOfTenThousand", "  capacity: {total: {max: 10000}}\n", ""},
        BoundCase{"TotalMaxAboveTenThousand", "  capacity: {total: {max: 10001}}\n",
                  "spec.capacity.total.max"},
        BoundCase{
            "FloorsOfTheCeiling",
            "  capacity: {perRegion: {min: 10}, total: {max: 20}}\n  regions: {alwaysRunning: [fra, iad]}\n",
            ""},
        BoundCase{
            "FloorsAboveTheCeiling",
            "  capacity: {perRegion: {min: 11}, total: {max: 20}}\n  regions: {alwaysRunning: [fra, iad]}\n",
            "spec.capacity.total.max", "need 22"},
        BoundCase{"OneRegionAboveTheCeiling", "  capacity: {perRegion: {min: 21}, total: {max: 20}}\n",
                  "spec.capacity.total.max", "need 21"},
        BoundCase{"CreatesNegative", "  capacity: {maxCreatesPerHour: -1}\n",
                  "spec.capacity.maxCreatesPerHour"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Behavior, PolicyBound,
    ::testing::Values(BoundCase{"NoLimitOfActions", "  behavior: {scaleDown: {maxActions: null}}\n", ""},
                      BoundCase{"ActionsNegative", "  behavior: {scaleDown: {maxActions: -1}}\n",
                                "spec.behavior.scaleDown.maxActions"},
                      BoundCase{"PerOfNothing", "  behavior: {scaleUp: {per: 0s}}\n",
                                "spec.behavior.scaleUp.per"},
                      BoundCase{"CooldownOfThirtyDays", "  behavior: {scaleUp: {cooldown: 720h}}\n", ""},
                      BoundCase{"CooldownAboveThirtyDays", "  behavior: {scaleUp: {cooldown: 720h1s}}\n",
                                "spec.behavior.scaleUp.cooldown"},
                      BoundCase{"WindowBeyondWhatPrometheusAnswers",
                                "  behavior: {scaleDown: {stabilizationWindow: 200h}}\n",
                                "spec.behavior.scaleDown.stabilizationWindow", "10000 data points"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Regions, PolicyBound,
    ::testing::Values(
        BoundCase{"AlwaysRunningOutsideAllowed", "  regions: {allowed: [fra], alwaysRunning: [iad]}\n", ""},
        BoundCase{"ExcludedAndAlwaysRunning", "  regions: {excluded: [fra], alwaysRunning: [iad, fra]}\n",
                  "spec.regions.alwaysRunning", "\"fra\" is also in regions.excluded"},
        BoundCase{"ExcludedAndAllowed", "  regions: {excluded: [fra], allowed: [iad, fra]}\n",
                  "spec.regions.allowed", "\"fra\" is also in regions.excluded"},
        BoundCase{"ListedTwice", "  regions: {allowed: [fra, iad, fra]}\n", "spec.regions.allowed",
                  "\"fra\" is listed twice, first in line 6"},
        BoundCase{"UpperCase", "  regions: {allowed: [FRA]}\n", "spec.regions.allowed",
                  "\"FRA\" is not a region code; use three lower-case letters (did you mean fra?)"},
        BoundCase{"NameOfTheCity", "  regions: {allowed: [frankfurt]}\n", "spec.regions.allowed",
                  "did you mean fra?"}),
    [](const auto& info) { return info.param.name; });

TEST(PolicyNames, NameMustBeADnsLabel) {
  for (const std::string& name : {std::string("Web"), std::string("a.b"), std::string("-a"),
                                  std::string("a-"), std::string(64, 'a'), std::string("ä")}) {
    const ParsedPolicies parsed = Parse(absl::StrReplaceAll(kSmallest, {{"web", name}}));
    ASSERT_THAT(parsed.diagnostics, SizeIs(1)) << name;
    EXPECT_EQ(parsed.diagnostics[0].field, "metadata.name");
  }
}

TEST(PolicyNames, SixtyThreeBytesAreEnoughForAName) {
  EXPECT_EQ(Show(Parse(absl::StrReplaceAll(kSmallest, {{"web", std::string(63, 'a')}}))), "");
}

TEST(PolicyNames, AppMustBeANameOfAFlyApp) {
  const ParsedPolicies parsed = Parse(absl::StrReplaceAll(kSmallest, {{"my-app", "My App"}}));
  ASSERT_THAT(parsed.diagnostics, SizeIs(1));
  EXPECT_EQ(parsed.diagnostics[0].field, "spec.app");
}

// The platform's regions, as if it had answered.
PolicyContext PlatformThatHas(const std::vector<std::string>& codes) {
  PolicyContext context;
  context.platform.from_platform = true;
  for (const std::string& code : codes) context.platform.regions[code].code = code;
  return context;
}

std::string WithAllowed(const std::string& code) {
  return absl::StrCat(kSmallest, "  regions: {allowed: [", code, "]}\n");
}

TEST(PolicyRegions, EmbeddedTableAloneOnlyWarns) {
  const ParsedPolicies parsed = Parse(WithAllowed("sfo"));
  EXPECT_EQ(
      Show(parsed),
      "p.yaml:6:23: warning: spec.regions.allowed: \"sfo\" is not a region of Fly (did you mean sjc?)\n");
  EXPECT_THAT(parsed.policies, SizeIs(1));
}

TEST(PolicyRegions, PlatformThatAnsweredRejects) {
  const ParsedPolicies parsed = Parse(WithAllowed("sfo"), PlatformThatHas({"sjc", "fra"}));
  EXPECT_EQ(Show(parsed),
            "p.yaml:6:23: error: spec.regions.allowed: \"sfo\" is not a region of Fly (did you mean sjc?)\n");
  EXPECT_THAT(parsed.policies, IsEmpty());
}

TEST(PolicyRegions, RegionThatOnlyThePlatformKnowsIsFine) {
  EXPECT_EQ(Show(Parse(WithAllowed("zzz"), PlatformThatHas({"zzz"}))), "");
}

TEST(PolicyRegions, RetiredRegionIsAWarningWhereItWouldHost) {
  EXPECT_THAT(Show(Parse(WithAllowed("atl"))), HasSubstr("warning: spec.regions.allowed: \"atl\" (Atlanta"));
}

TEST(PolicyRegions, RetiredRegionMayBeExcludedSilently) {
  EXPECT_EQ(Show(ParseWithSpec("  regions: {excluded: [atl]}\n")), "");
}

}  // namespace
}  // namespace placer
