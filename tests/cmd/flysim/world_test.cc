#include "cmd/flysim/core/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

using ::testing::IsEmpty;

// Requests per hour of a day, by region.
std::map<std::string, std::vector<double>> CountHours(World& world, int hours) {
  std::map<std::string, std::vector<double>> counts;
  for (int hour = 0; hour < hours; ++hour) {
    const absl::Time from = kStart + absl::Hours(hour);
    world.AdvanceTo(from + absl::Hours(1));
    for (const auto& [region, count] : world.CountEdgeRequests(from, from + absl::Hours(1))) {
      counts[region].resize(hours);
      counts[region][hour] = count;
    }
  }
  return counts;
}

int FindBusiestHour(const std::vector<double>& hours) {
  return static_cast<int>(std::max_element(hours.begin(), hours.end()) - hours.begin());
}

TEST(WorldTest, EqualSeedsGiveEqualWorlds) {
  World one(MakeOptions(150, 7));
  World other(MakeOptions(150, 7));
  one.AdvanceTo(kStart + absl::Minutes(10));
  other.AdvanceTo(kStart + absl::Minutes(10));
  EXPECT_EQ(one.RenderMetrics(), other.RenderMetrics());
  EXPECT_EQ(one.RenderMachineList(), other.RenderMachineList());
}

TEST(WorldTest, AnotherSeedGivesOtherTraffic) {
  World one(MakeOptions(150, 7));
  World other(MakeOptions(150, 8));
  one.AdvanceTo(kStart + absl::Minutes(1));
  other.AdvanceTo(kStart + absl::Minutes(1));
  EXPECT_NE(one.CountEdgeRequests(kStart, one.now()), other.CountEdgeRequests(kStart, other.now()));
}

TEST(WorldTest, ManyShortAdvancesEqualOneLong) {
  World at_once(MakeOptions());
  World in_pieces(MakeOptions());
  at_once.AdvanceTo(kStart + absl::Minutes(5));
  for (int i = 1; i <= 3000; ++i) in_pieces.AdvanceTo(kStart + absl::Milliseconds(100 * i));
  EXPECT_EQ(at_once.RenderMetrics(), in_pieces.RenderMetrics());
}

TEST(WorldTest, TimeNeverRunsBack) {
  World world(MakeOptions());
  world.AdvanceTo(kStart + absl::Minutes(5));
  const std::string before = world.RenderMetrics();
  world.AdvanceTo(kStart);
  EXPECT_EQ(world.now(), kStart + absl::Minutes(5));
  EXPECT_EQ(world.RenderMetrics(), before);
}

TEST(WorldTest, TheMeanRateIsTheOneAskedFor) {
  World world(MakeOptions(20));
  double requests = 0;
  for (const auto& [region, hours] : CountHours(world, 24)) {
    for (const double count : hours) requests += count;
  }
  EXPECT_NEAR(requests / 86400, 20, 2);  // flash crowds come on top
}

TEST(WorldTest, ARegionIsBusyByDayAndQuietByNight) {
  World world(MakeOptions(50));
  const auto counts = CountHours(world, 24);
  for (const char* region : {"nrt", "fra", "ewr", "gru", "syd"}) {
    const std::vector<double>& hours = counts.at(region);
    std::vector<double> sorted = hours;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_GT(sorted[21], 20 * sorted[6]) << region;
  }
}

TEST(WorldTest, DayFollowsTheSunFromTokyoToFrankfurtToNewYork) {
  World world(MakeOptions(50));
  const auto counts = CountHours(world, 24);
  const int tokyo = FindBusiestHour(counts.at("nrt"));
  const int frankfurt = FindBusiestHour(counts.at("fra"));
  const int new_york = FindBusiestHour(counts.at("ewr"));
  EXPECT_NEAR((frankfurt - tokyo + 24) % 24, 8, 4);
  EXPECT_NEAR((new_york - frankfurt + 24) % 24, 5, 4);
}

TEST(WorldTest, DaySpeedRunsADayOfTheUsersInTwoMinutes) {
  WorldOptions options = MakeOptions(150);
  options.day_speed = 720;
  World world(options);
  std::vector<double> counts;
  for (int second = 5; second <= 120; second += 5) {
    world.AdvanceTo(kStart + absl::Seconds(second));
    counts.push_back(world.CountEdgeRequests(world.now() - absl::Seconds(5), world.now())["nrt"]);
  }
  std::sort(counts.begin(), counts.end());
  EXPECT_LT(counts[8], 8);
  EXPECT_GT(counts[20], 100);
}

