// The proof of concept's contract: its config.yml, as it stands, in a dry run, answers POST /trigger with its
// JSON shape, its sentences and its order of rules, on traffic that this test serves as Prometheus would, to
// the right token only.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "controller/net/http_server.h"
#include "tests/integration/lab.h"

namespace placer::testing {
namespace {

// Eleven keys; sfo is no region of Fly's.
constexpr char kConfig[] = R"(dry_run: True
cooldown_period: 3600
short_term_window: 5
long_term_window: 20
alpha_short: 0.3
alpha_long: 0.1
traffic_threshold: 50
deployment_threshold: 10
allowed_regions: [iad, cdg, lhr, fra, sfo, ams, sin, ord, lax, dfw]
excluded_regions: [nrt]
always_running_regions: [fra]
)";

// Requests per minute of each region, the same at every point: what the averages are then is plain
// arithmetic.
const std::map<std::string, double>& Traffic() {
  static const auto* traffic = new std::map<std::string, double>{
      {"ams", 12},   // 60 per 5 m, no machine: deployed
      {"cdg", 14},   // 70, but acted on a moment ago: cooldown
      {"dfw", 0.4},  // 2, acted on a moment ago, with a machine: cooldown
      {"fra", 1},    // 5, always running, acted on a moment ago
      {"gru", 20},   // not allowed
      {"iad", 20},   // 100, has a machine, acted on a moment ago: already deployed
      {"lax", 5},    // 25: between the thresholds
      {"lhr", 0.6},  // 3, no machine, acted on a moment ago: not deployed
      {"nrt", 30},   // excluded
      {"ord", 1},    // 5, has a machine: removed
  };
  return *traffic;
}

double PerFiveMinutes(const std::string& region) {
  return Traffic().at(region) * 5;
}

std::string WithAverages(const std::string& words, const std::string& region) {
  // A weighted mean of equal values is that value, whatever the weights.
  return absl::StrFormat("%s Current avg: %.2f, Long-term avg: %.2f", words, PerFiveMinutes(region),
                         PerFiveMinutes(region));
}

// The answer of both servers to one range query, with the witness series that go with it.
std::string AnswerRange(std::int64_t start, std::int64_t end, std::int64_t step) {
  boost::json::array result;
  const auto series = [&](boost::json::object metric, const std::string& value) {
    boost::json::array values;
    for (std::int64_t at = start; at <= end; at += step) values.push_back({at, value});
    result.push_back(boost::json::object{{"metric", std::move(metric)}, {"values", std::move(values)}});
  };
  for (const auto& [region, requests] : Traffic()) series({{"region", region}}, absl::StrCat(requests));
  series({{"witness", "traffic"}}, "40");
  series({{"witness", "instance"}}, "4");
  return boost::json::serialize(boost::json::object{
      {"status", "success"}, {"data", {{"resultType", "matrix"}, {"result", std::move(result)}}}});
}

class FlatConfigTest : public ::testing::Test {
 protected:
  FlatConfigTest() : lab_(MetricsServer::kPrometheus) {}

  void SetUp() override {
    for (const char* region : {"iad", "ord", "dfw"}) lab_.world().AddMachine(region, "started");
    server_ = std::make_unique<HttpServer>(
        lab_.io(), [this](HttpRequest request) { return Answer(std::move(request)); }, HttpServerOptions{});
    ASSERT_TRUE(server_->Listen({"127.0.0.1", 0}).ok());
    lab_.environment()["FLY_PROMETHEUS_URL"] = absl::StrCat("http://127.0.0.1:", server_->port());
    lab_.environment()["FLY_APP_NAME"] = "demo";
    lab_.WriteFile("config.yml", kConfig);
    WriteDeploymentState({"cdg", "dfw", "fra", "iad", "lhr"});
  }

  void TearDown() override { server_->Stop(); }

  // The proof of concept's own file, as it left it behind.
  void WriteDeploymentState(const std::vector<std::string>& regions) {
    boost::json::object state;
    for (const std::string& region : regions) {
      state[region] =
          absl::FormatTime("%Y-%m-%dT%H:%M:%S+00:00", absl::Now() - absl::Seconds(30), absl::UTCTimeZone());
    }
    std::filesystem::create_directories(lab_.PathOf("data"));
    lab_.WriteFile("data/deployment_state_dry_run.json", boost::json::serialize(state));
  }

  Task<HttpResponse> Answer(HttpRequest request) {
    authorization_ = std::string(FindHeader(request.headers, "Authorization"));
    if (authorization_ != "Bearer lab-secret-prometheus") co_return HttpResponse{.status = 401, .body = "no"};
    std::map<std::string, std::int64_t> form;
    for (absl::string_view field : absl::StrSplit(request.body, '&')) {
      const std::vector<std::string> pair = absl::StrSplit(field, absl::MaxSplits('=', 1));
      std::int64_t number = 0;
      if (pair.size() == 2 && absl::SimpleAtoi(PercentDecode(pair[1]), &number)) form[pair[0]] = number;
    }
    co_return HttpResponse{
        .headers = {{"Content-Type", "application/json"}},
        .body = AnswerRange(form["start"], form["end"], form["step"] == 0 ? 60 : form["step"])};
  }

