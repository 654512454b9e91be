#include "cmd/flysim/query_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "api/prometheus_api.h"
#include "cmd/flysim/answers.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

PlacementPolicy MakePolicy(const std::string& app) {
  PlacementPolicy policy;
  policy.app = app;
  return policy;
}

HttpRequest MakeQuery(const PlacementPolicy& policy, absl::Time end, int points) {
  const absl::Duration resolution = policy.traffic.resolution;
  return BuildRangeQuery("", "", MakeTrafficQuery(policy), end - (points - 1) * resolution, end, resolution);
}

absl::StatusOr<Traffic> Ask(World& world, const PlacementPolicy& policy, absl::Time end, int points) {
  const auto answer = ParseQueryAnswer(MakeAnswer(world, {}, MakeQuery(policy, end, points)));
  if (!answer.ok()) return answer.status();
  return MakeTraffic(policy, *answer, end, points);
}

TEST(QueryAnswersTest, TheControllersOwnQueryReadsWhatWasCounted) {
  World world(MakeOptions());
  PassSeconds(world, 300);
  const absl::Time end = kStart + absl::Minutes(5);
  const auto traffic = Ask(world, MakePolicy("demo"), end, 4);
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_EQ(traffic->witnessed, std::vector<bool>(4, true));
  EXPECT_EQ(traffic->instance_up, std::vector<bool>(4, true));
  EXPECT_THAT(traffic->warnings, IsEmpty());
  for (int i = 0; i < 4; ++i) {
    const absl::Time to = end - absl::Minutes(3 - i);
    const auto entered = world.CountEdgeRequests(to - absl::Minutes(1), to);
    ASSERT_EQ(traffic->regions.size(), entered.size());
    for (const auto& [region, requests] : entered) EXPECT_EQ(traffic->regions.at(region)[i], requests);
    const Served served = world.CountServed(to - absl::Minutes(1), to).at("fra");
    EXPECT_EQ(traffic->served.at("fra")[i], served.requests);
    EXPECT_EQ(traffic->served_errors.at("fra")[i], served.errors);
    EXPECT_EQ(traffic->concurrency.at("fra")[i], served.concurrency);
  }
}

TEST(QueryAnswersTest, PointsBeforeTheWorldBeganAreNotWitnessed) {
  World world(MakeOptions());
  PassSeconds(world, 60);
  const auto traffic = Ask(world, MakePolicy("demo"), kStart + absl::Minutes(1), 3);
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_EQ(traffic->witnessed, (std::vector<bool>{false, false, true}));
}

TEST(QueryAnswersTest, AnAppThatIsNotHereHasNoSeries) {
  World world(MakeOptions());
  PassSeconds(world, 120);
  const auto traffic = Ask(world, MakePolicy("other"), kStart + absl::Minutes(2), 2);
  ASSERT_TRUE(traffic.ok()) << traffic.status();
  EXPECT_THAT(traffic->regions, IsEmpty());
  EXPECT_EQ(traffic->witnessed, std::vector<bool>(2, false));
}

TEST(QueryAnswersTest, ARangeThatMakesNoSenseIsRefused) {
  World world(MakeOptions());
  for (const char* form :
       {"", "query=up%7Bapp%3D%22demo%22%7D&start=0&end=60&step=60", "query=x%5B60s%5D&start=0&end=60&step=0",
        "query=x%5B60s%5D&start=60&end=0&step=60", "query=x%5B60s%5D&start=0&end=1e12&step=1",
        "query=x%5B60s%5D&start=nan&end=0&step=1"}) {
    const HttpResponse answer =
        MakeAnswer(world, {}, {.method = "POST", .target = "/api/v1/query_range", .body = form});
    EXPECT_EQ(answer.status, 400) << form;
    EXPECT_THAT(answer.body, HasSubstr("bad_data"));
  }
}

TEST(QueryAnswersTest, ARequestNamesItsAppInThePathInTheQueryOrAsAParameter) {
  EXPECT_EQ(FindApp({.target = "/v1/apps/demo-2/machines"}), "demo-2");
  EXPECT_EQ(FindApp({.target = "/metrics?app=demo-3"}), "demo-3");
  EXPECT_EQ(FindApp(MakeQuery(MakePolicy("demo-4"), kStart, 2)), "demo-4");
  EXPECT_EQ(FindApp({.target = "/v1/platform/regions"}), "");
}

}  // namespace
}  // namespace placer::flysim
