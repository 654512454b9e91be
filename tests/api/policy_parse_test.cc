#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/policy_text.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(PolicyParse, ExampleOfTheReferenceIsAccepted) {
  const ParsedPolicies parsed = Parse(kExample);
  EXPECT_EQ(Show(parsed), "");
  ASSERT_THAT(parsed.policies, SizeIs(1));
}

TEST(PolicyParse, DefaultsAreThoseOfTheExample) {
  std::string changed = absl::StrReplaceAll(kExample, {{"[nrt]", "[]"}, {"[fra]", "[]"}});
  ASSERT_THAT(Parse(changed).policies, SizeIs(1));
  ASSERT_THAT(Parse(kSmallest).policies, SizeIs(1));
  EXPECT_EQ(FormatPolicyYaml(Parse(changed).policies[0]), FormatPolicyYaml(Parse(kSmallest).policies[0]));
}

constexpr char kEveryField[] = R"(apiVersion: autoplacer.dev/v1
kind: PlacementPolicy
metadata: {name: other, labels: {team: edge}, annotations: {note: "hello"}}
spec:
  app: app-2
  processGroup: web_1
  mode: Active
  interval: 2s
  traffic: {source: Query, query: 'sum by (region) (x{app="$app"})', resolution: 30s, delay: 1500ms, maxAge: 1h}
  regions: {allowed: [fra, iad], excluded: [nrt, syd], alwaysRunning: [lhr]}
  strategy: Threshold
  threshold: {per: 1m, deploy: 12.5, remove: 0, shortWindow: 2, longWindow: 3, alphaShort: 0, alphaLong: 0.999,
              attribution: None}
  capacity: {perRegion: {min: 2, max: 7}, total: {min: 0, max: 40}, maxCreatesPerHour: 0}
  behavior:
    scaleUp: {cooldown: 0s, stabilizationWindow: 1m, maxActions: null, per: 2m}
    scaleDown: {cooldown: 1h30m, stabilizationWindow: 7m, maxActions: 0, per: 3m, method: Stop, drainTimeout: 9s}
  adopt: All
  volumes: CreateEmpty
)";

TEST(PolicyParse, EveryFieldArrives) {
  const ParsedPolicies parsed = Parse(kEveryField);
  ASSERT_EQ(Show(parsed), "");
  ASSERT_THAT(parsed.policies, SizeIs(1));
  const PlacementPolicy& policy = parsed.policies[0];
  EXPECT_EQ(policy.name, "other");
  EXPECT_EQ(policy.app, "app-2");
  EXPECT_EQ(policy.process_group, "web_1");
  EXPECT_EQ(policy.mode, Mode::kActive);
  EXPECT_EQ(policy.interval, absl::Seconds(2));
  EXPECT_EQ(policy.traffic.source, TrafficSource::kQuery);
  EXPECT_EQ(policy.traffic.query, "sum by (region) (x{app=\"$app\"})");
  EXPECT_EQ(policy.traffic.resolution, absl::Seconds(30));
  EXPECT_EQ(policy.traffic.delay, absl::Milliseconds(1500));
  EXPECT_EQ(policy.traffic.max_age, absl::Hours(1));
  EXPECT_THAT(policy.regions.allowed, ElementsAre("fra", "iad"));
  EXPECT_THAT(policy.regions.excluded, ElementsAre("nrt", "syd"));
  EXPECT_THAT(policy.regions.always_running, ElementsAre("lhr"));
  EXPECT_EQ(policy.threshold.per, absl::Minutes(1));
  EXPECT_EQ(policy.threshold.deploy, 12.5);
  EXPECT_EQ(policy.threshold.remove, 0);
  EXPECT_EQ(policy.threshold.short_window, 2);
  EXPECT_EQ(policy.threshold.long_window, 3);
  EXPECT_EQ(policy.threshold.alpha_short, 0);
  EXPECT_EQ(policy.threshold.alpha_long, 0.999);
  EXPECT_EQ(policy.threshold.attribution, Attribution::kNone);
  EXPECT_EQ(policy.capacity.per_region_min, 2);
  EXPECT_EQ(policy.capacity.per_region_max, 7);
  EXPECT_EQ(policy.capacity.total_min, 0);
  EXPECT_EQ(policy.capacity.total_max, 40);
  EXPECT_EQ(policy.capacity.max_creates_per_hour, 0);
  EXPECT_EQ(policy.behavior.scale_up.cooldown, absl::ZeroDuration());
  EXPECT_EQ(policy.behavior.scale_up.stabilization_window, absl::Minutes(1));
  EXPECT_EQ(policy.behavior.scale_up.max_actions, std::nullopt);
  EXPECT_EQ(policy.behavior.scale_up.per, absl::Minutes(2));
  EXPECT_EQ(policy.behavior.scale_down.cooldown, absl::Minutes(90));
  EXPECT_EQ(policy.behavior.scale_down.stabilization_window, absl::Minutes(7));
  EXPECT_EQ(policy.behavior.scale_down.max_actions, 0);
  EXPECT_EQ(policy.behavior.scale_down.per, absl::Minutes(3));
  EXPECT_EQ(policy.behavior.method, RemovalMethod::kStop);
  EXPECT_EQ(policy.behavior.drain_timeout, absl::Seconds(9));
  EXPECT_EQ(policy.adopt, Adopt::kAll);
  EXPECT_EQ(policy.volumes, Volumes::kCreateEmpty);
  EXPECT_FALSE(policy.from_flat_config);
}

