// The loop with the real decision code, where the two meet: modes and backoff.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/placement/placement_reconciler.h"
#include "tests/simulated/fake_machines.h"
#include "tests/simulated/fake_traffic.h"
#include "tests/simulated/virtual_run.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// One machine in fra, and traffic in ams that deserves a machine there.
class PlacementLoopTest : public ::testing::Test {
 protected:
  PlacementLoopTest() {
    machines_.Add("m1", "fra");
    traffic_.regions = {"ams"};
    run_.store().on_commit = [this](const PassRecord& record) { passes_.push_back(record.decision.time); };
    run_.Start(machines_, traffic_, reconciler_);
  }
  void Apply(const PlacementPolicy& policy) {
    run_.controller().Apply({policy});
    run_.time().Settle();
  }

  FakeMachines machines_;
  FakeTraffic traffic_;
  PlacementReconciler reconciler_;
  std::vector<absl::Time> passes_;
  VirtualRun run_;
};

TEST_F(PlacementLoopTest, ADryRunFollowsTheTraffic) {
  Apply(MakePolicy());
  EXPECT_THAT(run_.StatusOf().shadow, ElementsAre(std::pair("ams", 1), std::pair("fra", 1)));
}

TEST_F(PlacementLoopTest, PausedObservesAndDecidesNothing) {
  PlacementPolicy policy = MakePolicy();
  policy.mode = Mode::kPaused;
  Apply(policy);
  run_.RunFor(absl::Minutes(5));
  const PolicyStatus status = run_.StatusOf();
  EXPECT_EQ(status.phase, "Paused");
  EXPECT_THAT(status.shadow, ElementsAre(std::pair("fra", 1)));
  EXPECT_GE(traffic_.asked.size(), 5u);
  EXPECT_GE(machines_.lists, 20);
  ASSERT_THAT(status.last_decision.regions, Not(IsEmpty()));
  for (const RegionDecision& region : status.last_decision.regions) EXPECT_EQ(region.reason, Reason::kPaused);
}

TEST_F(PlacementLoopTest, ResumingDecidesAtOnce) {
  PlacementPolicy policy = MakePolicy();
  policy.mode = Mode::kPaused;
  Apply(policy);
  policy.mode = Mode::kDryRun;
  Apply(policy);
  EXPECT_TRUE(run_.StatusOf().shadow.contains("ams"));
}

TEST_F(PlacementLoopTest, FailuresInARowStretchThePauseUpToAMinute) {
  machines_.list_error = absl::UnavailableError("503");
  Apply(MakePolicy());
  run_.RunFor(absl::Minutes(10));
  ASSERT_GE(passes_.size(), 6u);
  for (std::size_t i = 1; i < passes_.size(); ++i) {
    const absl::Duration most =
        std::min(absl::Seconds(15) * (1 << std::min<std::size_t>(i, 4)), absl::Minutes(1));
    EXPECT_LE(passes_[i] - passes_[i - 1], most);
    EXPECT_GE(passes_[i] - passes_[i - 1], most * 0.9);
  }
}

TEST_F(PlacementLoopTest, APolicyChangeCutsTheStretchedPauseShort) {
  machines_.list_error = absl::UnavailableError("503");
  Apply(MakePolicy());
  run_.RunFor(absl::Minutes(10));
  const std::size_t before = passes_.size();
  PlacementPolicy changed = MakePolicy();
  changed.regions.excluded = {"nrt"};
  Apply(changed);
  EXPECT_THAT(passes_, SizeIs(before + 1));
}

}  // namespace
}  // namespace placer
