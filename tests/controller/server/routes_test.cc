#include "controller/server/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "controller/server/answers.h"
#include "tests/simulated/fake_machines.h"
#include "tests/simulated/fake_traffic.h"
#include "tests/simulated/scripted_reconciler.h"
#include "tests/simulated/virtual_run.h"

namespace placer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPolicies[] = "/apis/autoplacer.dev/v1/placementpolicies";
constexpr char kEvents[] = "/apis/autoplacer.dev/v1/events";

class Routes : public ::testing::Test {
 protected:
  Routes() : metrics_([this] { return run_.controller().Snapshot(); }, [this] { return run_.now(); }) {
    machines_.Add("m1", "fra");
    run_.Start(machines_, traffic_, reconciler_);
  }

  void Apply(std::vector<PlacementPolicy> policies) {
    run_.controller().Apply(std::move(policies));
    run_.time().Settle();
  }

  HttpResponse Send(HttpRequest request, RoutesOptions options = {}) {
    const HttpHandler handler = MakeRoutes(run_.controller(), metrics_, std::move(options));
    const auto answer = run_.time().Start(handler(std::move(request)));
    run_.time().Settle();
    EXPECT_TRUE(answer->has_value()) << "no answer";
    return answer->value_or(HttpResponse{.status = 0});
  }
  HttpResponse Get(const std::string& target, RoutesOptions options = {}) {
    return Send({.method = "GET", .target = target}, std::move(options));
  }
  HttpResponse Trigger(const std::string& query = "",
                       std::vector<std::pair<std::string, std::string>> headers = {{"Host",
                                                                                    "localhost:8000"}},
                       RoutesOptions options = {}) {
    return Send({.method = "POST", .target = "/trigger" + query, .headers = std::move(headers)},
                std::move(options));
  }
  static boost::json::value Json(const HttpResponse& response) {
    boost::system::error_code error;
    boost::json::value value = boost::json::parse(response.body, error);
    EXPECT_FALSE(error) << response.body;
    return value;
  }

  FakeMachines machines_;
  FakeTraffic traffic_;
  ScriptedReconciler reconciler_;
  VirtualRun run_;
  Metrics metrics_;
};

TEST_F(Routes, TriggerRunsAPassAndReportsIt) {
  Apply({MakePolicy()});
  const int before = reconciler_.CountPasses("web");
  const HttpResponse answer = Trigger();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(reconciler_.CountPasses("web"), before + 1);
  for (const char* key :
       {"deployed", "removed", "skipped", "errors", "current_deployment", "updated_deployment"}) {
    EXPECT_TRUE(Json(answer).at(key).is_array()) << key;
  }
}

class UnreadableStore final : public Store {
 public:
  absl::StatusOr<PolicyState> Load(const std::string& policy, Mode mode) override {
    return memory_.Load(policy, mode);
  }
  Task<absl::Status> Commit(PassRecord record) override { return memory_.Commit(std::move(record)); }
  Task<absl::Status> Save(std::string policy, Mode mode, PolicyState state) override {
    return memory_.Save(std::move(policy), mode, std::move(state));
  }
  Task<absl::Status> Forget(std::string policy, Mode mode) override {
    return memory_.Forget(std::move(policy), mode);
  }
  absl::StatusOr<std::vector<Event>> RecentEvents(const std::string&, int) override {
    return absl::DataLossError("database disk image is malformed");
  }

 private:
  MemoryStore memory_;
};

TEST_F(Routes, EventsThatCannotBeReadAreAnErrorAndNotAnEmptyList) {
  UnreadableStore store;
  SimulatedRandom random(1);
  NullLog log;
  Controller controller(run_.time().io(), Effects{run_.time().clock(), random, machines_, traffic_, store},
                        reconciler_, log, nullptr, {});
  const HttpHandler handler = MakeRoutes(controller, metrics_, {});
  const HttpResponse answer = run_.time().Await(handler({.method = "GET", .target = kEvents}));
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, HasSubstr("malformed"));
}

TEST_F(Routes, TriggerOfAnUnknownPolicyIsNotFound) {
  Apply({MakePolicy()});
  const HttpResponse answer = Trigger("?policy=nope");
  EXPECT_EQ(answer.status, 404);
  EXPECT_TRUE(Json(answer).at("error").is_string());
}

TEST_F(Routes, TriggerNeedsANameWhereThereAreSeveralPolicies) {
  PlacementPolicy other = MakePolicy("api");
  other.app = "other";
  Apply({MakePolicy(), other});
  EXPECT_EQ(Trigger().status, 400);
  EXPECT_EQ(Trigger("?policy=api").status, 200);
}

