#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_split.h"
#include "api/prometheus_api.h"

namespace placer {
namespace {

std::string FormValue(const HttpRequest& request, const std::string& key) {
  const std::vector<std::string> pairs = absl::StrSplit(request.body, '&');
  for (const std::string& pair : pairs) {
    if (pair.rfind(key + "=", 0) == 0) return PercentDecode(pair.substr(key.size() + 1));
  }
  return "(none)";
}

TEST(PrometheusQueryTest, RangeQueryIsAFormWithTimesOnTheGrid) {
  const HttpRequest request =
      BuildRangeQuery("/prometheus/personal", "t", "sum(x{a=\"b\"})", absl::FromUnixSeconds(1788220800),
                      absl::FromUnixSeconds(1788226200), absl::Minutes(1));
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/prometheus/personal/api/v1/query_range");
  EXPECT_EQ(FindHeader(request.headers, "content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(FindHeader(request.headers, "authorization"), "Bearer t");
  EXPECT_EQ(FormValue(request, "query"), "sum(x{a=\"b\"})");
  EXPECT_EQ(FormValue(request, "start"), "1788220800");
  EXPECT_EQ(FormValue(request, "end"), "1788226200");
  EXPECT_EQ(FormValue(request, "step"), "60");
  EXPECT_EQ(FormValue(request, "nocache"), "1");
}

TEST(PrometheusQueryTest, FractionsOfASecondAreWrittenInMilliseconds) {
  const HttpRequest request = BuildRangeQuery("", "", "x", absl::FromUnixMillis(1500),
                                              absl::FromUnixMillis(2000005), absl::Milliseconds(250));
  EXPECT_EQ(FormValue(request, "start"), "1.500");
  EXPECT_EQ(FormValue(request, "end"), "2000.005");
  EXPECT_EQ(FormValue(request, "step"), "0.250");
}

TEST(PrometheusQueryTest, WithoutATokenThereIsNoAuthorization) {
  EXPECT_EQ(FindHeader(BuildInstantQuery("", "", "x", absl::UnixEpoch()).headers, "authorization"), "");
}

TEST(PrometheusQueryTest, InstantQueryNamesItsTime) {
  const HttpRequest request = BuildInstantQuery("/p", "", "x", absl::FromUnixSeconds(7));
  EXPECT_EQ(request.target, "/p/api/v1/query");
  EXPECT_EQ(request.body, "query=x&time=7");
}

PlacementPolicy MakePolicy(TrafficSource source, absl::Duration resolution) {
  PlacementPolicy policy;
  policy.app = "web";
  policy.traffic.source = source;
  policy.traffic.resolution = resolution;
  return policy;
}

// What each query of the app "web" ends with.
std::string InstanceWitness(const std::string& resolution) {
  return "label_replace(sum(count_over_time(fly_instance_up{app=\"web\"}[" + resolution +
         "])), \"witness\", \"instance\", \"\", \"\")";
}
std::string Concurrency(const std::string& resolution) {
  return "label_replace(sum by (region) (avg_over_time(fly_app_concurrency{app=\"web\"}[" + resolution +
         "])), \"of\", \"concurrency\", \"\", \"\")";
}
std::string Served(const std::string& resolution) {
  const std::string count =
      "label_replace(sum by (region) (increase(fly_app_http_responses_count{app=\"web\"";
  return count + "}[" + resolution + "])), \"of\", \"served\", \"\", \"\") or " + count +
         ",status=~\"5..\"}[" + resolution + "])), \"of\", \"served_errors\", \"\", \"\") or " +
         Concurrency(resolution);
}

TEST(PrometheusQueryTest, OneQueryAsksForTrafficBothWitnessesAndWhereItWasAnswered) {
  EXPECT_EQ(
      MakeTrafficQuery(MakePolicy(TrafficSource::kEdge, absl::Minutes(1))),
      "sum by (region) (increase(fly_edge_http_responses_count{app=\"web\"}[60s])) or "
      "label_replace(sum(count_over_time(fly_edge_http_responses_count{app=\"web\"}[60s]) > 1), \"witness\", "
      "\"traffic\", \"\", \"\") or " +
          InstanceWitness("60s") + " or " + Served("60s"));
}

TEST(PrometheusQueryTest, TcpCountsConnectionsAndKnowsOnlyConcurrency) {
  const std::string query = MakeTrafficQuery(MakePolicy(TrafficSource::kEdgeTcp, absl::Milliseconds(1500)));
  EXPECT_NE(query.find("increase(fly_edge_tcp_connects_count{app=\"web\"}[1500ms])"), std::string::npos)
      << query;
  EXPECT_NE(query.find(" or " + Concurrency("1500ms")), std::string::npos) << query;
  EXPECT_EQ(query.find("http"), std::string::npos) << query;
}

TEST(PrometheusQueryTest, AppNameCannotLeaveItsString) {
  PlacementPolicy policy = MakePolicy(TrafficSource::kEdge, absl::Minutes(1));
  policy.app = "a\"} or vector(1) #\\\n\x01";
  const std::string query = MakeTrafficQuery(policy);
  EXPECT_NE(query.find("{app=\"a\\\"} or vector(1) #\\\\\\n\\x01\"}"), std::string::npos) << query;
}

TEST(PrometheusQueryTest, QueryOfTheUserExpandsItsTwoNamesAndNothingElse) {
  PlacementPolicy policy = MakePolicy(TrafficSource::kQuery, absl::Seconds(30));
  policy.traffic.query = "sum by (region) (increase(m{app=\"$app\",x=~\"a$|$apple\"}[$resolution])) # $app";
  EXPECT_EQ(MakeTrafficQuery(policy),
            "(sum by (region) (increase(m{app=\"web\",x=~\"a$|$apple\"}[30s])) # web\n) or " +
                InstanceWitness("30s") + " or " + Served("30s"));
}

}  // namespace
}  // namespace placer
