#include "cmd/autoplacer/demo_platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/simulated/virtual_time.h"

namespace placer {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kStart = absl::FromUnixSeconds(1790000040);  // a whole minute

class DemoPlatformTest : public ::testing::Test {
 protected:
  DemoPlatformTest() {
    policy_.app = "demo";
    policy_.traffic.resolution = absl::Minutes(1);
  }
  static flysim::WorldOptions MakeOptions() {
    flysim::WorldOptions options;
    options.start = kStart;
    options.requests_per_second = 100;
    return options;
  }
  absl::StatusOr<Traffic> Fetch(absl::Time end, int points) {
    return time_.Await(traffic_.Fetch(policy_, end, points));
  }

  VirtualTime time_{kStart};
  flysim::World world_{MakeOptions()};
  DemoMachines machines_{world_, time_.clock()};
  DemoTraffic traffic_{world_, time_.clock()};
  PlacementPolicy policy_;
};

TEST_F(DemoPlatformTest, TheWorldFollowsTheClock) {
  time_.RunUntil(kStart + absl::Minutes(2));
  ASSERT_TRUE(time_.Await(machines_.List("demo")).ok());
  EXPECT_EQ(world_.now(), kStart + absl::Minutes(2));
}

TEST_F(DemoPlatformTest, ListsTheMachinesOfTheWorld) {
  const auto machines = time_.Await(machines_.List("demo"));
  ASSERT_TRUE(machines.ok());
  ASSERT_EQ(machines->size(), 1u);
  EXPECT_EQ(machines->front().region, "fra");
  EXPECT_TRUE(IsHealthy(machines->front()));
}

TEST_F(DemoPlatformTest, GetsOneMachine) {
  const std::string id = world_.machines().front().id;
  EXPECT_EQ(time_.Await(machines_.Get("demo", id))->id, id);
  EXPECT_EQ(time_.Await(machines_.Get("demo", "none")).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(DemoPlatformTest, ADestroyedMachineIsNotFound) {
  const std::string id = world_.machines().front().id;
  world_.RemoveMachine(id);
  EXPECT_EQ(time_.Await(machines_.Get("demo", id)).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(DemoPlatformTest, AnotherAppIsNotFound) {
  EXPECT_EQ(time_.Await(machines_.List("other")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(time_.Await(machines_.Get("other", "x")).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(DemoPlatformTest, ListsThePlatformsRegions) {
  EXPECT_EQ(time_.Await(machines_.ListRegions())->size(), EmbeddedRegions().size());
}

TEST_F(DemoPlatformTest, TheGridHoldsWhatEnteredInEachPoint) {
  time_.RunUntil(kStart + absl::Minutes(5));
  const auto traffic = Fetch(kStart + absl::Minutes(5), 3);
  ASSERT_TRUE(traffic.ok());
  EXPECT_EQ(traffic->end, kStart + absl::Minutes(5));
  EXPECT_EQ(traffic->points, 3);
  EXPECT_THAT(traffic->witnessed, Each(true));
  EXPECT_THAT(traffic->instance_up, Each(true));
  for (int i = 0; i < 3; ++i) {
    const absl::Time to = kStart + absl::Minutes(3 + i);
    for (const auto& [region, count] : world_.CountEdgeRequests(to - absl::Minutes(1), to)) {
      ASSERT_TRUE(traffic->regions.contains(region));
      EXPECT_EQ(traffic->regions.at(region)[i], PointValue(count)) << region << " " << i;
    }
  }
}

TEST_F(DemoPlatformTest, PointsBeforeTheWorldBeganAreNeitherWitnessedNorUp) {
  time_.RunUntil(kStart + absl::Minutes(1));
  const auto traffic = Fetch(kStart + absl::Minutes(1), 3);
  ASSERT_TRUE(traffic.ok());
  EXPECT_THAT(traffic->witnessed, ElementsAre(false, false, true));
  EXPECT_THAT(traffic->instance_up, ElementsAre(false, false, true));
  for (const auto& [region, values] : traffic->regions) {
    EXPECT_FALSE(values[0].has_value()) << region;
    EXPECT_TRUE(values[2].has_value()) << region;
  }
}

TEST_F(DemoPlatformTest, ARegionIsAbsentBeforeItsFirstRequestWhileOthersWitness) {
  world_.SetTrafficFactor("syd", 0);
  time_.RunUntil(kStart + absl::Minutes(1));
  ASSERT_TRUE(Fetch(kStart + absl::Minutes(1), 1).ok());
  world_.SetTrafficFactor("syd", 100);
  time_.RunUntil(kStart + absl::Minutes(2));
  const auto traffic = Fetch(kStart + absl::Minutes(2), 2);
  EXPECT_THAT(traffic->witnessed, ElementsAre(true, true));
  EXPECT_FALSE(traffic->regions.at("syd")[0].has_value());
  EXPECT_GT(traffic->regions.at("syd")[1].value_or(0), 0);
}

TEST_F(DemoPlatformTest, AnAppWithoutStartedMachinesIsNotUp) {
  world_.RemoveMachine(world_.machines().front().id);
  time_.RunUntil(kStart + absl::Minutes(1));
  EXPECT_THAT(Fetch(kStart + absl::Minutes(1), 1)->instance_up, ElementsAre(false));
}

TEST_F(DemoPlatformTest, TcpConnectsAreCountedToo) {
  policy_.traffic.source = TrafficSource::kEdgeTcp;
  time_.RunUntil(kStart + absl::Minutes(1));
  EXPECT_THAT(Fetch(kStart + absl::Minutes(1), 1)->witnessed, Contains(true));
}

TEST_F(DemoPlatformTest, AnotherAppHasNoTraffic) {
  policy_.app = "other";
  time_.RunUntil(kStart + absl::Minutes(1));
  const auto traffic = Fetch(kStart + absl::Minutes(1), 2);
  ASSERT_TRUE(traffic.ok());
  EXPECT_THAT(traffic->regions, IsEmpty());
  EXPECT_THAT(traffic->witnessed, ElementsAre(false, false));
}

TEST_F(DemoPlatformTest, AQueryIsRefused) {
  policy_.traffic.source = TrafficSource::kQuery;
  EXPECT_EQ(Fetch(kStart, 1).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace placer