TEST_F(Routes, TriggerDecodesThePolicyName) {
  Apply({MakePolicy()});
  EXPECT_EQ(Trigger("?policy=%77eb").status, 200);
}

TEST_F(Routes, TriggerWhileStoppingIsUnavailable) {
  Apply({MakePolicy()});
  const auto stopped = run_.time().Start(run_.controller().Stop());
  run_.time().Settle();
  EXPECT_EQ(Trigger().status, 503);
}

TEST_F(Routes, ABrowserOnAnotherSiteCannotTrigger) {
  Apply({MakePolicy()});
  const int before = reconciler_.CountPasses("web");
  EXPECT_EQ(Trigger("", {{"Host", "127.0.0.1:8000"}, {"Origin", "https://evil.example"}}).status, 403);
  EXPECT_EQ(Trigger("", {{"Host", "evil.example:8000"}}).status, 403);
  EXPECT_EQ(Trigger("", {{"Host", "localhost:8000"}, {"Origin", "null"}}).status, 403);
  EXPECT_EQ(reconciler_.CountPasses("web"), before);
}

TEST_F(Routes, ABrowserCannotTriggerByALinkOrAPreflight) {
  Apply({MakePolicy()});
  const int before = reconciler_.CountPasses("web");
  EXPECT_EQ(Get("/trigger").status, 405);
  const HttpResponse preflight = Send({.method = "OPTIONS", .target = "/trigger"});
  EXPECT_EQ(preflight.status, 405);
  EXPECT_EQ(FindHeader(preflight.headers, "Access-Control-Allow-Origin"), "");
  EXPECT_EQ(reconciler_.CountPasses("web"), before);
}

TEST_F(Routes, OffLoopbackTriggerNeedsTheToken) {
  Apply({MakePolicy()});
  const RoutesOptions options{.loopback = false, .token = "correct-horse"};
  const HttpResponse refused = Trigger("", {{"Host", "localhost"}}, options);
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(std::string(FindHeader(refused.headers, "WWW-Authenticate")), HasSubstr("Bearer"));
  EXPECT_THAT(refused.body, Not(HasSubstr("correct-horse")));
  EXPECT_EQ(Trigger("", {{"Authorization", "Bearer correct-horse"}}, options).status, 200);
}

TEST_F(Routes, OffLoopbackWithoutATokenNobodyTriggers) {
  Apply({MakePolicy()});
  EXPECT_EQ(Trigger("", {{"Authorization", "Bearer x"}}, {.loopback = false}).status, 403);
}

TEST_F(Routes, OffLoopbackReadingNeedsNoToken) {
  Apply({MakePolicy()});
  EXPECT_EQ(Get(kPolicies, {.loopback = false, .token = "t"}).status, 200);
}

TEST_F(Routes, ReadyOnlyOncePoliciesAreInForce) {
  const HttpResponse before = Get("/readyz");
  EXPECT_EQ(before.status, 503);
  EXPECT_THAT(before.body, HasSubstr("not loaded"));
  Apply({MakePolicy()});
  EXPECT_EQ(Get("/readyz").status, 200);
  EXPECT_EQ(Get("/readyz").body, "ok");
}

TEST_F(Routes, NotReadySaysWhatIsWrongWithThePolicyFile) {
  run_.controller().Reject({{.file = "policy.yaml", .line = 3, .column = 1, .message = "unknown key"}});
  EXPECT_THAT(Get("/readyz").body, HasSubstr("policy.yaml:3:1"));
}

TEST_F(Routes, LiveFromTheStart) {
  EXPECT_EQ(Get("/livez").status, 200);
}

TEST_F(Routes, HealthSaysWhetherTheConfigIsLoadedAndThatNothingIsTouched) {
  EXPECT_EQ(Json(Get("/health")).at("config_loaded"), false);
  Apply({MakePolicy()});
  const boost::json::value health = Json(Get("/health"));
  EXPECT_EQ(health.at("status"), "healthy");
  EXPECT_EQ(health.at("config_loaded"), true);
  EXPECT_EQ(health.at("dry_run"), true);
}

TEST(Health, IsDegradedWhileStateCannotBeStored) {
  PolicySnapshot snapshot{.policy = MakePolicy()};
  snapshot.status.phase = "Running";
  snapshot.status.conditions = {{.type = "StateStored", .status = false, .reason = "StoreFailed"}};
  EXPECT_THAT(FormatHealth(true, {}, {snapshot}), HasSubstr("degraded"));
}

TEST_F(Routes, HealthIsDegradedWhileThePolicyFileIsBroken) {
  Apply({MakePolicy()});
  run_.controller().Reject({{.file = "policy.yaml", .line = 3, .column = 1, .message = "unknown key"}});
  EXPECT_EQ(Json(Get("/health")).at("status"), "degraded");
}