struct TypeCase {
  const char* name;
  const char* lines;  // added to the spec; line 6 is the first
  const char* want;   // the one diagnostic
};

class PolicyParseError : public ::testing::TestWithParam<TypeCase> {};

TEST_P(PolicyParseError, IsTheOnlyDiagnosticAndExact) {
  EXPECT_EQ(Show(ParseWithSpec(GetParam().lines)), absl::StrCat("p.yaml:", GetParam().want, "\n"));
}

INSTANTIATE_TEST_SUITE_P(
    All, PolicyParseError,
    ::testing::Values(
        TypeCase{"QuotedNumber", "  threshold:\n    deploy: \"50\"\n",
                 "7:13: error: spec.threshold.deploy: is the string \"50\", not a number; remove the quotes"},
        TypeCase{
            "QuotedInteger", "  threshold: {longWindow: '20'}\n",
            "6:27: error: spec.threshold.longWindow: is the string \"20\", not a number; remove the quotes"},
        TypeCase{"OctalInteger", "  threshold: {longWindow: 010}\n",
                 "6:27: error: spec.threshold.longWindow: the number 010 may be read as octal; write it "
                 "without leading "
                 "zeros"},
        TypeCase{"OctalNumber", "  threshold: {deploy: 010}\n",
                 "6:23: error: spec.threshold.deploy: the number 010 may be read as octal; write it without "
                 "leading "
                 "zeros"},
        TypeCase{
            "ExponentInteger", "  capacity: {maxCreatesPerHour: 1e3}\n",
            "6:33: error: spec.capacity.maxCreatesPerHour: 1e3 is not written as a whole number; write 1000"},
        TypeCase{"FractionInteger", "  capacity: {maxCreatesPerHour: 2.5}\n",
                 "6:33: error: spec.capacity.maxCreatesPerHour: is the number 2.5; write a whole number"},
        TypeCase{
            "IntegerTooLarge", "  capacity: {maxCreatesPerHour: 99999999999}\n",
            "6:33: error: spec.capacity.maxCreatesPerHour: \"99999999999\" is too large for a whole number"},
        TypeCase{"HexNumber", "  threshold: {deploy: 0x32}\n",
                 "6:23: error: spec.threshold.deploy: is the number 0x32; write a number such as 50 or 0.3"},
        TypeCase{"InfiniteNumber", "  threshold: {deploy: .inf}\n",
                 "6:23: error: spec.threshold.deploy: is the number .inf; write a number such as 50 or 0.3"},
        TypeCase{"OverflowingNumber", "  threshold: {deploy: 1e400}\n",
                 "6:23: error: spec.threshold.deploy: \"1e400\" is too large for a number"},
        TypeCase{"WordForNumber", "  threshold: {deploy: many}\n",
                 "6:23: error: spec.threshold.deploy: is \"many\"; write a number such as 50 or 0.3"},
        TypeCase{"EmptyNumber", "  threshold:\n    deploy:\n",
                 "7:5: error: spec.threshold.deploy: is empty; write a number, or leave the key out for the "
                 "default"},
        TypeCase{"DurationWithoutUnit", "  interval: 15\n",
                 "6:13: error: spec.interval: \"15\" lacks a unit (h, m, s or ms); write a duration such as "
                 "15s, 5m, "
                 "1h30m or 500ms"},
        TypeCase{"DurationWithUnknownUnit", "  interval: 1day\n",
                 "6:13: error: spec.interval: \"1day\" needs the units h, m, s, ms, in this order; write a "
                 "duration "
                 "such as 15s, 5m, 1h30m or 500ms"},
        TypeCase{"NumberForString", "  processGroup: 12\n",
                 "6:17: error: spec.processGroup: is the number 12, not a string; put it in quotes"},
        TypeCase{"TruthForString", "  processGroup: true\n",
                 "6:17: error: spec.processGroup: is true, not a string; put it in quotes"},
        TypeCase{"TruthInAnotherCaseForString", "  processGroup: True\n",
                 "6:17: error: spec.processGroup: is True, not a string; put it in quotes"},
        TypeCase{"ListForMapping", "  threshold: [1]\n",
                 "6:14: error: spec.threshold: is a list; write a mapping of its fields"},
        TypeCase{"StringForList", "  regions: {excluded: nrt}\n",
                 "6:23: error: spec.regions.excluded: is \"nrt\"; write a list such as [fra, iad]"},
        TypeCase{"NumberInList", "  regions: {excluded: [nrt, 5]}\n",
                 "6:29: error: spec.regions.excluded[1]: is the number 5; write a string"},
        TypeCase{"MappingForNumber", "  threshold: {deploy: {a: 1}}\n",
                 "6:23: error: spec.threshold.deploy: is a mapping; write a number"},
        TypeCase{
            "EnumInOtherCase", "  mode: dryrun\n",
            "6:9: error: spec.mode: \"dryrun\" is not one of DryRun, Active, Paused (did you mean DryRun?)"},
        TypeCase{"EnumFarOff", "  mode: enforcing\n",
                 "6:9: error: spec.mode: \"enforcing\" is not one of DryRun, Active, Paused"},
        TypeCase{"MisspelledKey", "  treshold: {deploy: 5}\n",
                 "6:3: error: spec.treshold: is an unknown key (did you mean threshold?)"},
        TypeCase{"SnakeCaseKey", "  behavior: {scaleDown: {drain_timeout: 5s}}\n",
                 "6:26: error: spec.behavior.scaleDown.drain_timeout: is an unknown key (did you mean "
                 "drainTimeout?)"},
        TypeCase{"StrangeKey", "  banana: 1\n", "6:3: error: spec.banana: is an unknown key"},
        TypeCase{"MergeKey", "  <<: {mode: Active}\n",
                 "6:3: error: spec.<<: is a merge key, which is not supported; write the fields out"},
        TypeCase{"DuplicateKey", "  mode: Active\n  mode: Paused\n",
                 "7:3: error: spec.mode: is given twice, first in line 6; keep one of them"},
        TypeCase{"CostLatency", "  strategy: CostLatency\n",
                 "6:13: error: spec.strategy: CostLatency is not available yet; write Threshold"},
        TypeCase{
            "UnknownStrategy", "  strategy: Treshold\n",
            "6:13: error: spec.strategy: \"Treshold\" is not one of Threshold, CostLatency (did you mean "
            "Threshold?)"}),
    [](const auto& info) { return info.param.name; });

