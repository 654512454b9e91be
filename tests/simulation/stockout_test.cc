// A region that is out of stock for hours: few attempts, somebody stands in, and one way back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/acting.h"

namespace placer {
namespace {

using ::testing::IsEmpty;

class StockOut : public ::testing::Test {
 protected:
  StockOut() : scene_({.seed = 11}) {
    scene_.WaitWithTrafficIn({"fra", "sin"});
    scene_.world().SetCapacity("sin", 0);
    scene_.world().SetTrafficFactor("sin", 10);  // also at night
    scene_.Start();
  }

  int CountCreates(const std::string& region, absl::Time since = absl::InfinitePast()) {
    int creates = 0;
    for (const flysim::WriteRecord& write : scene_.world().writes())
      creates += write.kind == "create" && write.region == region && write.time > since;
    return creates;
  }
  int CountMachinesEver(const std::string& region) {
    int machines = 0;
    for (const flysim::MachineRecord& machine : scene_.world().machines_ever())
      machines += machine.region == region;
    return machines;
  }

  ActingScene scene_;
};

TEST_F(StockOut, IsTriedFewTimesAnHourWithGrowingPauses) {
  scene_.RunFor(absl::Hours(1), absl::Seconds(5));
  const int first_hour = CountCreates("sin");
  EXPECT_GE(first_hour, 3);
  EXPECT_LE(first_hour, 5);
  for (int hour = 2; hour <= 6; ++hour) {
    const absl::Time since = scene_.run().now();
    scene_.RunFor(absl::Hours(1), absl::Seconds(10));
    EXPECT_LE(CountCreates("sin", since), 2) << "hour " << hour;
    EXPECT_GE(CountCreates("sin", since), 1) << "hour " << hour;
  }
  EXPECT_EQ(CountMachinesEver("nrt"), 1) << scene_.Story();
  EXPECT_TRUE(scene_.Serves("nrt"));
  EXPECT_THAT(scene_.judge().crimes(), IsEmpty());
}

TEST_F(StockOut, IsOverOnceThereIsRoomAndNothingMovesAfterwards) {
  scene_.RunFor(absl::Hours(2), absl::Seconds(5));
  ASSERT_TRUE(scene_.Serves("nrt")) << scene_.Story();
  const int attempts = CountCreates("sin");
  scene_.world().SetCapacity("sin", std::nullopt);
  ASSERT_TRUE(scene_.RunUntil([&] { return scene_.Serves("sin"); }, absl::Minutes(61))) << scene_.Story();
  EXPECT_TRUE(scene_.Serves("nrt")) << "stays until its home serves";
  ASSERT_TRUE(scene_.RunUntil([&] { return scene_.MachinesIn("nrt").empty(); }, absl::Minutes(20)))
      << scene_.Story();
  scene_.RunFor(absl::Minutes(5));
  const std::size_t writes = scene_.CountWrites();
  scene_.RunFor(absl::Hours(3), absl::Seconds(10));
  EXPECT_EQ(scene_.CountWrites(), writes) << scene_.Story();
  EXPECT_EQ(CountCreates("sin"), attempts + 1);
  EXPECT_EQ(CountMachinesEver("sin"), 1);
  EXPECT_EQ(CountMachinesEver("nrt"), 1);
  EXPECT_EQ(scene_.world().totals().dropped, 0);
  EXPECT_THAT(scene_.judge().crimes(), IsEmpty());
}

TEST_F(StockOut, IsSaidInTheStatus) {
  scene_.RunFor(absl::Minutes(15));
  const PolicyStatus status = scene_.run().StatusOf();
  ASSERT_TRUE(status.create_failures.contains("sin"));
  bool said = false;
  for (const RegionDecision& region : status.last_decision.regions)
    said |= region.region == "sin" && region.reason == Reason::kCreateFailing;
  EXPECT_TRUE(said) << scene_.Story();
}

TEST_F(StockOut, OfTheStandInAsWellIsAnsweredByTheNextBest) {
  scene_.world().SetCapacity("nrt", 0);
  ASSERT_TRUE(scene_.RunUntil([&] { return scene_.Serving().size() == 2; }, absl::Minutes(30)))
      << scene_.Story();
  EXPECT_FALSE(scene_.Serves("nrt"));
  EXPECT_FALSE(scene_.Serves("sin"));
  EXPECT_LE(CountCreates("nrt"), 2);
}

}  // namespace
}  // namespace placer
