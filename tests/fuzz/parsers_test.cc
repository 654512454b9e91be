// Every parser of outside text under seeded damage: it answers with a value that holds, or with an error that
// says where and what. The sanitizers watch for the rest.
#include <gtest/gtest.h>

#include <algorithm>

#include "api/dotenv.h"
#include "api/machines_api.h"
#include "api/policy_codec.h"
#include "api/prometheus_api.h"
#include "controller/net/http_client.h"
#include "controller/net/http_server.h"
#include "tests/fuzz/mutator.h"

namespace placer {
namespace {

constexpr int kRounds = 3000;

constexpr char kPolicy[] = R"(apiVersion: autoplacer.dev/v1
kind: PlacementPolicy
metadata: {name: web}
spec:
  app: my-app
  interval: 15s
  traffic: {source: Edge, resolution: 1m, delay: 45s, maxAge: 3m}
  regions: {allowed: [fra, iad], excluded: [nrt], alwaysRunning: [fra]}
  threshold: {per: 5m, deploy: 50, remove: 10.5, shortWindow: 5, longWindow: 20, alphaShort: 0.3}
  capacity: {perRegion: {min: 1, max: null}, total: {min: 1, max: 20}}
  behavior: {scaleUp: {cooldown: 1m, maxActions: 4, per: 1m}, scaleDown: {method: Stop}}
)";

constexpr char kFlatConfig[] = R"(dry_run: True
cooldown_period: 10
short_term_window: 5
long_term_window: 20
traffic_threshold: 50
deployment_threshold: 10
allowed_regions: [iad, cdg, sfo]
always_running_regions:
  - iad
)";

PolicyContext MakeContext() {
  PolicyContext context{.default_app = "shop"};
  context.platform.regions = EmbeddedRegions();
  return context;
}

void CheckPolicyText(const std::string& text) {
  const ParsedPolicies parsed = ParsePolicies(text, "f.yaml", MakeContext());
  const auto lines =
      1 + std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r');
  for (const Diagnostic& diagnostic : parsed.diagnostics) {
    ASSERT_FALSE(diagnostic.message.empty());
    ASSERT_GE(diagnostic.line, 0);
    ASSERT_LE(diagnostic.line, lines + 1);
  }
  ASSERT_TRUE(parsed.policies.empty() || !HasErrors(parsed.diagnostics));
  for (const PlacementPolicy& policy : parsed.policies) {
    const std::string printed = FormatPolicyYaml(policy);
    const ParsedPolicies again = ParsePolicies(printed, "again.yaml", MakeContext());
    ASSERT_EQ(again.policies.size(), 1u) << printed;
    ASSERT_EQ(FormatPolicyYaml(again.policies[0]), printed);
  }
}

TEST(HostileInput, PolicyFiles) {
  Mutator mutator(
      1, {"---\n", "&a ", "*a", "!!str ", "{", "[", "]", ": ", "- ", "\t", "1e400", "-1", "null", "fra"});
  for (int i = 0; i < kRounds; ++i) ASSERT_NO_FATAL_FAILURE(CheckPolicyText(mutator.Mutate(kPolicy)));
}

TEST(HostileInput, FlatConfigs) {
  Mutator mutator(2,
                  {"---\n", "dry_run: ", "sfo", "[", "\n  - ", ": ", "99999999999999999999", "False", "1.5"});
  for (int i = 0; i < kRounds; ++i) ASSERT_NO_FATAL_FAILURE(CheckPolicyText(mutator.Mutate(kFlatConfig)));
}

TEST(HostileInput, DotenvFilesNeverShowAValue) {
  Mutator mutator(3, {"export ", "'", "\"", "=", "\n", "#", "\\"});
  for (int i = 0; i < kRounds; ++i) {
    const ParsedDotenv parsed =
        ParseDotenv(mutator.Mutate("export FLY_API_TOKEN='topsecret' # mine\nA=\"topsecret\"\n"), "f");
    for (const Diagnostic& diagnostic : parsed.diagnostics) {
      ASSERT_EQ(diagnostic.message.find("topsecret"), std::string::npos) << diagnostic.message;
    }
  }
}

TEST(HostileInput, AnswersOfPrometheus) {
  constexpr char kAnswer[] =
      R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"region":"fra"},"values":[[1788220860,"5.6"],[1788220920,"NaN"]]},{"metric":{"witness":"traffic"},"values":[[1788220860,"4"]]}]},"warnings":["w"]})";
  PlacementPolicy policy;
  policy.app = "shop";
  Mutator mutator(
      4, {"[[", "{\"a\":", "null", "1e400", "\"+Inf\"", "\"resultType\":\"vector\"", "\\ud800", "-"});
  for (int i = 0; i < kRounds; ++i) {
    const absl::StatusOr<QueryAnswer> answer = ParseQueryAnswer({.body = mutator.Mutate(kAnswer)});
    if (!answer.ok()) {
      ASSERT_FALSE(answer.status().message().empty());
      continue;
    }
    const absl::StatusOr<Traffic> traffic =
        MakeTraffic(policy, *answer, absl::FromUnixSeconds(1788220920), 60);
    if (!traffic.ok()) continue;
    ASSERT_EQ(traffic->witnessed.size(), 60u);
    for (const auto& [region, values] : traffic->regions) ASSERT_EQ(values.size(), 60u) << region;
  }
}

TEST(HostileInput, AnswersOfTheMachinesApi) {
  constexpr char kList[] =
      R"([{"id":"a1","name":"n","state":"started","region":"fra","instance_id":"i","config":{"env":{"A":"b"},"metadata":{"fly_process_group":"app"},"services":[{"autostop":true}],"mounts":[]},"image_ref":{"digest":"sha256:1"},"created_at":"2026-01-02T03:04:05Z","checks":[{"name":"c","status":"passing"}],"host_status":"ok"}])";
  constexpr char kRegions[] =
      R"({"nearest":"fra","regions":[{"code":"fra","latitude":50.1,"longitude":8.6,"deprecated":false}]})";
  Mutator mutator(5, {"[", "{", "null", "true", "\"id\":\"a1\"", "1e999", ",", "\\u0000"});
  for (int i = 0; i < kRounds; ++i) {
    const absl::StatusOr<std::vector<Machine>> machines = ParseMachineList({.body = mutator.Mutate(kList)});
    if (machines.ok()) {
      ASSERT_TRUE(std::is_sorted(machines->begin(), machines->end(),
                                 [](const Machine& a, const Machine& b) { return a.id < b.id; }));
    } else {
      ASSERT_FALSE(machines.status().message().empty());
    }
    const absl::StatusOr<std::vector<Region>> regions = ParseRegionList({.body = mutator.Mutate(kRegions)});
    if (!regions.ok()) ASSERT_FALSE(regions.status().message().empty());
  }
}

TEST(HostileInput, AddressesAndUrls) {
  Mutator mutator(6, {"[", "]", ":", "//", "@", "?", "#", "::", "99999", "%zz"});
  for (int i = 0; i < kRounds; ++i) {
    const absl::StatusOr<Url> url = ParseUrl(mutator.Mutate("https://api.machines.dev:443/v1"));
    if (url.ok()) {
      ASSERT_FALSE(url->host.empty());
      ASSERT_FALSE(url->port.empty());
      ASSERT_TRUE(url->scheme == "http" || url->scheme == "https");
    }
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(mutator.Mutate("[::1]:8000"));
    if (!address.ok()) ASSERT_FALSE(address.status().message().empty());
  }
}

}  // namespace
}  // namespace placer
