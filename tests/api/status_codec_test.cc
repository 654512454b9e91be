#include "api/status_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <limits>

#include "tests/api/policy_text.h"

namespace placer {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kNoon = absl::FromUnixSeconds(1767268800);  // 2026-01-01T12:00:00Z

Decision MakeDecision() {
  Decision decision;
  decision.time = kNoon + absl::Milliseconds(1500);
  decision.data_point = kNoon;
  decision.evidence = Evidence::kPartial;
  decision.evidence_message = "one point is missing";
  decision.unattributed["xxx"] = 3.5;
  RegionDecision region;
  region.region = "fra";
  region.action = Action::kNone;
  region.wanted = Action::kDeploy;
  region.reason = Reason::kCooldown;
  region.message = "Cooldown period (5 seconds remaining)";
  region.detail = "says \"why\"";
  region.may_host = true;
  region.observed = 2;
  region.healthy = 1;
  region.target = 3;
  region.placed = true;
  region.newest = 12.5;
  region.short_average = 0.1;
  region.volatility = 0.25;
  region.up = 62.5;
  region.down = 8;
  region.verdict = Verdict::kPlace;
  region.evidence = Evidence::kFresh;
  region.removal_grade = true;
  region.cooldown_remaining = absl::Milliseconds(5500);
  region.attributed = {"ams", "cdg"};
  decision.regions = {region};
  return decision;
}

PolicyStatus MakeStatus() {
  PolicyStatus status;
  status.observed_generation = 3;
  status.phase = "Running";
  status.conditions = {{"Acting", false, "NotAvailableYet", "later", kNoon}};
  status.observed = {{"fra", 2}};
  status.shadow = {{"fra", 2}, {"iad", 1}};
  status.target = {{"iad", 1}};
  status.last_decision = MakeDecision();
  status.recent_actions = {{kNoon, "iad", Action::kDeploy, Reason::kTrafficAboveThreshold, true}};
  status.next_reconcile = kNoon + absl::Seconds(15);
  status.passes = 9;
  return status;
}

std::vector<std::string> Keys(const json::value& value) {
  std::vector<std::string> keys;
  for (const auto& member : value.as_object()) keys.emplace_back(member.key());
  return keys;
}

json::value FormatStatusWith(const std::vector<Intent>& intents) {
  PolicyStatus status = MakeStatus();
  status.intents = intents;
  status.create_failures = {{"nrt", 3}};
  return json::parse(FormatPolicyObject(PlacementPolicy{}, status, false)).at("status");
}

TEST(StatusCodec, IntentsSayWhatIsUnderWayAndWhatItLastFailedOf) {
  const json::value status = FormatStatusWith({{.id = "leave-148e",
                                                .kind = Intent::Kind::kLeave,
                                                .phase = Intent::Phase::kDraining,
                                                .region = "fra",
                                                .machine_id = "148e",
                                                .reason = Reason::kSwappedOut,
                                                .started = kNoon,
                                                .attempts = 2,
                                                .last_error = "503",
                                                .lease_nonce = "secret"}});
  const json::value want = json::parse(
      R"({"kind":"Leave","phase":"Draining","region":"fra","machine":"148e","reason":"SwappedOut",
          "started":"2026-01-01T12:00:00Z","attempts":2,"lastError":"503"})");
  EXPECT_EQ(status.at("intents").at(0), want);
}

TEST(StatusCodec, AnEnterWithoutAMachineIsKnownByItsName) {
  const json::value status = FormatStatusWith({{.machine_name = "web-fra-0-1"}});
  EXPECT_EQ(status.at("intents").at(0).at("machine"), "web-fra-0-1");
}

TEST(StatusCodec, TheNonceOfALeaseIsNeverShown) {
  EXPECT_EQ(json::serialize(FormatStatusWith({{.lease_nonce = "c0ffee"}})).find("c0ffee"), std::string::npos);
}

TEST(StatusCodec, FailedCreationsAreCountedByRegion) {
  EXPECT_EQ(FormatStatusWith({}).at("createFailures").at("nrt"), 3);
}

json::value FormattedObject() {
  return json::parse(FormatPolicyObject(Parse(kExample).policies.at(0), MakeStatus(), false));
}

TEST(PolicyObject, HasTheMembersOfAKubernetesObject) {
  EXPECT_THAT(Keys(FormattedObject()), ElementsAre("apiVersion", "kind", "metadata", "spec", "status"));
  EXPECT_EQ(FormattedObject().at("metadata"), json::parse(R"({"name": "web", "generation": 1})"));
}

TEST(PolicyObject, StatusHasItsMembers) {
  EXPECT_THAT(
      Keys(FormattedObject().at("status")),
      ElementsAre("observedGeneration", "phase", "passes", "nextReconcileTime", "conditions", "placement",
                  "intents", "createFailures", "lastDecision", "regions", "recentActions"));
}

TEST(PolicyObject, ConditionsAreThoseOfKubernetes) {
  EXPECT_EQ(
      FormattedObject().at("status").at("conditions"),
      json::parse(R"([{"type": "Acting", "status": "False", "reason": "NotAvailableYet", "message": "later",
                             "lastTransitionTime": "2026-01-01T12:00:00Z"}])"));
}

TEST(PolicyObject, PlacementsAreMapsOfMachineCounts) {
  EXPECT_EQ(FormattedObject().at("status").at("placement"),
            json::parse(R"({"observed": {"fra": 2}, "shadow": {"fra": 2, "iad": 1}, "target": {"iad": 1}})"));
}