TEST_F(Routes, MetricsAreInPrometheusTextFormat) {
  Apply({MakePolicy()});
  const HttpResponse answer = Get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(FindHeader(answer.headers, "Content-Type"), "text/plain; version=0.0.4");
  EXPECT_THAT(answer.body, HasSubstr("# TYPE autoplacer_"));
}

TEST_F(Routes, PoliciesAreAListOfKubernetesShape) {
  Apply({MakePolicy()});
  const boost::json::value list = Json(Get(kPolicies));
  EXPECT_EQ(list.at("apiVersion"), "autoplacer.dev/v1");
  EXPECT_EQ(list.at("kind"), "PlacementPolicyList");
  EXPECT_EQ(list.at("items").at(0).at("metadata").at("name"), "web");
}

TEST_F(Routes, OnePolicyHasItsStatus) {
  Apply({MakePolicy()});
  const boost::json::value policy = Json(Get(std::string(kPolicies) + "/web"));
  EXPECT_EQ(policy.at("kind"), "PlacementPolicy");
  EXPECT_TRUE(policy.at("status").at("regions").is_array());
}

TEST_F(Routes, AnUnknownPolicyIsNotFoundAndItsNameIsEscaped) {
  Apply({MakePolicy()});
  const HttpResponse answer = Get(std::string(kPolicies) + "/%22%0A%3Cb%3E");
  EXPECT_EQ(answer.status, 404);
  EXPECT_TRUE(Json(answer).at("error").is_string());
}

TEST_F(Routes, EventsAreAListWithALimit) {
  Apply({MakePolicy()});
  const boost::json::value list = Json(Get(std::string(kEvents) + "?policy=web&limit=5"));
  EXPECT_EQ(list.at("kind"), "EventList");
  EXPECT_LE(list.at("items").as_array().size(), 5u);
}

TEST_F(Routes, ABadEventLimitIsRefused) {
  for (const char* limit : {"0", "-1", "1001", "x", "99999999999999"}) {
    EXPECT_EQ(Get(std::string(kEvents) + "?limit=" + limit).status, 400) << limit;
  }
}

TEST_F(Routes, TheIndexNamesEveryEndpoint) {
  const HttpResponse answer = Get("/");
  EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '\n'), 1);
  for (const char* each : {"POST /trigger", "GET /metrics", "GET /health", "/placementpolicies/{name}"}) {
    EXPECT_THAT(answer.body, HasSubstr(each));
  }
}

TEST_F(Routes, UnknownPathsAreNotFoundWithJson) {
  for (const char* target : {"/nope", "", "/trigger/", "//", "/metricsx", "http://evil/", "/apis"}) {
    const HttpResponse answer = Get(target);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_TRUE(Json(answer).at("error").is_string()) << target;
  }
}

TEST_F(Routes, AWrongMethodIsRefusedWithTheAllowedOnes) {
  const HttpResponse post = Send({.method = "POST", .target = "/metrics"});
  EXPECT_EQ(post.status, 405);
  EXPECT_EQ(FindHeader(post.headers, "Allow"), "GET, HEAD");
  EXPECT_EQ(FindHeader(Get("/trigger").headers, "Allow"), "POST");
}

TEST_F(Routes, TheMetricsListenerServesThreePathsAndNothingElse) {
  Apply({MakePolicy()});
  const RoutesOptions options{.loopback = false, .metrics_only = true};
  for (const char* target : {"/metrics", "/livez", "/readyz"})
    EXPECT_EQ(Get(target, options).status, 200) << target;
  for (const char* target : {"/", "/health", kPolicies, kEvents}) {
    EXPECT_EQ(Get(target, options).status, 404) << target;
  }
  EXPECT_EQ(Trigger("", {{"Host", "localhost"}}, options).status, 404);
}

PolicySnapshot MakeActive(bool acting) {
  PolicySnapshot snapshot;
  snapshot.policy.mode = Mode::kActive;
  snapshot.status.conditions = {{"Acting", acting, "Reason", "", absl::UnixEpoch()}};
  return snapshot;
}

TEST(Health, IsNoDryRunOnlyWhereAnActivePolicyActs) {
  EXPECT_THAT(FormatHealth(true, {}, {MakeActive(true)}), HasSubstr("\"dry_run\":false"));
  EXPECT_THAT(FormatHealth(true, {}, {MakeActive(false)}), HasSubstr("\"dry_run\":true"));
}

TEST(Health, AWarningInThePolicyFileIsNoDegradation) {
  EXPECT_THAT(FormatHealth(true, {{.severity = Diagnostic::Severity::kWarning, .message = "m"}}, {}),
              HasSubstr("\"status\":\"healthy\""));
}

}  // namespace
}  // namespace placer
