// Machines that failed or whose host is given up: floors do not count them, and they go once others serve.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct LossCase {
  std::string state;
  std::string host_status;
};

class Lost : public testing::TestWithParam<LossCase> {
 protected:
  Lost() { world_.Requests("fra", 60).LastTarget("fra", true); }
  Machine& AddLost(const std::string& id, const std::string& region) {
    Machine& machine = world_.Add(MakeMachine(id, region));
    machine.state = GetParam().state;
    machine.host_status = GetParam().host_status;
    return machine;
  }
  std::vector<std::string> Actions() const { return ActionsOf(world_.Decide()); }

  Scenario world_;
};

INSTANTIATE_TEST_SUITE_P(Ways, Lost,
                         testing::Values(LossCase{"failed", "ok"}, LossCase{"started", "unreachable"}),
                         [](const auto& info) { return info.param.state; });

TEST_P(Lost, DoNotFillAPlacedRegion) {
  AddLost("fra-1", "fra");
  EXPECT_THAT(Actions(), ElementsAre("create fra: BelowPerRegionMin"));
}

TEST_P(Lost, DoNotFillAnAlwaysRunningRegion) {
  world_.Machines("fra", 1).policy.regions.always_running = {"iad"};
  AddLost("iad-1", "iad");
  EXPECT_THAT(Actions(), ElementsAre("create iad: AlwaysRunningMissing"));
}

TEST_P(Lost, StillFillTheCeilings) {
  AddLost("fra-1", "fra");
  world_.policy.capacity.per_region_max = 1;
  EXPECT_THAT(Actions(), IsEmpty());
  world_.policy.capacity.per_region_max.reset();
  world_.policy.capacity.total_max = 1;
  EXPECT_THAT(Actions(), IsEmpty());
}

TEST_P(Lost, GoOnceOthersServe) {
  AddLost("fra-1", "fra");
  world_.Add(MakeMachine("fra-2", "fra"));
  EXPECT_THAT(Actions(), ElementsAre("remove fra-1: Replaced"));
}

TEST_P(Lost, StayUntilTheirReplacementIsHealthy) {
  AddLost("fra-1", "fra");
  world_.Add(MakeMachine("fra-2", "fra")).checks = {{.name = "alive", .status = "critical"}};
  world_.Machines("ams", 1).Requests("ams", 60);
  EXPECT_THAT(Actions(), IsEmpty());
}

TEST_P(Lost, StayWhereSomebodyElseMadeThem) {
  AddLost("fra-1", "fra").name = "quiet-river-1234";
  world_.Add(MakeMachine("fra-2", "fra"));
  EXPECT_THAT(Actions(), IsEmpty());
}

TEST_P(Lost, KeepNoFloorForOthers) {
  AddLost("ams-1", "ams");
  world_.Machines("fra", 1).Machines("iad", 1).Requests("ams", 60).LastTarget("ams", true);
  world_.policy.regions.excluded = {"iad"};
  world_.policy.capacity.total_max = 3;
  world_.policy.capacity.total_min = 2;
  EXPECT_THAT(Actions(), IsEmpty());
  EXPECT_EQ(ReasonOf(world_.Decide(), "iad"), "TotalMin");
}

TEST_P(Lost, AreNoFloorThemselves) {
  AddLost("fra-1", "fra");
  world_.Add(MakeMachine("fra-2", "fra"));
  world_.policy.regions.always_running = {"fra"};
  world_.policy.capacity.total_min = 1;
  EXPECT_THAT(Actions(), ElementsAre("remove fra-1: Replaced"));
}

TEST(Lost, AFailedParkedMachineIsNotBroughtBack) {
  Scenario world;
  world.Requests("fra", 60);
  Machine& parked = world.Add(MakeMachine("fra-1", "fra"));
  parked.state = "failed";
  parked.metadata[kMetadataParked] = "web";
  const ReconcileResult result = world.Decide();
  ASSERT_EQ(result.plan.actions.size(), 1u);
  EXPECT_EQ(result.plan.actions[0].machine_id, "");  // a new one
}

// `fly machine clone` copies our marks; the name that it gives is its own.
TEST(Ours, ACloneBelongsToWhoMadeIt) {
  Scenario world;
  world.policy.regions.excluded = {"nrt"};
  world.Requests("fra", 60).Machines("fra", 1).Machines("nrt", 1);
  ASSERT_THAT(ActionsOf(world.Decide()), ElementsAre("remove nrt-1: ExcludedRemoved"));
  world.seen.machines[1].name = "quiet-river-1234";
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
  EXPECT_EQ(ReasonOf(world.Decide(), "nrt"), "NotOurMachines");
}

TEST(Ours, ACloneOfAParkedMachineIsNotBroughtBack) {
  Scenario world;
  Machine& clone = world.Requests("fra", 60).Add(MakeMachine("fra-1", "fra"));
  clone.name = "quiet-river-1234";
  clone.state = "stopped";
  clone.metadata[kMetadataParked] = "web";
  const ReconcileResult result = world.Decide();
  ASSERT_EQ(result.plan.actions.size(), 1u);
  EXPECT_EQ(result.plan.actions[0].machine_id, "");  // a new one
}

}  // namespace
}  // namespace placer