TEST(PolicyObject, LastDecisionNamesItsTimesAndEvidence) {
  EXPECT_EQ(FormattedObject().at("status").at("lastDecision"),
            json::parse(R"({"time": "2026-01-01T12:00:01.5Z", "dataPoint": "2026-01-01T12:00:00Z",
                            "evidence": "Partial", "message": "one point is missing", "unattributed": {"xxx": 3.5}})"));
}

TEST(PolicyObject, RegionsCarryTheWholeDecision) {
  EXPECT_EQ(FormattedObject().at("status").at("regions"), json::parse(R"json([{
    "region": "fra", "action": "none", "wanted": "deploy", "reason": "Cooldown",
    "message": "Cooldown period (5 seconds remaining)", "detail": "says \"why\"", "mayHost": true, "observed": 2,
    "healthy": 1, "target": 3, "placed": true, "newest": 12.5, "shortAverage": 0.1, "longAverage": null,
    "volatility": 0.25, "up": 62.5, "down": 8, "verdict": "place", "evidence": "Fresh", "removalGrade": true,
    "cooldownRemainingSeconds": 5.5, "attributed": ["ams", "cdg"]}])json"));
}

TEST(PolicyObject, RecentActionsAreListed) {
  EXPECT_EQ(FormattedObject().at("status").at("recentActions"),
            json::parse(R"([{"time": "2026-01-01T12:00:00Z", "region": "iad", "action": "deploy",
                             "reason": "TrafficAboveThreshold", "failed": true}])"));
}

TEST(PolicyObject, BeforeTheFirstPassTimesAreNull) {
  PolicyStatus status;
  status.last_decision.data_point = absl::InfinitePast();
  status.next_reconcile = absl::InfinitePast();
  const json::value object = json::parse(FormatPolicyObject(PlacementPolicy{}, status, false));
  EXPECT_TRUE(object.at("status").at("nextReconcileTime").is_null());
  EXPECT_TRUE(object.at("status").at("lastDecision").at("time").is_null());
  EXPECT_TRUE(object.at("status").at("lastDecision").at("dataPoint").is_null());
}

TEST(PolicyObject, PrettyOneIsTheSame) {
  const PlacementPolicy policy = Parse(kExample).policies.at(0);
  EXPECT_EQ(json::parse(FormatPolicyObject(policy, MakeStatus(), true)), FormattedObject());
}

TEST(PolicyObject, SpecReadsBackAsAPolicyFile) {
  const PlacementPolicy policy = Parse(kExample).policies.at(0);
  const ParsedPolicies parsed = Parse(FormatPolicyObject(policy, MakeStatus(), true));
  ASSERT_EQ(parsed.policies.size(), 1u) << Show(parsed);
  EXPECT_EQ(FormatPolicyJson(parsed.policies[0], false), FormatPolicyJson(policy, false));
}

TEST(PolicyList, HoldsItsObjects) {
  EXPECT_EQ(
      FormatPolicyList({"{\"a\":1}", "{}"}),
      "{\"apiVersion\":\"autoplacer.dev/v1\",\"kind\":\"PlacementPolicyList\",\"items\":[{\"a\":1},{}]}");
}

TEST(DecisionJson, ValuesThatAreNotFiniteAreNull) {
  Decision decision = MakeDecision();
  decision.regions[0].newest = std::numeric_limits<double>::quiet_NaN();
  decision.regions[0].up = std::numeric_limits<double>::infinity();
  const json::value region = json::parse(FormatDecisionJson(decision)).at("regions").at(0);
  EXPECT_TRUE(region.at("newest").is_null());
  EXPECT_TRUE(region.at("up").is_null());
}

TEST(DecisionJson, NumbersAreWrittenAsPeopleDo) {
  EXPECT_THAT(FormatDecisionJson(MakeDecision()), HasSubstr("\"newest\":12.5,\"shortAverage\":0.1,"));
}

TEST(DecisionJson, TextThatIsNotUtf8StillMakesJson) {
  Decision decision = MakeDecision();
  decision.regions[0].message = "a\xFF\x01z";
  EXPECT_EQ(json::parse(FormatDecisionJson(decision)).at("regions").at(0).at("message"),
            "a\xEF\xBF\xBD\x01z");
}

TEST(EventJson, SaysWhetherItWarns) {
  EXPECT_EQ(FormatEventJson({kNoon, "web", true, "PolicyRejected", "line 3"}),
            "{\"time\":\"2026-01-01T12:00:00Z\",\"policy\":\"web\",\"type\":\"Warning\",\"reason\":"
            "\"PolicyRejected\","
            "\"message\":\"line 3\"}");
}

TEST(PassReportJson, HasExactlyTheKeysOfTheProofOfConcept) {
  PassReport report;
  report.policy = "web";
  report.deployed = {"fra"};
  report.removed = {"iad"};
  report.skipped = {{"nrt", Action::kDeploy, "Region is in excluded_regions list"}};
  report.errors = {{"syd", Action::kRemove, "broken"}};
  report.current_deployment = {"iad"};
  report.updated_deployment = {"fra"};
  EXPECT_EQ(FormatPassReport(report),
            "{\"deployed\":[\"fra\"],\"removed\":[\"iad\"],"
            "\"skipped\":[{\"region\":\"nrt\",\"action\":\"deploy\",\"reason\":\"Region is in "
            "excluded_regions list\"}],"
            "\"errors\":[{\"region\":\"syd\",\"action\":\"remove\",\"error\":\"broken\"}],"
            "\"current_deployment\":[\"iad\"],\"updated_deployment\":[\"fra\"]}");
}

}  // namespace
}  // namespace placer
