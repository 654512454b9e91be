#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>

#include "tests/api/policy_text.h"

namespace placer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(PolicyDocuments, SeveralAreReadInOrder) {
  const std::string second = absl::StrReplaceAll(kSmallest, {{"web", "worker"}, {"my-app", "other"}});
  const ParsedPolicies parsed = Parse(absl::StrCat("---\n", kSmallest, "---\n", second, "---\n"));
  EXPECT_EQ(Show(parsed), "");
  ASSERT_THAT(parsed.policies, SizeIs(2));
  EXPECT_EQ(parsed.policies[1].name, "worker");
}

TEST(PolicyDocuments, NamesMustDiffer) {
  const std::string second = absl::StrReplaceAll(kSmallest, {{"my-app", "other"}});
  EXPECT_EQ(Show(Parse(absl::StrCat(kSmallest, "---\n", second))),
            "p.yaml:9:18: error: metadata.name: \"web\" is also the name of the policy in line 3; give each "
            "policy its "
            "own\n");
}

TEST(PolicyDocuments, OneProcessGroupHasOnePolicy) {
  const std::string second = absl::StrReplaceAll(kSmallest, {{"web", "worker"}});
  EXPECT_EQ(Show(Parse(absl::StrCat(kSmallest, "---\n", second))),
            "p.yaml:11:8: error: spec.app: process group \"app\" of app \"my-app\" is also steered by the "
            "policy in "
            "line 5; two policies would fight over it\n");
}

TEST(PolicyDocuments, TwoProcessGroupsOfOneAppMayEachHaveOne) {
  const std::string second = absl::StrReplaceAll(kSmallest, {{"web", "worker"}}) + "  processGroup: worker\n";
  EXPECT_THAT(Parse(absl::StrCat(kSmallest, "---\n", second)).policies, SizeIs(2));
}

TEST(PolicyDocuments, BrokenSecondOneRejectsTheFileAtItsLine) {
  const ParsedPolicies parsed = Parse(absl::StrCat(kSmallest, "---\nkind: [unclosed\nspec: {\n"));
  EXPECT_THAT(parsed.policies, IsEmpty());
  ASSERT_THAT(parsed.diagnostics, SizeIs(1));
  EXPECT_GE(parsed.diagnostics[0].line, 7);
  EXPECT_THAT(parsed.diagnostics[0].message, HasSubstr("is not YAML"));
}

TEST(PolicyDocuments, ErrorsOfAllAreReported) {
  const ParsedPolicies parsed = Parse(absl::StrCat(kSmallest, "  mode: X\n---\n", kSmallest, "  mode: Y\n"));
  EXPECT_THAT(Show(parsed), HasSubstr("p.yaml:6:9: error: spec.mode"));
  EXPECT_THAT(Show(parsed), HasSubstr("p.yaml:13:9: error: spec.mode"));
}

// A valid policy, all of it drawn.
class PolicyGenerator {
 public:
  explicit PolicyGenerator(unsigned seed) : random_(seed) {}

  PlacementPolicy Draw() {
    PlacementPolicy policy;
    policy.name = Pick({"web", "a", "0", "1e3", "true", "null", "x-9", "off"});
    policy.app = Pick({"my-app", "123", "1e3", "no", "0x10", "nan", "a-b-c"});
    policy.process_group = Pick({"app", "Web_1", "yes", "7", "null"});
    policy.mode = static_cast<Mode>(Int(0, 2));
    policy.traffic.source = static_cast<TrafficSource>(Int(0, 2));
    if (policy.traffic.source == TrafficSource::kQuery) policy.traffic.query = Text();
    policy.traffic.resolution = absl::Seconds(Int(1, 3600));
    policy.interval =
        absl::Milliseconds(Int(1000, static_cast<int>(policy.traffic.resolution / absl::Milliseconds(1))));
    policy.traffic.delay = absl::Milliseconds(Int(0, 100000));
    policy.traffic.max_age = policy.traffic.resolution + policy.traffic.delay + policy.interval +
                             absl::Milliseconds(Int(0, 99999));
    policy.regions.allowed = Codes("fra", "iad", "sin");
    policy.regions.excluded = Codes("nrt", "syd", "lax");
    policy.regions.always_running = Codes("lhr", "fra", "off");
    DrawThreshold(policy.threshold);
    policy.capacity.per_region_min = Int(1, 9);
    if (Int(0, 1) == 0) policy.capacity.per_region_max = Int(9, 20);
    policy.capacity.total_min = Int(0, 27);
    policy.capacity.total_max = Int(27, 10000);
    policy.capacity.max_creates_per_hour = Int(0, 1000);
    DrawScaling(policy.behavior.scale_up);
    DrawScaling(policy.behavior.scale_down);
    policy.behavior.method = static_cast<RemovalMethod>(Int(0, 2));
    policy.behavior.drain_timeout = absl::Milliseconds(Int(0, 1000000));
    policy.adopt = static_cast<Adopt>(Int(0, 1));
    policy.volumes = static_cast<Volumes>(Int(0, 1));
    return policy;
  }

