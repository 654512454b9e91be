// The program as a person runs it: the demo without account or server, orderly stop, metrics that promtool
// accepts, and secrets that appear nowhere.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "controller/net/http_server.h"
#include "tests/integration/lab.h"

namespace placer::testing {
namespace {

class ProgramTest : public ::testing::Test {
 protected:
  ProgramTest() : lab_(MetricsServer::kPrometheus) {}

  void StartWithPolicy() {
    lab_.WriteFile("policy.yaml", kQuickPolicy);
    lab_.StartController(lab_.PathOf("policy.yaml"));
    ASSERT_TRUE(lab_.WaitFor([&] { return !lab_.Policy("web").is_null(); })) << lab_.Describe();
  }

  Lab lab_;
};

TEST_F(ProgramTest, TheDemoAddsARegionWithNoAccountAndNoServer) {
  lab_.environment() = {};
  lab_.StartDemo();
  const auto added = [&] {
    const boost::json::value policy = lab_.Policy("demo");
    return !policy.is_null() && policy.at("status").at("placement").at("shadow").as_object().size() > 1;
  };
  EXPECT_TRUE(lab_.WaitFor(added, absl::Seconds(30))) << lab_.Describe();
  EXPECT_TRUE(lab_.StopController());
}

TEST_F(ProgramTest, ItStopsWhilePlatformAndPrometheusNeverAnswer) {
  HttpServer silent(
      lab_.io(),
      [&](HttpRequest) -> Task<HttpResponse> {
        co_await lab_.Never();
        co_return HttpResponse{};
      },
      HttpServerOptions{});
  ASSERT_TRUE(silent.Listen({"127.0.0.1", 0}).ok());
  lab_.environment()["FLY_FLAPS_BASE_URL"] = absl::StrCat("http://127.0.0.1:", silent.port());
  lab_.WriteFile("policy.yaml", kQuickPolicy);
  lab_.StartController(lab_.PathOf("policy.yaml"));
  ASSERT_TRUE(lab_.WaitFor([&] { return lab_.Ask({.target = "/readyz"}).status == 200; })) << lab_.Describe();
  EXPECT_TRUE(lab_.StopController(absl::Seconds(5))) << "Fly kills then: " << lab_.Describe();
  silent.Stop();
}

TEST_F(ProgramTest, MetricsPassPromtoolAndNoSeriesAppearsTwice) {
  StartWithPolicy();
  ASSERT_TRUE(lab_.WaitFor([&] { return lab_.Passes() > 2; }));
  const std::string page = lab_.Ask({.target = "/metrics"}).body;
  std::set<std::string> series;
  for (absl::string_view line : absl::StrSplit(page, '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    const std::string name(line.substr(0, line.rfind(' ')));
    EXPECT_TRUE(series.insert(name).second) << "twice: " << name;
    for (const char* label : {"app=", "region=", "host=", "instance="}) {
      EXPECT_FALSE(absl::StrContains(name, absl::StrCat("{", label)) ||
                   absl::StrContains(name, absl::StrCat(",", label)))
          << name;
    }
  }
  EXPECT_GT(series.size(), 50u);
  const std::string promtool = FindProgram("promtool");
  if (promtool.empty()) GTEST_SKIP() << "promtool is not installed";
  const Finished check = RunProgram({promtool, "check", "metrics"}, {}, lab_.directory(), page);
  EXPECT_EQ(check.exit_status, 0) << check.output;
  EXPECT_EQ(check.output, "");
}

TEST_F(ProgramTest, WhatItStoresIsForItsOwnUserAloneWhateverTheUmask) {
  const mode_t before = umask(0);
  StartWithPolicy();
  umask(before);
  const std::string data = lab_.PathOf("data");
  const auto stored = [&] { return std::filesystem::exists(data + "/web/traffic_history_dry_run.json"); };
  ASSERT_TRUE(lab_.WaitFor(stored)) << lab_.Describe();
  std::set<std::string> files = {data};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data)) files.insert(entry.path());
  for (const char* each : {"autoplacer.db", "autoplacer.db-wal", "autoplacer.db-shm", "autoplacer.lock",
                           "web/deployment_state_dry_run.json", "logs/auto_placer.log"}) {
    EXPECT_TRUE(files.contains(absl::StrCat(data, "/", each))) << each;
  }
  for (const std::string& each : files) {
    struct stat info{};
    if (stat(each.c_str(), &info) != 0) continue;  // a file that was just being replaced
    EXPECT_EQ(info.st_mode & 07777, S_ISDIR(info.st_mode) ? 0700u : 0600u) << each;
  }
}

TEST_F(ProgramTest, SecretsAppearNowhereAfterARunWithFailures) {
  // Prometheus is not there at all; the platform refuses the token, and repeats it in its answer.
  HttpServer refusing(
      lab_.io(),
      [](HttpRequest request) -> Task<HttpResponse> {
        const std::string token(FindHeader(request.headers, "Authorization"));
        co_return HttpResponse{.status = 401,
                               .body = absl::StrCat(R"({"error":"bad token )", token, R"("})")};
      },
      HttpServerOptions{});
  ASSERT_TRUE(refusing.Listen({"127.0.0.1", 0}).ok());
  lab_.environment()["FLY_FLAPS_BASE_URL"] = absl::StrCat("http://127.0.0.1:", refusing.port());
  StartWithPolicy();
  ASSERT_TRUE(lab_.WaitFor([&] { return lab_.Passes() > 2; }));
  lab_.Ask({.method = "POST", .target = "/trigger", .headers = {{"Authorization", "Bearer lab-secret-own"}}});

  std::string everything = lab_.Ask({.target = "/metrics"}).body;
  for (const char* path :
       {"/", "/health", "/readyz", "/apis/autoplacer.dev/v1/placementpolicies",
        "/apis/autoplacer.dev/v1/placementpolicies/web", "/apis/autoplacer.dev/v1/events"}) {
    everything += lab_.Ask({.target = path}).body;
  }
  ASSERT_TRUE(lab_.StopController());
  everything += lab_.controller().ReadLog();
  int files = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(lab_.PathOf("data"))) {
    if (!file.is_regular_file()) continue;
    std::ifstream stream(file.path(), std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    everything += text.str();
    ++files;
  }
  EXPECT_GE(files, 3) << "database, mirror and log were to be looked through";
  EXPECT_TRUE(absl::StrContains(everything, "401")) << "the failure was to be seen";
  for (const char* secret : {"fm2_lab/secret", "secret+machines", "secret%2Bmachines",
                             "lab-secret-prometheus", "lab-secret-own"}) {
    EXPECT_FALSE(absl::StrContains(everything, secret)) << secret;
  }
}

}  // namespace
}  // namespace placer::testing