class ReservedField : public ::testing::TestWithParam<TypeCase> {};

TEST_P(ReservedField, IsNotAvailableYet) {
  EXPECT_EQ(Show(ParseWithSpec(GetParam().lines)),
            absl::StrCat("p.yaml:", GetParam().want, ": is not available yet; remove it\n"));
}

INSTANTIATE_TEST_SUITE_P(
    All, ReservedField,
    ::testing::Values(TypeCase{"CostLatency", "  costLatency: {budget: 5}\n", "6:3: error: spec.costLatency"},
                      TypeCase{"RequestsPerSecond", "  capacity:\n    requestsPerSecondPerMachine: 5\n",
                               "7:5: error: spec.capacity.requestsPerSecondPerMachine"},
                      TypeCase{"TargetUtilization", "  capacity:\n    targetUtilization: 0.7\n",
                               "7:5: error: spec.capacity.targetUtilization"},
                      TypeCase{"SurviveRegionLoss", "  capacity:\n    surviveRegionLoss: true\n",
                               "7:5: error: spec.capacity.surviveRegionLoss"},
                      TypeCase{"Forecast", "  forecast: {}\n", "6:3: error: spec.forecast"},
                      TypeCase{"Schedules", "  schedules: []\n", "6:3: error: spec.schedules"},
                      TypeCase{"Standby", "  standby: 1\n", "6:3: error: spec.standby"},
                      TypeCase{"Pause", "  pause:\n", "6:3: error: spec.pause"}),
    [](const auto& info) { return info.param.name; });

