#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/policy_text.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kFlat[] = R"(dry_run: true
cooldown_period: 300
short_term_window: 4
long_term_window: 15
alpha_short: 0.4
alpha_long: 0.2
traffic_threshold: 60
deployment_threshold: 12
allowed_regions:
  - fra
  - sfo
excluded_regions: [nrt]
always_running_regions: [iad]
)";

ParsedPolicies ParseFlat(const std::string& text, const std::string& app = "my-app") {
  PolicyContext context;
  context.default_app = app;
  return ParsePolicies(text, "config.yml", context);
}

PlacementPolicy FlatPolicy(const std::string& text, const std::string& app = "my-app") {
  const ParsedPolicies parsed = ParseFlat(text, app);
  EXPECT_THAT(parsed.policies, SizeIs(1)) << Show(parsed);
  return parsed.policies.empty() ? PlacementPolicy{} : parsed.policies[0];
}

TEST(FlatConfig, ElevenKeysArrive) {
  const PlacementPolicy policy = FlatPolicy(kFlat);
  EXPECT_TRUE(policy.from_flat_config);
  EXPECT_EQ(policy.mode, Mode::kDryRun);
  EXPECT_EQ(policy.behavior.scale_up.cooldown, absl::Minutes(5));
  EXPECT_EQ(policy.behavior.scale_down.cooldown, absl::Minutes(5));
  EXPECT_EQ(policy.threshold.short_window, 4);
  EXPECT_EQ(policy.threshold.long_window, 15);
  EXPECT_EQ(policy.threshold.alpha_short, 0.4);
  EXPECT_EQ(policy.threshold.alpha_long, 0.2);
  EXPECT_EQ(policy.threshold.deploy, 60);
  EXPECT_EQ(policy.threshold.remove, 12);
  EXPECT_THAT(policy.regions.allowed, ElementsAre("fra", "sfo"));
  EXPECT_THAT(policy.regions.excluded, ElementsAre("nrt"));
  EXPECT_THAT(policy.regions.always_running, ElementsAre("iad"));
}

TEST(FlatConfig, ImpliesTheRulesOfTheProofOfConcept) {
  const PlacementPolicy policy = FlatPolicy(kFlat);
  EXPECT_EQ(policy.threshold.attribution, Attribution::kNone);
  EXPECT_EQ(policy.threshold.per, absl::Minutes(5));
  EXPECT_EQ(policy.adopt, Adopt::kAll);
  EXPECT_EQ(policy.behavior.scale_up.stabilization_window, absl::ZeroDuration());
  EXPECT_EQ(policy.behavior.scale_down.stabilization_window, absl::ZeroDuration());
  EXPECT_EQ(policy.behavior.scale_up.max_actions, std::nullopt);
  EXPECT_EQ(policy.behavior.scale_down.max_actions, std::nullopt);
}

TEST(FlatConfig, UnknownRegionIsAWarningEvenIfThePlatformAnswered) {
  PolicyContext context;
  context.platform.from_platform = true;
  context.platform.regions = EmbeddedRegions();
  context.default_app = "my-app";
  const ParsedPolicies parsed = ParsePolicies(kFlat, "config.yml", context);
  EXPECT_EQ(
      Show(parsed),
      "config.yml:11:5: warning: allowed_regions: \"sfo\" is not a region of Fly (did you mean sjc?)\n");
  EXPECT_THAT(parsed.policies, SizeIs(1));
}

TEST(FlatConfig, MissingKeysHaveOurDefaults) {
  const PlacementPolicy policy = FlatPolicy("excluded_regions: []\n");
  EXPECT_EQ(policy.mode, Mode::kDryRun);
  EXPECT_EQ(policy.behavior.scale_up.cooldown, absl::Minutes(1));
  EXPECT_EQ(policy.behavior.scale_down.cooldown, absl::Minutes(10));
  EXPECT_EQ(policy.threshold.deploy, 50);
  EXPECT_EQ(policy.threshold.remove, 10);
}

TEST(FlatConfig, IsNamedAfterItsApp) {
  EXPECT_EQ(FlatPolicy(kFlat).name, "my-app");
  EXPECT_EQ(FlatPolicy(kFlat).app, "my-app");
}

TEST(FlatConfig, DryRunWithoutAnAppIsTheDemo) {
  EXPECT_EQ(FlatPolicy(kFlat, "").name, "default");
  EXPECT_EQ(FlatPolicy(kFlat, "").app, "demo");
}

TEST(FlatConfig, ActingWithoutAnAppIsAnError) {
  EXPECT_THAT(
      Show(ParseFlat("dry_run: false\n", "")),
      HasSubstr("config.yml:1:10: error: dry_run: is false, but no app is named; set AUTOPLACER_APP"));
}

TEST(FlatConfig, ActingOnAnAppIsActive) {
  EXPECT_EQ(FlatPolicy("dry_run: no\n").mode, Mode::kActive);
}

TEST(FlatConfig, ThresholdsTheWrongWayRoundNameBothKeys) {
  EXPECT_EQ(Show(ParseFlat("traffic_threshold: 10\ndeployment_threshold: 50\n")),
            "config.yml:2:23: error: deployment_threshold: 50 is not below traffic_threshold (10); use a "
            "number below "
            "10\n");
}

TEST(FlatConfig, EqualThresholdsAreAnError) {
  EXPECT_THAT(ParseFlat("traffic_threshold: 10\ndeployment_threshold: 10\n").policies, IsEmpty());
}

