#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricsPageTest, NoSeriesAppearsTwice) {
  World world(MakeOptions());
  world.AddMachine("fra", "started");
  world.AddMachine("iad", "stopped");
  world.AdvanceTo(kStart + absl::Minutes(10));
  std::set<std::string> seen;
  for (const absl::string_view line : absl::StrSplit(world.RenderMetrics(), '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    EXPECT_TRUE(seen.insert(std::string(line.substr(0, line.rfind(' ')))).second) << std::string(line);
  }
  EXPECT_GT(seen.size(), 20u);
}

TEST(MetricsPageTest, EverySampleIsANumberWithoutATimeStamp) {
  World world(MakeOptions());
  world.AdvanceTo(kStart + absl::Minutes(1));
  for (const auto& [series, value] : ParsePage(world.RenderMetrics())) {
    EXPECT_TRUE(absl::EndsWith(series, "}")) << series;
    EXPECT_GE(value, 0) << series;
  }
}

TEST(MetricsPageTest, CountersFallOnlyWhenAProxyRestarts) {
  World world(MakeOptions(20));
  std::map<std::string, double> before;
  int restarts = 0;
  for (int minute = 1; minute <= 24 * 60; ++minute) {
    world.AdvanceTo(kStart + absl::Minutes(minute));
    const std::map<std::string, double> after = ParsePage(world.RenderMetrics());
    for (const auto& [series, value] : before) {
      if (!absl::StrContains(series, "_count{")) continue;
      const auto found = after.find(series);
      if (found == after.end()) {
        // Only a proxy forgets, and then it comes back in the other colour.
        ASSERT_TRUE(absl::StartsWith(series, "fly_edge_")) << series;
        restarts += absl::StartsWith(series, "fly_edge_tcp_connects_count") ? 1 : 0;
        continue;
      }
      ASSERT_GE(found->second, value) << series;
    }
    before = after;
  }
  EXPECT_GE(restarts, 5);
  EXPECT_LE(restarts, 80);
}

// With this seed no proxy restarts during the first minutes, which would make it forget.
constexpr std::uint64_t kSeedWithoutRestart = 2;

TEST(MetricsPageTest, EdgeCountersEqualTheRequestsThatEntered) {
  World world(MakeOptions(150, kSeedWithoutRestart));
  world.AdvanceTo(kStart + absl::Minutes(5));
  const auto page = ParsePage(world.RenderMetrics());
  for (const auto& [region, count] : world.CountEdgeRequests(kStart, world.now())) {
    const std::string label = "region=\"" + region + "\"";
    EXPECT_EQ(SumSeries(page, "fly_edge_http_responses_count", {label}), count) << region;
    EXPECT_EQ(SumSeries(page, "fly_edge_tcp_connects_count", {label}), count) << region;
  }
}

TEST(MetricsPageTest, MachinesCountWhereRequestsAreServed) {
  World world(MakeOptions(150, kSeedWithoutRestart));
  world.AdvanceTo(kStart + absl::Minutes(5));
  const auto page = ParsePage(world.RenderMetrics());
  EXPECT_EQ(SumSeries(page, "fly_app_http_responses_count", {"region=\"fra\""}),
            SumSeries(page, "fly_edge_http_responses_count"));
}

TEST(MetricsPageTest, EdgesAnswer503WhenNobodyServes) {
  WorldOptions options = MakeOptions();
  options.initial_regions = {};
  World world(options);
  world.AdvanceTo(kStart + absl::Minutes(1));
  const auto page = ParsePage(world.RenderMetrics());
  EXPECT_GT(SumSeries(page, "fly_edge_http_responses_count", {"status=\"503\""}), 0);
  EXPECT_EQ(SumSeries(page, "fly_edge_http_responses_count", {"status=\"200\""}), 0);
}

TEST(MetricsPageTest, ASilentEdgeHasNoSeries) {
  World world(MakeOptions());
  world.SetTrafficFactor("syd", 0);
  world.AdvanceTo(kStart + absl::Minutes(5));
  EXPECT_THAT(world.RenderMetrics(), Not(HasSubstr("region=\"syd\"")));
}

TEST(MetricsPageTest, OnlyStartedMachinesAreUp) {
  World world(MakeOptions(0));
  world.AddMachine("iad", "started");
  world.AddMachine("nrt", "stopped");
  world.AddMachine("gru", "failed");
  EXPECT_EQ(SumSeries(ParsePage(world.RenderMetrics()), "fly_instance_up"), 2);
}

TEST(MetricsPageTest, LabelValuesAreEscaped) {
  WorldOptions options = MakeOptions(0);
  options.app = "a\"b\\c\nd";
  EXPECT_THAT(World(options).RenderMetrics(), HasSubstr("app=\"a\\\"b\\\\c\\nd\""));
}

}  // namespace
}  // namespace placer::flysim