TEST(PolicyParse, AllErrorsAreReportedAtOnceInTheOrderOfTheFile) {
  const ParsedPolicies parsed = ParseWithSpec(
      "  volumes: Refused\n"
      "  interval: 15\n"
      "  colour: red\n"
      "  threshold: {deploy: 5, remove: 7}\n");
  EXPECT_THAT(parsed.policies, IsEmpty());
  std::vector<int> lines;
  for (const Diagnostic& diagnostic : parsed.diagnostics) lines.push_back(diagnostic.line);
  EXPECT_THAT(lines, ElementsAre(6, 7, 8, 9));
}

TEST(PolicyParse, UnreadableFieldCausesNoSecondErrorAboutItsDefault) {
  EXPECT_THAT(ParseWithSpec("  threshold: {deploy: many, remove: 60}\n").diagnostics, SizeIs(1));
}

TEST(PolicyParse, UnreadableMappingCausesNoErrorsAboutItsFields) {
  const ParsedPolicies parsed =
      Parse("apiVersion: autoplacer.dev/v1\nkind: PlacementPolicy\nmetadata: [a]\nspec: 5\n");
  EXPECT_EQ(Show(parsed),
            "p.yaml:3:11: error: metadata: is a list; write a mapping of its fields\n"
            "p.yaml:4:7: error: spec: is the number 5; write a mapping of its fields\n");
}

TEST(PolicyParse, MissingHeadersNameAndAppAreEachNamed) {
  EXPECT_EQ(Show(Parse("kind: PlacementPolicy\n")),
            "p.yaml:1:1: error: apiVersion: is missing; add apiVersion: autoplacer.dev/v1\n"
            "p.yaml:1:1: error: metadata.name: is missing; give the policy a name such as web\n"
            "p.yaml:1:1: error: spec.app: is missing; name the Fly app that this policy steers\n");
}

TEST(PolicyParse, OtherVersionAndKindAreRefused) {
  std::string text =
      absl::StrReplaceAll(kSmallest, {{"autoplacer.dev/v1", "apps/v1"}, {"PlacementPolicy", "Pod"}});
  EXPECT_EQ(Show(Parse(text)),
            "p.yaml:1:13: error: apiVersion: \"apps/v1\" is not known here; write autoplacer.dev/v1\n"
            "p.yaml:2:7: error: kind: \"Pod\" is not known here; write PlacementPolicy\n");
}

TEST(PolicyParse, StatusInAFileIsIgnoredWithAWarning) {
  const ParsedPolicies parsed =
      Parse(absl::StrCat(kSmallest, "status: {phase: Running, anything: [1, 2]}\n"));
  EXPECT_EQ(Show(parsed), "p.yaml:6:1: warning: status: is written by the controller, and never read\n");
  EXPECT_THAT(parsed.policies, SizeIs(1));
}

TEST(PolicyParse, EmptiedListsAndMappingsReadAsAbsent) {
  const ParsedPolicies parsed = ParseWithSpec("  regions:\n    allowed:\n      # - fra\n  threshold:\n");
  EXPECT_EQ(Show(parsed), "");
  ASSERT_THAT(parsed.policies, SizeIs(1));
  EXPECT_THAT(parsed.policies[0].regions.allowed, IsEmpty());
}

TEST(PolicyParse, LongValuesAreShortened) {
  const ParsedPolicies parsed = ParseWithSpec("  mode: " + std::string(5000, 'x') + "\n");
  ASSERT_THAT(parsed.diagnostics, SizeIs(1));
  EXPECT_LT(parsed.diagnostics[0].message.size(), 200u);
}

TEST(PolicyParse, JsonIsReadAsYaml) {
  const ParsedPolicies parsed = Parse(
      "{\n\t\"apiVersion\":\"autoplacer.dev/v1\",\"kind\":\"PlacementPolicy\",\n"
      "\t\"metadata\":{\"name\":\"web\"},\n\t\"spec\":{\"app\":\"a\",\"threshold\":{\"deploy\":60}}\n}\n");
  EXPECT_EQ(Show(parsed), "");
  ASSERT_THAT(parsed.policies, SizeIs(1));
  EXPECT_EQ(parsed.policies[0].threshold.deploy, 60);
}

TEST(PolicyParse, ErrorInJsonNamesItsLine) {
  EXPECT_THAT(Show(Parse("{\"apiVersion\":\"autoplacer.dev/v1\",\"kind\":\"PlacementPolicy\",\n"
                         "\"metadata\":{\"name\":\"web\"},\n\"spec\":{\"app\":\"a\",\"mode\":\"Activ\"}}\n")),
              HasSubstr("p.yaml:3:26: error: spec.mode: the string \"Activ\" is not one of"));
}

}  // namespace
}  // namespace placer
