// The mode is left, or the program ends, while a machine enters or leaves: everything comes to rest, and the
// work goes on where it stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/acting.h"

namespace placer {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using Phase = Intent::Phase;

struct Moment {
  Phase phase = Phase::kStarting;
  Mode mode = Mode::kPaused;
};

bool IsIn(ActingScene& scene, Phase phase) {
  for (const Intent& intent : scene.run().StatusOf().intents) {
    if (intent.region == "sin" && intent.phase == phase) return true;
  }
  return false;
}

class Midway : public ::testing::Test {
 protected:
  Midway() : scene_({.seed = 8}) { scene_.StartWithTrafficIn({"fra", "sin"}); }
  // Entering or leaving Singapore, in that phase.
  void Reach(Phase phase) {
    if (phase != Phase::kStarting) {
      ASSERT_TRUE(scene_.RunUntil([&] { return scene_.Serves("sin"); })) << scene_.Story();
      scene_.RunFor(absl::Minutes(1));
      scene_.OnlyTrafficIn({"fra"});
    }
    ASSERT_TRUE(scene_.RunUntil([&] { return IsIn(scene_, phase); })) << scene_.Story();
  }
  void SetMode(Mode mode) {
    PlacementPolicy policy = scene_.policy();
    policy.mode = mode;
    scene_.Apply(policy);
  }
  bool IsAtRest() {
    if (!scene_.run().StatusOf().intents.empty()) return false;
    for (const Machine& machine : scene_.world().machines()) {
      if (machine.cordoned || (machine.lease && machine.lease->expires_at > scene_.run().now())) return false;
    }
    return true;
  }
  ActingScene scene_;
};

class Entering : public Midway {};

TEST_F(Entering, TakesNoRequestBeforeItsChecksPass) {
  ASSERT_TRUE(scene_.RunUntil([&] { return !scene_.MachinesIn("sin").empty(); })) << scene_.Story();
  const std::string id = scene_.MachinesIn("sin").front().id;
  scene_.world().SetChecksPassing(id, false);
  for (int i = 0; i < 120; ++i) {
    EXPECT_TRUE(scene_.MachinesIn("sin").front().cordoned);
    scene_.RunFor(absl::Seconds(1));
  }
  scene_.world().SetChecksPassing(id, true);
  EXPECT_TRUE(scene_.RunUntil([&] { return scene_.Serves("sin"); }, absl::Minutes(1))) << scene_.Story();
}

class LeavingTheMode : public Midway, public ::testing::WithParamInterface<Moment> {};

TEST_P(LeavingTheMode, ComesToRestAndBack) {
  Reach(GetParam().phase);
  const std::string id = scene_.MachinesIn("sin").front().id;
  SetMode(GetParam().mode);
  ASSERT_TRUE(scene_.RunUntil([&] { return IsAtRest(); }, absl::Minutes(3))) << scene_.Story();
  EXPECT_TRUE(scene_.Serves("sin")) << scene_.Story();
  EXPECT_EQ(scene_.MachinesIn("sin").front().id, id);
  scene_.RunFor(absl::Minutes(1));
  const std::size_t writes = scene_.CountWrites();
  scene_.RunFor(absl::Minutes(30), absl::Seconds(5));
  EXPECT_EQ(scene_.CountWrites(), writes) << scene_.Story();
  SetMode(Mode::kActive);
  if (GetParam().phase == Phase::kStarting) {
    scene_.RunFor(absl::Minutes(10), absl::Seconds(5));
    EXPECT_THAT(scene_.MachinesIn("sin"), SizeIs(1)) << scene_.Story();
  } else {
    EXPECT_TRUE(scene_.RunUntil([&] { return scene_.MachinesIn("sin").empty(); })) << scene_.Story();
  }
  EXPECT_THAT(scene_.judge().crimes(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Moments, LeavingTheMode,
    ::testing::Values(Moment{Phase::kStarting, Mode::kPaused}, Moment{Phase::kStarting, Mode::kDryRun},
                      Moment{Phase::kDraining, Mode::kPaused}, Moment{Phase::kDraining, Mode::kDryRun},
                      Moment{Phase::kStopping, Mode::kDryRun}, Moment{Phase::kWatching, Mode::kPaused},
                      Moment{Phase::kWatching, Mode::kDryRun}),
    [](const auto& moment) {
      return std::string(ToString(moment.param.phase)) + ToString(moment.param.mode);
    });

class Terminated : public Midway, public ::testing::WithParamInterface<Moment> {};

TEST_P(Terminated, GivesItsLeaseBackAndGoesOnAtTheNextStart) {
  Reach(GetParam().phase);
  EXPECT_TRUE(scene_.run().Stop(absl::Seconds(4)));
  for (const Machine& machine : scene_.world().machines()) EXPECT_FALSE(machine.lease) << machine.region;
  scene_.RunFor(absl::Seconds(90));
  scene_.Start();
  if (GetParam().phase == Phase::kStarting) {
    EXPECT_TRUE(scene_.RunUntil([&] { return scene_.Serves("sin"); }, absl::Minutes(5))) << scene_.Story();
    EXPECT_THAT(scene_.MachinesIn("sin"), SizeIs(1));
  } else {
    EXPECT_TRUE(scene_.RunUntil([&] { return scene_.MachinesIn("sin").empty(); }, absl::Minutes(10)))
        << scene_.Story();
  }
  EXPECT_THAT(scene_.judge().crimes(), IsEmpty());
  EXPECT_EQ(scene_.world().totals().dropped, 0);
}

// Calls that take their time, and a signal at any moment of the pass.
TEST_F(Midway, IsOverWithinFourSecondsThoughThePlatformIsSlow) {
  Reach(Phase::kDraining);
  scene_.world().SetFaults({.delay_min = absl::Milliseconds(50), .delay_max = absl::Milliseconds(500)});
  for (int i = 0; i < 25; ++i) {
    scene_.RunFor(absl::Milliseconds(1700 + 310 * i), absl::Milliseconds(100));
    EXPECT_TRUE(scene_.run().Stop(absl::Seconds(4))) << i;
    for (const Machine& machine : scene_.world().machines()) EXPECT_FALSE(machine.lease) << i;
    scene_.Start();
  }
  EXPECT_TRUE(scene_.RunUntil([&] { return scene_.MachinesIn("sin").empty(); }, absl::Minutes(15)))
      << scene_.Story();
  EXPECT_THAT(scene_.judge().crimes(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Moments, Terminated,
                         ::testing::Values(Moment{Phase::kStarting}, Moment{Phase::kDraining},
                                           Moment{Phase::kStopping}, Moment{Phase::kWatching}),
                         [](const auto& moment) { return std::string(ToString(moment.param.phase)); });

}  // namespace
}  // namespace placer