  // Starts the controller and returns the report of its first pass that /trigger can see. What the very first
  // pass did is in the shadow by then.
  boost::json::object Trigger() {
    lab_.StartController(lab_.PathOf("config.yml"));
    EXPECT_TRUE(lab_.WaitFor([&] { return lab_.Ask({.target = "/readyz"}).status == 200; }));
    const HttpResponse answer = lab_.Ask({.method = "POST", .target = "/trigger"});
    EXPECT_EQ(answer.status, 200) << answer.body;
    return boost::json::parse(answer.body).as_object();
  }

  std::map<std::string, std::pair<std::string, std::string>> Skipped(const boost::json::object& report) {
    std::map<std::string, std::pair<std::string, std::string>> skipped;
    for (const boost::json::value& entry : report.at("skipped").as_array()) {
      EXPECT_EQ(entry.as_object().size(), 3u);
      skipped[std::string(entry.at("region").as_string())] = {std::string(entry.at("action").as_string()),
                                                              std::string(entry.at("reason").as_string())};
    }
    return skipped;
  }

  Lab lab_;
  std::unique_ptr<HttpServer> server_;
  std::string authorization_;
};

TEST_F(FlatConfigTest, TriggerHasItsShape) {
  const boost::json::object report = Trigger();
  std::vector<std::string> keys;
  for (const auto& entry : report) keys.emplace_back(entry.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"deployed", "removed", "skipped", "errors", "current_deployment",
                                            "updated_deployment"}))
      << lab_.Describe();
  EXPECT_TRUE(report.at("errors").as_array().empty());
}

TEST_F(FlatConfigTest, EachOfItsSentencesIsReached) {
  const auto skipped = Skipped(Trigger());
  using Entry = std::pair<std::string, std::string>;
  EXPECT_EQ(skipped.at("nrt"), (Entry{"deploy", "Region is in excluded_regions list"})) << lab_.Describe();
  EXPECT_EQ(skipped.at("gru"), (Entry{"deploy", "Region is not in allowed_regions list"}));
  EXPECT_EQ(skipped.at("fra"), (Entry{"remove", "Region is in always_running_regions list"}));
  EXPECT_EQ(skipped.at("iad"), (Entry{"deploy", WithAverages("Region is already deployed.", "iad")}));
  EXPECT_EQ(skipped.at("lhr"), (Entry{"remove", WithAverages("Region is not currently deployed.", "lhr")}));
  EXPECT_EQ(skipped.at("lax"),
            (Entry{"none", WithAverages("Traffic does not meet adaptive thresholds.", "lax")}));
  for (const auto& [region, action] :
       std::map<std::string, std::string>{{"cdg", "deploy"}, {"dfw", "remove"}}) {
    EXPECT_EQ(skipped.at(region).first, action);
    int seconds = 0;
    ASSERT_EQ(
        std::sscanf(skipped.at(region).second.c_str(), "Cooldown period (%d seconds remaining)", &seconds), 1)
        << skipped.at(region).second;
    EXPECT_GT(seconds, 3600 - 30 - 120);
    EXPECT_LE(seconds, 3600 - 30);
  }
}

TEST_F(FlatConfigTest, ItActsOnWhatTheTrafficSays) {
  const boost::json::object report = Trigger();
  const boost::json::value policy = lab_.Policy("demo");
  ASSERT_FALSE(policy.is_null()) << lab_.Describe();
  std::map<std::string, std::string> acted;
  for (const boost::json::value& action : policy.at("status").at("recentActions").as_array()) {
    acted[std::string(action.at("region").as_string())] = std::string(action.at("action").as_string());
  }
  EXPECT_EQ(acted, (std::map<std::string, std::string>{{"ams", "deploy"}, {"ord", "remove"}}))
      << lab_.Describe();
  EXPECT_EQ(report.at("updated_deployment"), (boost::json::array{"ams", "dfw", "fra", "iad"}));
  EXPECT_EQ(authorization_, "Bearer lab-secret-prometheus");
}

TEST_F(FlatConfigTest, ItsStateFileIsKeptUpToDate) {
  Trigger();
  ASSERT_TRUE(lab_.StopController());
  const boost::json::value state = boost::json::parse(lab_.ReadFile("data/deployment_state_dry_run.json"));
  std::vector<std::string> regions;
  for (const auto& entry : state.as_object()) regions.emplace_back(entry.key());
  EXPECT_EQ(regions, (std::vector<std::string>{"ams", "dfw", "fra", "iad"}));
}

}  // namespace
}  // namespace placer::testing
