// The judge itself: what must never be seen is charged, whatever stood there before and whichever policy came
// since.
#include "tests/simulation/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simulation/acting.h"

namespace placer {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// One machine runs in fra, and no region may have more.
class JudgeTest : public ::testing::Test {
 protected:
  JudgeTest() : world_({.start = VirtualStart(), .requests_per_second = 0, .app = "shop"}) {
    policy_.capacity.per_region_max = 1;
  }

  flysim::World world_;
  PlacementPolicy policy_ = MakePolicy();
};

TEST_F(JudgeTest, WhatStoodAtTheStartIsNoCrime) {
  world_.AddMachine("fra", "started");
  Judge judge(world_, policy_);
  judge.Look();
  EXPECT_THAT(judge.crimes(), IsEmpty());
}

TEST_F(JudgeTest, OneAboveTheRegionsMaximumIsChargedHoweverOftenStockWasTaken) {
  Judge judge(world_, policy_);
  judge.TakeStock();
  world_.AddMachine("fra", "started");
  judge.Look();
  EXPECT_THAT(judge.crimes(), Contains(HasSubstr("above perRegion.max: 2 in fra")));
}

TEST_F(JudgeTest, OneThatAnEarlierStockFoundCordonedCountsOnceItServes) {
  const std::string id = world_.machines().front().id;
  world_.SetCordoned(id, true);
  Judge judge(world_, policy_);
  world_.SetCordoned(id, false);
  judge.TakeStock();
  world_.AddMachine("fra", "started");
  judge.Look();
  EXPECT_THAT(judge.crimes(), Contains(HasSubstr("above perRegion.max: 2 in fra")));
}

TEST(JudgeOfAScene, JudgesByThePolicyThatWasAppliedLast) {
  ActingScene scene({});
  scene.Start();
  PlacementPolicy policy = scene.policy();
  policy.capacity.total_max = 1;
  scene.Apply(policy);
  scene.world().AddMachine("fra", "started");
  scene.RunFor(absl::Seconds(1));
  EXPECT_THAT(scene.judge().crimes(), Contains(HasSubstr("above total.max: 2")));
}

}  // namespace
}  // namespace placer
