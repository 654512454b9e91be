// Machines that failed or whose host is given up: floors do not count them, and what failed goes once others
// serve.
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

TEST_P(Lost, KeepNoFloorForOthers) {
  AddLost("ams-1", "ams");
  world_.Machines("fra", 1).Machines("iad", 1).Requests("ams", 60).LastTarget("ams", true);
  world_.policy.regions.excluded = {"iad"};
  world_.policy.capacity.total_max = 3;
  world_.policy.capacity.total_min = 2;
  EXPECT_THAT(Actions(), IsEmpty());
  EXPECT_EQ(ReasonOf(world_.Decide(), "iad"), "TotalMin");
}

// One of ours failed in fra, and another one serves there.
Scenario FailedInFra() {
  Scenario world;
  world.Requests("fra", 60).LastTarget("fra", true).Machines("fra", 2);
  world.seen.machines[0].state = "failed";
  return world;
}

TEST(Failed, GoOnceOthersServe) {
  EXPECT_THAT(ActionsOf(FailedInFra().Decide()), ElementsAre("remove fra-1: Replaced"));
}

TEST(Failed, StayUntilTheirReplacementIsHealthy) {
  Scenario world = FailedInFra();
  world.seen.machines[1].checks = {{.name = "alive", .status = "critical"}};
  world.Machines("ams", 1).Requests("ams", 60);
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
}

TEST(Failed, StayWhereSomebodyElseMadeThem) {
  Scenario world = FailedInFra();
  world.policy.adopt = Adopt::kAll;
  world.seen.machines[0].metadata.clear();
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
}

// They come back with their host, and may be needed then.
TEST(Failed, StayOnADeadHost) {
  Scenario world = FailedInFra();
  world.seen.machines[0].host_status = "unreachable";
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
  world.seen.machines[0].state = "started";
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
}

TEST(Failed, AreNoFloorThemselves) {
  Scenario world = FailedInFra();
  world.policy.regions.always_running = {"fra"};
  world.policy.capacity.total_min = 1;
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove fra-1: Replaced"));
}

TEST(Failed, AreNotBroughtBackWhereTheyWereParked) {
  Scenario world;
  world.Requests("fra", 60);
  Machine& parked = world.Add(MakeMachine("fra-1", "fra"));
  parked.state = "failed";
  parked.metadata[kMetadataParked] = "web";
  const ReconcileResult result = world.Decide();
  ASSERT_EQ(result.plan.actions.size(), 1u);
  EXPECT_EQ(result.plan.actions[0].machine_id, "");  // a new one
}

TEST(Parked, MachinesOfStrangersAreNotBroughtBack) {
  Scenario world;
  Machine& parked = world.Requests("fra", 60).Add(MakeForeignMachine("fra-1", "fra"));
  parked.state = "stopped";
  parked.metadata[kMetadataParked] = "web";
  const ReconcileResult result = world.Decide();
  ASSERT_EQ(result.plan.actions.size(), 1u);
  EXPECT_EQ(result.plan.actions[0].machine_id, "");  // a new one
}

}  // namespace
}  // namespace placer
