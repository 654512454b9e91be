// Silence is not blindness: an app that nobody uses shrinks to its floor, and one that nobody can see keeps
// all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/scene.h"

namespace placer {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// An app with traffic and machines in five regions for an hour, every machine open to removal.
class Silence : public ::testing::Test {
 protected:
  Silence() : scene_(Options()) {
    scene_.on_pass = [this](const PassRecord& record) {
      for (const RegionDecision& region : record.decision.regions) {
        if (region.action == Action::kRemove) removals_.emplace_back(record.decision.time, region.region);
        if (region.action == Action::kDeploy) additions_.emplace_back(record.decision.time, region.region);
      }
    };
    scene_.run().RunFor(absl::Hours(1));
    removals_.clear();
    additions_.clear();
  }

  static SceneOptions Options() {
    SceneOptions options{.seed = 5, .policy = MakePolicy(), .requests_per_second = 100, .day_speed = 1};
    options.policy.adopt = Adopt::kAll;
    options.policy.regions.allowed = Regions();
    options.initial_regions = Regions();
    return options;
  }
  static std::vector<std::string> Regions() { return {"ams", "fra", "iad", "nrt", "syd"}; }

  void SilenceEverything() {
    for (const Region& region : scene_.world().regions()) scene_.world().SetTrafficFactor(region.code, 0);
  }
  void BreakPrometheus() { scene_.platform().traffic_error = absl::UnavailableError("connection refused"); }
  void Exclude(const std::vector<std::string>& regions) {
    PlacementPolicy policy = scene_.policy();
    policy.regions.allowed.clear();
    policy.regions.excluded = regions;
    scene_.Apply(policy);
  }
  Placement Shadow() { return scene_.run().StatusOf().shadow; }

  std::vector<std::pair<absl::Time, std::string>> removals_;
  std::vector<std::pair<absl::Time, std::string>> additions_;
  Scene scene_;
};

TEST_F(Silence, TheBusyAppIsEverywhere) {
  EXPECT_THAT(Shadow(), SizeIs(5));
}

TEST_F(Silence, ShrinksToOneMachineInTheTopRankedRegion) {
  SilenceEverything();
  scene_.run().RunFor(absl::Hours(2));
  // The primary region is on top once no traffic ranks the others.
  EXPECT_EQ(Shadow(), (Placement{{"ams", 1}}));
  EXPECT_THAT(removals_, SizeIs(4));
  EXPECT_THAT(additions_, IsEmpty());
}

TEST_F(Silence, FirstRemovalComesInTime) {
  SilenceEverything();
  const absl::Time silent = scene_.run().now();
  scene_.run().RunFor(absl::Hours(2));
  const PlacementPolicy& policy = scene_.policy();
  const absl::Duration resolution = policy.traffic.resolution;
  ASSERT_FALSE(removals_.empty());
  EXPECT_LE(removals_.front().first - silent, resolution * policy.threshold.long_window +
                                                  policy.behavior.scale_down.stabilization_window +
                                                  policy.traffic.delay + 2 * resolution + policy.interval);
}

TEST_F(Silence, NoRemovalComesBeforeTheStabilizationWindowIsOver) {
  SilenceEverything();
  const absl::Time silent = scene_.run().now();
  scene_.run().RunFor(absl::Hours(2));
  ASSERT_FALSE(removals_.empty());
  EXPECT_GE(removals_.front().first - silent, scene_.policy().behavior.scale_down.stabilization_window);
}

TEST_F(Silence, OneMachineLeavesAtATime) {
  SilenceEverything();
  scene_.run().RunFor(absl::Hours(2));
  ASSERT_GT(removals_.size(), 1u);
  for (std::size_t i = 1; i < removals_.size(); ++i) {
    EXPECT_GE(removals_[i].first - removals_[i - 1].first, scene_.policy().behavior.scale_down.per);
  }
}

TEST_F(Silence, AlwaysRunningRegionsAndThePrimaryOneStay) {
  PlacementPolicy policy = scene_.policy();
  policy.regions.always_running = {"nrt", "syd"};
  scene_.Apply(policy);
  SilenceEverything();
  scene_.run().RunFor(absl::Hours(2));
  EXPECT_EQ(Shadow(), (Placement{{"ams", 1}, {"nrt", 1}, {"syd", 1}}));
}

TEST_F(Silence, TheTotalMinimumStays) {
  PlacementPolicy policy = scene_.policy();
  policy.capacity.total_min = 3;
  scene_.Apply(policy);
  SilenceEverything();
  scene_.run().RunFor(absl::Hours(2));
  EXPECT_THAT(Shadow(), SizeIs(3));
}

TEST_F(Silence, TrafficThatComesBackIsFollowed) {
  SilenceEverything();
  scene_.run().RunFor(absl::Hours(2));
  for (const Region& region : scene_.world().regions()) scene_.world().SetTrafficFactor(region.code, 1);
  scene_.run().RunFor(absl::Hours(1));
  EXPECT_GT(Shadow().size(), 1u);
}

TEST_F(Silence, ABlindControllerRemovesNothing) {
  BreakPrometheus();
  scene_.run().RunFor(absl::Hours(3));
  EXPECT_THAT(removals_, IsEmpty());
  EXPECT_THAT(Shadow(), SizeIs(5));
}

TEST_F(Silence, SilenceThatBeganUnseenRemovesNothing) {
  BreakPrometheus();
  SilenceEverything();
  scene_.run().RunFor(absl::Hours(3));
  EXPECT_THAT(removals_, IsEmpty());
}

TEST_F(Silence, ABlindMomentAmidSilenceDelaysButDoesNotPrevent) {
  SilenceEverything();
  scene_.run().RunFor(absl::Minutes(5));
  BreakPrometheus();
  scene_.run().RunFor(absl::Hours(1));
  EXPECT_THAT(removals_, IsEmpty());
  scene_.platform().traffic_error = absl::OkStatus();
  scene_.run().RunFor(absl::Hours(1));
  EXPECT_EQ(Shadow(), (Placement{{"ams", 1}}));
}

TEST_F(Silence, ExcludingARegionWorksWhileBlind) {
  BreakPrometheus();
  scene_.run().RunFor(absl::Minutes(10));
  Exclude({"nrt"});
  EXPECT_FALSE(Shadow().contains("nrt"));  // in the pass that the change wakes
  EXPECT_THAT(removals_, SizeIs(1));
}

TEST_F(Silence, ExcludingTheLastRegionWhileBlindReplacesItFirst) {
  SilenceEverything();
  scene_.run().RunFor(absl::Hours(2));
  ASSERT_EQ(Shadow(), (Placement{{"ams", 1}}));
  removals_.clear();
  BreakPrometheus();
  scene_.run().RunFor(absl::Minutes(10));
  Exclude({"ams"});
  scene_.run().RunFor(absl::Minutes(5));
  EXPECT_FALSE(Shadow().contains("ams"));
  EXPECT_THAT(Shadow(), SizeIs(1));
  ASSERT_THAT(additions_, SizeIs(1));
  ASSERT_THAT(removals_, SizeIs(1));
  EXPECT_LT(additions_[0].first, removals_[0].first);
}

}  // namespace
}  // namespace placer