TEST(WorldTest, DaySpeedTouchesNoTimeStamp) {
  WorldOptions fast = MakeOptions(0);
  fast.day_speed = 720;
  World world(fast);
  world.AdvanceTo(kStart + absl::Seconds(100));
  world.AddMachine("iad", "started");
  for (const Machine& machine : world.machines()) {
    EXPECT_GE(machine.created_at, kStart - absl::Hours(1));
    EXPECT_LE(machine.updated_at, kStart + absl::Seconds(100));
  }
}

TEST(WorldTest, AFactorOfZeroSilencesOneRegionAndNoOther) {
  World plain(MakeOptions());
  World silenced(MakeOptions());
  silenced.SetTrafficFactor("fra", 0);
  plain.AdvanceTo(kStart + absl::Minutes(10));
  silenced.AdvanceTo(kStart + absl::Minutes(10));
  auto expected = plain.CountEdgeRequests(kStart, plain.now());
  ASSERT_GT(expected["fra"], 0);
  expected.erase("fra");
  EXPECT_EQ(silenced.CountEdgeRequests(kStart, silenced.now()), expected);
}

TEST(WorldTest, AFactorMultipliesTrafficFromNowOn) {
  World world(MakeOptions());
  world.AdvanceTo(kStart + absl::Minutes(10));
  const double before = world.CountEdgeRequests(kStart, world.now())["sjc"];
  world.SetTrafficFactor("sjc", 50);
  world.AdvanceTo(kStart + absl::Minutes(20));
  const double after = world.CountEdgeRequests(kStart + absl::Minutes(10), world.now())["sjc"];
  EXPECT_GT(after, 20 * before);
}

TEST(WorldTest, CountsOfAdjoiningSpansAddUp) {
  World world(MakeOptions());
  world.AdvanceTo(kStart + absl::Minutes(2));
  const absl::Time middle = kStart + absl::Seconds(37);
  const auto first = world.CountEdgeRequests(kStart, middle);
  const auto second = world.CountEdgeRequests(middle, world.now());
  for (const auto& [region, count] : world.CountEdgeRequests(kStart, world.now())) {
    const double in_first = first.contains(region) ? first.at(region) : 0;
    EXPECT_EQ(in_first + second.at(region), count) << region;
  }
}

TEST(WorldTest, ARegionIsAbsentBeforeItsFirstRequest) {
  World world(MakeOptions());
  world.SetTrafficFactor("syd", 0);
  world.AdvanceTo(kStart + absl::Minutes(1));
  EXPECT_FALSE(world.CountEdgeRequests(kStart, world.now()).contains("syd"));
  world.SetTrafficFactor("syd", 100);
  world.AdvanceTo(kStart + absl::Minutes(2));
  world.SetTrafficFactor("syd", 0);
  world.AdvanceTo(kStart + absl::Minutes(3));
  EXPECT_FALSE(world.CountEdgeRequests(kStart, kStart + absl::Minutes(1)).contains("syd"));
  EXPECT_EQ(world.CountEdgeRequests(kStart + absl::Minutes(2), world.now()).at("syd"), 0);
}

TEST(WorldTest, WhatIsForgottenIsAbsentAndNotZero) {
  WorldOptions options = MakeOptions();
  options.history = absl::Minutes(10);
  World world(options);
  world.AdvanceTo(kStart + absl::Minutes(30));
  EXPECT_THAT(world.CountEdgeRequests(kStart, kStart + absl::Minutes(5)), IsEmpty());
  EXPECT_GT(world.CountEdgeRequests(kStart + absl::Minutes(20), world.now()).size(), 10u);
}

TEST(WorldTest, RemembersWhenAMachineWasUp) {
  WorldOptions options = MakeOptions(0);
  World world(options);
  world.AdvanceTo(kStart + absl::Minutes(1));
  world.SetMachineState(world.machines().front().id, "stopped");
  world.AdvanceTo(kStart + absl::Minutes(2));
  EXPECT_TRUE(world.HadMachineUp(kStart, kStart + absl::Minutes(1)));
  EXPECT_FALSE(world.HadMachineUp(kStart + absl::Minutes(1), kStart + absl::Minutes(2)));
}

TEST(WorldTest, ADestroyedMachineLeavesTheListButCanBeAskedFor) {
  World world(MakeOptions(0));
  const std::string id = world.AddMachine("iad", "started");
  world.RemoveMachine(id);
  for (const Machine& machine : world.machines()) EXPECT_NE(machine.id, id);
  EXPECT_THAT(world.RenderMachineList(), ::testing::Not(::testing::HasSubstr(id)));
  const auto body = world.RenderMachine(id);
  ASSERT_TRUE(body.ok());
  EXPECT_THAT(*body, ::testing::HasSubstr("\"state\":\"destroyed\""));
}

TEST(WorldTest, AnUnknownMachineIsNotFound) {
  EXPECT_EQ(World(MakeOptions()).RenderMachine("00000000000000").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace placer::flysim
