// The two clients against our own HTTP server on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/prometheus/prometheus_client.h"
#include "tests/controller/clients/answering_server.h"

namespace placer {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ClientsTest : public AnsweringServerTest {
 protected:
  PrometheusClient Prometheus(std::string token = "t0ken") {
    return PrometheusClient(*http_, clock_, {.token = std::move(token), .observer = Observer()});
  }
};

TEST_F(ClientsTest, TrafficIsAskedForOnItsGridAndLaidOnIt) {
  answer_.body = R"({"status":"success","data":{"resultType":"matrix","result":[
      {"metric":{"region":"fra"},"values":[[120,"7"]]},{"metric":{"witness":"traffic"},"values":[[60,"4"],[120,"4"]]}]}})";
  PlacementPolicy policy;
  policy.app = "web";
  PrometheusClient client = Prometheus();
  const auto traffic = RunTask(io_, client.Fetch(policy, absl::FromUnixSeconds(120), 2));
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_THAT(traffic->regions.at("fra"), ElementsAre(std::nullopt, 7));
  ASSERT_EQ(seen_.size(), 1);
  EXPECT_EQ(seen_[0].target, "/base/api/v1/query_range");
  EXPECT_THAT(seen_[0].body, HasSubstr("&start=60&end=120&step=60"));
  EXPECT_EQ(FindHeader(seen_[0].headers, "authorization"), "Bearer t0ken");
  EXPECT_THAT(calls_, ElementsAre("query_range 200"));
}

TEST_F(ClientsTest, ARefusedTokenIsNamedByItsSchemeOnly) {
  answer_ = {.status = 401, .body = "bad token t0ken"};
  PrometheusClient client = Prometheus();
  const absl::Status status = RunTask(io_, client.Fetch({}, absl::UnixEpoch(), 1)).status();
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_THAT(status.message(), HasSubstr("the token was sent as Bearer"));
  EXPECT_THAT(status.message(), Not(HasSubstr("t0ken")));
  EXPECT_THAT(calls_, ElementsAre("query_range 401"));
}

TEST_F(ClientsTest, AMissingTokenIsSaid) {
  answer_ = {.status = 401};
  MachinesClient client = Machines("");
  EXPECT_THAT(RunTask(io_, client.List("web")).status().message(), HasSubstr("no token was sent"));
}

TEST_F(ClientsTest, MachinesAreListedWithFlysScheme) {
  answer_.body = R"([{"id":"m","region":"fra","state":"started"}])";
  MachinesClient client = Machines();
  const auto machines = RunTask(io_, client.List("web"));
  ASSERT_TRUE(machines.ok()) << machines.status();
  EXPECT_EQ((*machines)[0].id, "m");
  EXPECT_EQ(seen_[0].target, "/base/v1/apps/web/machines");
  EXPECT_EQ(FindHeader(seen_[0].headers, "authorization"), "FlyV1 fm2_t0ken");
  EXPECT_THAT(calls_, ElementsAre("list 200"));
}

TEST_F(ClientsTest, AMachineThatIsGoneIsNotFound) {
  answer_ = {.status = 404, .body = R"({"error":"machine not found"})"};
  MachinesClient client = Machines();
  const absl::Status status = RunTask(io_, client.Get("web", "m")).status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr("machine not found"));
  EXPECT_THAT(calls_, ElementsAre("get 404"));
}

TEST_F(ClientsTest, RegionsAreListed) {
  answer_.body = R"({"regions":[{"code":"fra","name":"Frankfurt","latitude":50.1,"longitude":8.7}]})";
  MachinesClient client = Machines();
  const auto regions = RunTask(io_, client.ListRegions());
  ASSERT_TRUE(regions.ok()) << regions.status();
  EXPECT_EQ((*regions)[0].code, "fra");
  EXPECT_THAT(calls_, ElementsAre("regions 200"));
}

TEST_F(ClientsTest, ACallWithoutAnAnswerIsCountedByItsStatus) {
  server_.Stop();
  MachinesClient client = Machines();
  EXPECT_EQ(RunTask(io_, client.List("web")).status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(calls_, ElementsAre("list UNAVAILABLE"));
}

}  // namespace
}  // namespace placer