TEST(FlatConfig, ExcludedWinsOverAlwaysRunningWithAWarning) {
  const std::string text = "excluded_regions: [fra]\nalways_running_regions: [iad, fra]\n";
  EXPECT_EQ(Show(ParseFlat(text)),
            "config.yml:2:31: warning: always_running_regions: \"fra\" is also in excluded_regions, which "
            "wins; remove "
            "it from one\n");
  EXPECT_THAT(FlatPolicy(text).regions.always_running, ElementsAre("iad"));
}

TEST(FlatConfig, ExcludedWinsOverAllowedWithAWarning) {
  const std::string text = "excluded_regions: [fra]\nallowed_regions: [fra, iad]\n";
  EXPECT_THAT(Show(ParseFlat(text)), HasSubstr("config.yml:2:19: warning: allowed_regions: \"fra\""));
  EXPECT_THAT(FlatPolicy(text).regions.allowed, ElementsAre("iad"));
}

TEST(FlatConfig, ExcludingAllThatIsAllowedDoesNotAllowEverything) {
  EXPECT_THAT(Show(ParseFlat("excluded_regions: [fra]\nallowed_regions: [fra]\n")),
              HasSubstr("error: allowed_regions: names only regions that excluded_regions excludes"));
}

TEST(FlatConfig, RegionListedTwiceIsAWarningAndCountsOnce) {
  const ParsedPolicies parsed = ParseFlat("allowed_regions: [fra, fra]\n");
  EXPECT_THAT(Show(parsed), HasSubstr("warning: allowed_regions: \"fra\" is listed twice"));
  ASSERT_THAT(parsed.policies, SizeIs(1));
  EXPECT_THAT(parsed.policies[0].regions.allowed, ElementsAre("fra"));
}

struct FlatErrorCase {
  const char* name;
  const char* text;
  const char* want;
};

class FlatConfigError : public ::testing::TestWithParam<FlatErrorCase> {};

TEST_P(FlatConfigError, IsExact) {
  EXPECT_EQ(Show(ParseFlat(GetParam().text)), absl::StrCat("config.yml:", GetParam().want, "\n"));
}

INSTANTIATE_TEST_SUITE_P(
    All, FlatConfigError,
    ::testing::Values(
        FlatErrorCase{"DryRunAsNumber", "dry_run: 1\n",
                      "1:10: error: dry_run: is the number 1; write true or false"},
        FlatErrorCase{"DryRunAsString", "dry_run: \"true\"\n",
                      "1:10: error: dry_run: is the string \"true\"; write true or false"},
        FlatErrorCase{"CooldownAsString", "cooldown_period: '300'\n",
                      "1:18: error: cooldown_period: is the string \"300\", not a number; remove the quotes"},
        FlatErrorCase{"CooldownAsDuration", "cooldown_period: 5m\n",
                      "1:18: error: cooldown_period: is \"5m\"; write a number such as 50 or 0.3"},
        FlatErrorCase{"CooldownNegative", "cooldown_period: -5\n",
                      "1:18: error: cooldown_period: -5 is out of range; use 0 to 2592000 seconds"},
        FlatErrorCase{"WindowAsFraction", "short_term_window: 2.5\n",
                      "1:20: error: short_term_window: is the number 2.5; write a whole number"},
        FlatErrorCase{"WindowTooShort", "short_term_window: 1\n",
                      "1:20: error: short_term_window: 1 is out of range; use 2 to 1440"},
        FlatErrorCase{"WindowsSwapped", "short_term_window: 9\nlong_term_window: 4\n",
                      "1:20: error: short_term_window: 9 is above long_term_window (4); use 2 to 4"},
        FlatErrorCase{"AlphaOfOne", "alpha_long: 1\n",
                      "1:13: error: alpha_long: 1 is out of range; use 0 or more, and less than 1"},
        FlatErrorCase{"RegionsAsString", "allowed_regions: fra\n",
                      "1:18: error: allowed_regions: is \"fra\"; write a list such as [fra, iad]"},
        FlatErrorCase{
            "MisspelledKey", "dry_run: true\ncooldown: 5\ntraffic_treshold: 5\n",
            "2:1: error: cooldown: is an unknown key\nconfig.yml:3:1: error: traffic_treshold: is an unknown "
            "key (did you mean traffic_threshold?)"},
        FlatErrorCase{"DuplicateKey", "dry_run: true\ndry_run: false\n",
                      "2:1: error: dry_run: is given twice, first in line 1; keep one of them"}),
    [](const auto& info) { return info.param.name; });

TEST(FlatConfig, AppFromTheEnvironmentIsChecked) {
  EXPECT_THAT(Show(ParseFlat("dry_run: true\n", "My App")),
              HasSubstr("\"My App\" is not a name of a Fly app"));
}

TEST(FlatConfig, ConvertsToAPolicyThatReadsAsTheSame) {
  const PlacementPolicy flat = FlatPolicy(kFlat);
  const ParsedPolicies parsed = Parse(FormatPolicyYaml(flat));
  ASSERT_THAT(parsed.policies, SizeIs(1)) << Show(parsed);
  EXPECT_FALSE(parsed.policies[0].from_flat_config);
  EXPECT_EQ(FormatPolicyJson(parsed.policies[0], false), FormatPolicyJson(flat, false));
}

TEST(FlatConfig, FlatKeysInAPolicyAreUnknownKeys) {
  EXPECT_THAT(Show(Parse(absl::StrCat(kSmallest, "dry_run: true\n"))),
              HasSubstr("6:1: error: dry_run: is an unknown"));
}

}  // namespace
}  // namespace placer
