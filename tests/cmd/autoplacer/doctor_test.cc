#include "cmd/autoplacer/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace placer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Level = CheckResult::Level;

constexpr char kPolicyText[] =
    "apiVersion: autoplacer.dev/v1\nkind: PlacementPolicy\nmetadata: {name: web}\nspec: {app: shop}\n";
constexpr char kMachines[] = R"([{"id":"m1","name":"n","region":"fra","state":"started"}])";
constexpr char kRegions[] =
    R"({"Regions":[{"code":"fra","name":"Frankfurt","latitude":50,"longitude":8.6}]})";
constexpr char kVector[] =
    R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1790000000,"1"]}]}})";
constexpr char kNothing[] = R"({"status":"success","data":{"resultType":"matrix","result":[]}})";

// A world in which all is well; each test breaks one thing.
struct Fixture {
  RunOptions options;
  Environment environment;
  DoctorWorld world;
  HttpResponse machine_list{.status = 200, .body = kMachines};
  HttpResponse change{.status = 404, .body = R"({"error":"machine not found"})"};
  HttpResponse region_list{.status = 200, .body = kRegions};
  HttpResponse instant{.status = 200, .body = kVector};
  HttpResponse range{.status = 200, .body = kNothing};

  Fixture() {
    options.policy = "policy.yaml";
    options.prometheus_url = "https://api.fly.io/prometheus/my-org";
    environment.api_token = "secret-token";
    environment.prometheus_token = "secret-token";
    world.machines = [this](HttpRequest request) -> absl::StatusOr<HttpResponse> {
      if (request.method != "GET") return change;
      return absl::StrContains(request.target, "regions") ? region_list : machine_list;
    };
    world.prometheus = [this](HttpRequest request) -> absl::StatusOr<HttpResponse> {
      return absl::StrContains(request.target, "query_range") ? range : instant;
    };
    world.read_policies = [](const std::string& path) {
      return absl::StatusOr<std::vector<PolicyFile>>({{path, kPolicyText}});
    };
    world.try_write = [](const std::string&) { return absl::OkStatus(); };
    world.is_on_volume = [](const std::string&) { return true; };
    world.try_listen = [](const std::string&) { return absl::OkStatus(); };
    world.check_ca_file = [](const std::string&) { return absl::OkStatus(); };
    world.now = absl::FromUnixSeconds(1'790'000'000);
  }
  std::vector<CheckResult> Run() const { return RunChecks(options, environment, world); }
  CheckResult Find(const std::string& name) const {
    for (const CheckResult& each : Run()) {
      if (absl::StrContains(each.name, name)) return each;
    }
    ADD_FAILURE() << "no check named " << name;
    return {};
  }
};

TEST(Doctor, TriesEveryCallAndFailsNoneWhereAllIsWell) {
  const Fixture fixture;
  const std::vector<CheckResult> results = fixture.Run();
  EXPECT_FALSE(AnyFailed(results)) << RenderChecks(results, {});
  const std::string text = RenderChecks(results, {});
  for (const char* each :
       {"Machines API: regions", "policy", "Machines API: machines of shop", "Prometheus: instant query",
        "Prometheus: traffic of shop", "data directory", "listen address"}) {
    EXPECT_THAT(text, HasSubstr(each));
  }
}

TEST(Doctor, ARefusedTokenFailsWithWhatToDo) {
  Fixture fixture;
  fixture.machine_list = {.status = 401, .body = "{\"error\":\"unauthorized\"}"};
  const CheckResult result = fixture.Find("machines of shop");
  EXPECT_EQ(result.level, Level::kFail);
  EXPECT_THAT(result.advice, HasSubstr("fly tokens create"));
}

TEST(Doctor, AMissingTokenIsNamedBeforeTheCallsThatItBreaks) {
  Fixture fixture;
  fixture.environment.api_token.clear();
  EXPECT_EQ(fixture.Find("FLY_API_TOKEN").level, Level::kWarn);
}

void MakeActive(Fixture& fixture) {
  fixture.world.read_policies = [](const std::string& path) {
    return absl::StatusOr<std::vector<PolicyFile>>(
        {{path, absl::StrReplaceAll(kPolicyText, {{"app: shop", "app: shop, mode: Active"}})}});
  };
}

TEST(Doctor, ATokenThatMayWriteIsToldByAMachineThatCannotExist) {
  Fixture fixture;
  MakeActive(fixture);
  EXPECT_EQ(fixture.Find("changing machines of shop").level, Level::kOk);
}

TEST(Doctor, WritingIsTriedOnNoMachineThatIsThere) {
  Fixture fixture;
  std::vector<std::string> changes;
  fixture.world.machines = [&](HttpRequest request) -> absl::StatusOr<HttpResponse> {
    if (request.method == "GET") return fixture.machine_list;
    changes.push_back(request.target);
    return fixture.change;
  };
  fixture.Run();
  EXPECT_THAT(changes, ::testing::ElementsAre("/v1/apps/shop/machines/00000000000000/cordon"));
}

TEST(Doctor, AReadOnlyTokenFailsWhereAPolicyActs) {
  for (const int status : {401, 403}) {
    Fixture fixture;
    MakeActive(fixture);
    fixture.change = {.status = status, .body = R"({"error":"unauthorized"})"};
    const CheckResult result = fixture.Find("changing machines of shop");
    EXPECT_EQ(result.level, Level::kFail) << status;
    EXPECT_THAT(result.advice, HasSubstr("fly tokens create deploy")) << status;
  }
}

TEST(Doctor, AReadOnlyTokenIsAWarningForADryRun) {
  Fixture fixture;
  fixture.change = {.status = 403, .body = R"({"error":"unauthorized"})"};
  const CheckResult result = fixture.Find("changing machines of shop");
  EXPECT_EQ(result.level, Level::kWarn);
  EXPECT_THAT(result.advice, HasSubstr("enough for a dry run"));
}

TEST(Doctor, AServerThatCannotSayWhetherWeMayWriteIsAWarning) {
  Fixture fixture;
  MakeActive(fixture);
  fixture.change = {.status = 500, .body = "oops"};
  EXPECT_EQ(fixture.Find("changing machines of shop").level, Level::kWarn);
}

TEST(Doctor, WritingIsNotTriedWhereReadingFailed) {
  Fixture fixture;
  fixture.machine_list = {.status = 401, .body = "{}"};
  EXPECT_THAT(RenderChecks(fixture.Run(), {}), Not(HasSubstr("changing machines")));
}

TEST(Doctor, ATokenThatMayNotListRegionsIsAWarningOnly) {
  Fixture fixture;
  fixture.region_list = {.status = 403, .body = ""};
  const CheckResult result = fixture.Find("regions");
  EXPECT_EQ(result.level, Level::kWarn);
  EXPECT_THAT(result.advice, HasSubstr("built-in table"));
  EXPECT_FALSE(AnyFailed(fixture.Run()));
}

TEST(Doctor, AnUnknownAppAsksForItsName) {
  Fixture fixture;
  fixture.machine_list = {.status = 404, .body = "{\"error\":\"app not found\"}"};
  const CheckResult result = fixture.Find("machines of shop");
  EXPECT_EQ(result.level, Level::kFail);
  EXPECT_THAT(result.advice, HasSubstr("spec.app"));
}

TEST(Doctor, AnAppWithoutMachinesIsAWarning) {
  Fixture fixture;
  fixture.machine_list.body = "[]";
  EXPECT_EQ(fixture.Find("machines of shop").level, Level::kWarn);
}

TEST(Doctor, AnUnreachableMachinesApiQuestionsTheUrl) {
  Fixture fixture;
  fixture.world.machines = [](HttpRequest) {
    return absl::UnavailableError("cannot resolve nowhere.example");
  };
  const CheckResult result = fixture.Find("machines of shop");
  EXPECT_EQ(result.level, Level::kFail);
  EXPECT_THAT(result.message, HasSubstr("nowhere.example"));
  EXPECT_THAT(result.advice, HasSubstr("FLY_FLAPS_BASE_URL"));
}

TEST(Doctor, WithoutAPrometheusUrlItSaysHowToFindIt) {
  Fixture fixture;
  fixture.options.prometheus_url.clear();
  const CheckResult result = fixture.Find("instant query");
  EXPECT_EQ(result.level, Level::kFail);
  EXPECT_THAT(result.advice, HasSubstr("https://api.fly.io/prometheus/"));
}

TEST(Doctor, APrometheusThatRefusesTheTokenIsToldApartFromAWrongUrl) {
  Fixture fixture;
  fixture.instant = {.status = 401, .body = ""};
  EXPECT_THAT(fixture.Find("instant query").advice, HasSubstr("AUTOPLACER_PROMETHEUS_TOKEN"));
  fixture.instant = {.status = 404, .body = "404 page not found"};
  EXPECT_THAT(fixture.Find("instant query").advice, HasSubstr("FLY_PROMETHEUS_URL"));
}

TEST(Doctor, AfterAFailedInstantQueryTheRangeQueryIsNotTried) {
  Fixture fixture;
  fixture.instant = {.status = 401, .body = ""};
  for (const CheckResult& each : fixture.Run()) EXPECT_THAT(each.name, Not(HasSubstr("traffic of")));
}

TEST(Doctor, NoTrafficAtAllIsAWarningAboutTheAppName) {
  const CheckResult result = Fixture().Find("traffic of shop");
  EXPECT_EQ(result.level, Level::kWarn);
  EXPECT_THAT(result.message, HasSubstr("20m"));
}

TEST(Doctor, WhatTheServerWarnsOfIsSaid) {
  Fixture fixture;
  fixture.range.body =
      absl::StrReplaceAll(kNothing, {{"\"data\"", "\"warnings\":[\"a store is away\"],\"data\""}});
  const CheckResult result = fixture.Find("traffic of shop");
  EXPECT_EQ(result.level, Level::kWarn);
  EXPECT_EQ(result.message, "a store is away");
}

TEST(Doctor, ABrokenPolicyFailsWithItsLine) {
  Fixture fixture;
  fixture.world.read_policies = [](const std::string& path) {
    return absl::StatusOr<std::vector<PolicyFile>>({{path, std::string(kPolicyText) + "sepc: {}\n"}});
  };
  const CheckResult result = fixture.Find("policy");
  EXPECT_EQ(result.level, Level::kFail);
  EXPECT_THAT(result.message, HasSubstr("policy.yaml:5:"));
}

TEST(Doctor, ARegionThatThePlatformDoesNotListIsAnErrorOfThePolicy) {
  Fixture fixture;
  fixture.world.read_policies = [](const std::string& path) {
    return absl::StatusOr<std::vector<PolicyFile>>(
        {{path,
          "apiVersion: autoplacer.dev/v1\nkind: PlacementPolicy\nmetadata: {name: web}\n"
          "spec: {app: shop, regions: {alwaysRunning: [ams]}}\n"}});
  };
  EXPECT_EQ(fixture.Find("policy").level, Level::kFail);
}

TEST(Doctor, WithoutAPolicyItStillChecksTheRest) {
  Fixture fixture;
  fixture.options.policy.clear();
  EXPECT_EQ(fixture.Find("policy").level, Level::kFail);
  EXPECT_EQ(fixture.Find("instant query").level, Level::kOk);
  EXPECT_EQ(fixture.Find("listen address").level, Level::kOk);
}

TEST(Doctor, ACaFileThatHoldsNoCertificateFailsWhateverTheUrlsAre) {
  Fixture fixture;
  EXPECT_THAT(RenderChecks(fixture.Run(), {}), Not(HasSubstr("CA file")));
  fixture.options.ca_file = "nope.pem";
  EXPECT_EQ(fixture.Find("CA file").level, Level::kOk);
  fixture.world.check_ca_file = [](const std::string& path) {
    return absl::InvalidArgumentError("CA file " + path + ": no such file");
  };
  const CheckResult result = fixture.Find("CA file");
  EXPECT_EQ(result.level, Level::kFail);
  EXPECT_THAT(result.message, ::testing::StartsWith("nope.pem: "));
  EXPECT_THAT(result.advice, HasSubstr("--ca-file"));
}

TEST(Doctor, ADataDirectoryThatIsNotWritableFails) {
  Fixture fixture;
  fixture.world.try_write = [](const std::string&) {
    return absl::PermissionDeniedError("cannot write in ./data");
  };
  EXPECT_EQ(fixture.Find("data directory").level, Level::kFail);
}

TEST(Doctor, OnFlyADataDirectoryOffAVolumeIsAWarning) {
  Fixture fixture;
  fixture.world.is_on_volume = [](const std::string&) { return false; };
  EXPECT_EQ(fixture.Find("data directory").level, Level::kOk);
  fixture.environment.machine_id = "m1";
  EXPECT_EQ(fixture.Find("data directory").level, Level::kWarn);
}

TEST(Doctor, ATakenListenAddressFails) {
  Fixture fixture;
  fixture.world.try_listen = [](const std::string&) {
    return absl::UnavailableError("127.0.0.1:8000 is in use");
  };
  EXPECT_EQ(fixture.Find("listen address").level, Level::kFail);
}

TEST(Doctor, AMalformedListenAddressIsNotTakenForARunningController) {
  Fixture fixture;
  fixture.world.try_listen = [](const std::string&) { return absl::InvalidArgumentError("no port"); };
  EXPECT_THAT(fixture.Find("listen").advice, Not(HasSubstr("runs there already")));
}

TEST(Doctor, ARefusedTokenIsShownWithTheSchemeThatItWasSentAs) {
  Fixture fixture;
  fixture.environment.prometheus_token = "fm2_abc";
  fixture.instant = {.status = 401, .body = "no"};
  const CheckResult result = fixture.Find("instant");
  EXPECT_THAT(result.advice, HasSubstr("sent as FlyV1"));
  EXPECT_THAT(result.advice, Not(HasSubstr("fm2_abc")));
}

TEST(Doctor, AUrlThatIsNoneIsNotBlamedOnTheQuery) {
  Fixture fixture;
  fixture.world.prometheus = [](HttpRequest) -> absl::StatusOr<HttpResponse> {
    return absl::InvalidArgumentError("the URL has no scheme");
  };
  EXPECT_THAT(fixture.Find("instant").advice, HasSubstr("FLY_PROMETHEUS_URL"));
}

TEST(Doctor, TlsAgainstAPlainPortAsksForHttp) {
  Fixture fixture;
  fixture.world.prometheus = [](HttpRequest) -> absl::StatusOr<HttpResponse> {
    return absl::UnavailableError("TLS handshake with h: wrong version number (SSL routines)");
  };
  EXPECT_THAT(fixture.Find("instant").advice, HasSubstr("http://"));
}

TEST(Doctor, AFlatDryRunWithoutATokenIsSaidToRunOnDemoTraffic) {
  Fixture fixture;
  fixture.environment.api_token = "";
  fixture.world.read_policies = [](const std::string& path) {
    return absl::StatusOr<std::vector<PolicyFile>>({{path, "dry_run: true\n"}});
  };
  EXPECT_THAT(fixture.Find("FLY_API_TOKEN").message, HasSubstr("demo traffic"));
}

TEST(Doctor, NeverPrintsAToken) {
  Fixture fixture;
  for (const int status : {200, 401, 403, 404, 500}) {
    fixture.machine_list.status = fixture.region_list.status = fixture.instant.status = fixture.range.status =
        status;
    const std::vector<CheckResult> results = fixture.Run();
    EXPECT_THAT(RenderChecks(results, {}), Not(HasSubstr("secret-token")));
    EXPECT_THAT(FormatChecksJson(results), Not(HasSubstr("secret-token")));
  }
}

TEST(Doctor, JsonSaysWhetherAllIsWell) {
  EXPECT_EQ(FormatChecksJson({{"a", Level::kWarn, "m", "do"}}),
            R"({"ok":true,"checks":[{"name":"a","level":"WARN","message":"m","advice":"do"}]})");
  EXPECT_THAT(FormatChecksJson({{"a", Level::kFail, "m", "do"}}), HasSubstr("\"ok\":false"));
}

}  // namespace
}  // namespace placer
