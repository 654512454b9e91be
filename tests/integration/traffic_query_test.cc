// The one traffic query, as real servers answer it: nothing that is asked together hides anything else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <optional>
#include <vector>

#include "absl/time/clock.h"
#include "cmd/autoplacer/run_blocking.h"
#include "controller/prometheus/prometheus_client.h"
#include "tests/integration/lab.h"

namespace placer::testing {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::Le;

double Sum(const PointValues& values) {
  return std::accumulate(values.begin(), values.end(), 0.0,
                         [](double sum, PointValue value) { return sum + value.value_or(0); });
}

// The machine is in fra, where users come in too, and in one region more.
class TrafficQueryTest : public ::testing::TestWithParam<MetricsServer> {
 protected:
  void SetUp() override {
    if (!Lab::HasServer(GetParam())) GTEST_SKIP() << "the metrics server is not installed";
    lab_ = std::make_unique<Lab>(GetParam());
    away_ = lab_->FindBusiestRegions()[0];
    lab_->OnlyTrafficIn({"fra", away_});
    lab_->StartMetricsServer();
    http_.emplace(lab_->io(), *ParseUrl(lab_->environment()["FLY_PROMETHEUS_URL"]), HttpClientOptions{});
    client_.emplace(*http_, clock_, PrometheusClientOptions{});
  }
  void TearDown() override {
    client_.reset();
    http_.reset();
  }

  // Four points of 3 s, once all of them are witnessed.
  Traffic Fetch(TrafficSource source, const std::string& query = "") {
    PlacementPolicy policy;
    policy.app = "demo";
    policy.traffic.source = source;
    policy.traffic.query = query;
    policy.traffic.resolution = absl::Seconds(3);
    absl::StatusOr<Traffic> traffic;
    const auto is_complete = [&] {
      const absl::Time end =
          ComputeNewestExpectedPoint(absl::Now(), policy.traffic.resolution, absl::Seconds(2));
      lab_->io().restart();
      traffic = RunBlocking(lab_->io(), client_->Fetch(policy, end, 4));
      return traffic.ok() && traffic->witnessed == std::vector<bool>(4, true);
    };
    EXPECT_TRUE(lab_->WaitFor(is_complete, absl::Seconds(60))) << traffic.status();
    return traffic.ok() ? *traffic : Traffic();
  }

  std::unique_ptr<Lab> lab_;
  std::string away_;
  SystemClock clock_;
  std::optional<HttpClient> http_;
  std::optional<PrometheusClient> client_;
};

TEST_P(TrafficQueryTest, TellsWhereRequestsEnterFromWhereTheyAreAnswered) {
  const Traffic traffic = Fetch(TrafficSource::kEdge);
  ASSERT_TRUE(traffic.regions.contains(away_) && traffic.regions.contains("fra"));
  ASSERT_TRUE(traffic.served.contains("fra"));
  EXPECT_FALSE(traffic.served.contains(away_));
  const double entered = Sum(traffic.regions.at("fra")) + Sum(traffic.regions.at(away_));
  EXPECT_THAT(Sum(traffic.served.at("fra")) / entered, AllOf(Ge(0.7), Le(1.4)));
  ASSERT_TRUE(traffic.concurrency.contains("fra"));
  EXPECT_THAT(Sum(traffic.concurrency.at("fra")), Gt(0));
}

TEST_P(TrafficQueryTest, AQueryOfTheUserBringsItToo) {
  const Traffic traffic =
      Fetch(TrafficSource::kQuery,
            "sum by (region) (increase(fly_edge_http_responses_count{app=\"$app\"}[$resolution]))");
  EXPECT_TRUE(traffic.regions.contains(away_));
  ASSERT_TRUE(traffic.served.contains("fra"));
  EXPECT_THAT(Sum(traffic.served.at("fra")), Gt(0));
  EXPECT_TRUE(traffic.concurrency.contains("fra"));
}

TEST_P(TrafficQueryTest, ConnectionsComeWithConcurrencyOnly) {
  const Traffic traffic = Fetch(TrafficSource::kEdgeTcp);
  EXPECT_TRUE(traffic.regions.contains(away_));
  EXPECT_TRUE(traffic.concurrency.contains("fra"));
  EXPECT_THAT(traffic.served, IsEmpty());
  EXPECT_THAT(traffic.served_errors, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(RealServers, TrafficQueryTest,
                         ::testing::Values(MetricsServer::kPrometheus, MetricsServer::kVictoriaMetrics),
                         NameOf);

}  // namespace
}  // namespace placer::testing