 private:
  int Int(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
  double Real() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  std::string Pick(const std::vector<const char*>& words) {
    return words[Int(0, static_cast<int>(words.size()) - 1)];
  }
  std::vector<std::string> Codes(const char* a, const char* b, const char* c) {
    std::vector<std::string> codes;
    for (const char* code : {a, b, c}) {
      if (Int(0, 1) == 0) codes.push_back(code);
    }
    return codes;
  }
  std::string Text() {
    std::string text = "x";
    for (int i = Int(0, 30); i > 0; --i) {
      text += Pick({"\"",
                    "\\",
                    "\n",
                    "\t",
                    "'",
                    "#",
                    ": ",
                    "- ",
                    "ä",
                    "\xF0\x9F\x98\x80",
                    "{",
                    "%",
                    "a",
                    " ",
                    "\r",
                    "$app",
                    "\x7F",
                    "\x01",
                    "\xEF\xBB\xBF",
                    "\xC2\x85",
                    "\xE2\x80\xA8"});
    }
    return text;
  }
  void DrawThreshold(ThresholdSpec& threshold) {
    threshold.per = absl::Seconds(Int(1, 100000));
    threshold.deploy = std::exp2(Int(-30, 40)) * (1 + Real());
    threshold.remove = threshold.deploy * Real();
    threshold.short_window = Int(2, 20);
    threshold.long_window = Int(20, 1440);
    threshold.alpha_short = Real();
    threshold.alpha_long = Int(0, 1) == 0 ? 0 : Real() * 1e-9;
    threshold.attribution = static_cast<Attribution>(Int(0, 1));
  }
  void DrawScaling(ScalingBehavior& scaling) {
    scaling.cooldown = absl::Milliseconds(Int(0, 100000000));
    scaling.stabilization_window = absl::Seconds(Int(0, 8000));
    scaling.max_actions = Int(0, 2) == 0 ? std::nullopt : std::optional<int>(Int(0, 10));
    scaling.per = absl::Seconds(Int(1, 7200));
  }

  std::mt19937 random_;
};

TEST(PolicyFormat, ReadsBackUnchangedFromYamlAndJson) {
  PolicyGenerator generator(7);
  for (int i = 0; i < 1000; ++i) {
    const PlacementPolicy policy = generator.Draw();
    // Prints every field, so that equal texts are equal policies; EveryFieldArrives ties the names to the
    // members.
    const std::string json = FormatPolicyJson(policy, false);
    for (const std::string& text : {FormatPolicyYaml(policy), json, FormatPolicyJson(policy, true)}) {
      const ParsedPolicies parsed = Parse(text);
      ASSERT_THAT(parsed.policies, SizeIs(1)) << Show(parsed) << text;
      ASSERT_EQ(FormatPolicyJson(parsed.policies[0], false), json);
      ASSERT_EQ(parsed.policies[0].traffic.query, policy.traffic.query);
      ASSERT_EQ(parsed.policies[0].threshold.deploy, policy.threshold.deploy);
      ASSERT_EQ(parsed.policies[0].threshold.alpha_long, policy.threshold.alpha_long);
      ASSERT_EQ(parsed.policies[0].behavior.scale_down.cooldown, policy.behavior.scale_down.cooldown);
    }
  }
}

TEST(PolicyFormat, YamlHasTheOrderAndTheNotationOfTheReference) {
  EXPECT_EQ(FormatPolicyYaml(Parse(kExample).policies.at(0)), R"(apiVersion: autoplacer.dev/v1
kind: PlacementPolicy
metadata:
  name: web
spec:
  app: my-app
  processGroup: app
  mode: DryRun
  interval: 15s
  traffic:
    source: Edge
    query: ""
    resolution: 1m
    delay: 45s
    maxAge: 3m
  regions:
    allowed: []
    excluded: [nrt]
    alwaysRunning: [fra]
  strategy: Threshold
  threshold:
    per: 5m
    deploy: 50
    remove: 10
    shortWindow: 5
    longWindow: 20
    alphaShort: 0.3
    alphaLong: 0.1
    attribution: Nearest
  capacity:
    perRegion:
      min: 1
      max: null
    total:
      min: 1
      max: 20
    maxCreatesPerHour: 30
  behavior:
    scaleUp:
      cooldown: 1m
      stabilizationWindow: 0s
      maxActions: 4
      per: 1m
    scaleDown:
      cooldown: 10m
      stabilizationWindow: 5m
      maxActions: 1
      per: 1m
      method: Destroy
      drainTimeout: 30s
  adopt: Created
  volumes: Refuse
)");
}

TEST(PolicyFormat, JsonIsJson) {
  const PlacementPolicy policy = Parse(kExample).policies.at(0);
  EXPECT_EQ(boost::json::parse(FormatPolicyJson(policy, true)),
            boost::json::parse(FormatPolicyJson(policy, false)));
  EXPECT_EQ(boost::json::parse(FormatPolicyJson(policy, false)).at("spec").at("threshold").at("alphaShort"),
            0.3);
}

TEST(PolicyFormat, JsonOnOneLineHasNoLineBreak) {
  EXPECT_EQ(FormatPolicyJson(Parse(kExample).policies.at(0), false).find('\n'), std::string::npos);
}

TEST(PolicyFile, ThousandPoliciesAreReadWithinTheLimits) {
  std::string text;
  PlacementPolicy policy = Parse(kExample).policies.at(0);
  for (int i = 0; i < 1000; ++i) {
    policy.name = absl::StrCat("p", i);
    policy.app = absl::StrCat("app-", i);
    absl::StrAppend(&text, "---\n",
                    absl::StrReplaceAll(kExample, {{"web", policy.name}, {"my-app", policy.app}}));
  }
  text = absl::StrReplaceAll(text, {{"               # Fly process group", ""}});
  const ParsedPolicies parsed = Parse(text);
  EXPECT_EQ(Show(parsed), "");
  EXPECT_THAT(parsed.policies, SizeIs(1000));
}

}  // namespace
}  // namespace placer
