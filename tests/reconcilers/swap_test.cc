// Swaps at total.max: a region with at least twice the traffic takes the place of the lowest-ranked one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Two machines, as total.max allows: fra is busy, ams between the thresholds. iad wants one.
Scenario FullHouse(double ams = 20, double iad = 60) {
  Scenario world;
  world.policy.capacity.total_max = 2;
  world.Machines("fra", 1).Machines("ams", 1).Requests("fra", 200).Requests("ams", ams).Requests("iad", iad);
  return world;
}

void ExpectNoSwap(const Scenario& world) {
  const ReconcileResult result = world.Decide();
  EXPECT_THAT(ActionsOf(result), IsEmpty());
  EXPECT_EQ(ReasonOf(result, "iad"), "TotalMax");
}

TEST(Swap, RemovesFirst) {
  EXPECT_THAT(ActionsOf(FullHouse().Decide()),
              ElementsAre("remove ams-1: SwappedOut", "create iad: SwappedIn"));
}

TEST(Swap, AnAlwaysRunningRegionComesInThatWayToo) {
  Scenario world = FullHouse();
  world.policy.regions.always_running = {"iad"};
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: SwappedOut", "create iad: SwappedIn"));
}

TEST(Swap, NeedsTwiceTheTraffic) {
  EXPECT_THAT(ActionsOf(FullHouse(30, 60).Decide()),
              ElementsAre("remove ams-1: SwappedOut", "create iad: SwappedIn"));
  ExpectNoSwap(FullHouse(30.01, 60));
}

TEST(Swap, ObeysTheCooldownOfRemoval) {
  ExpectNoSwap(FullHouse().LastAction("ams", Action::kDeploy, absl::Minutes(9)));
}

TEST(Swap, ObeysTheCooldownOfTheNewcomer) {
  const ReconcileResult result = FullHouse().LastAction("iad", Action::kDeploy, absl::Seconds(59)).Decide();
  EXPECT_THAT(ActionsOf(result), IsEmpty());
  EXPECT_EQ(ReasonOf(result, "iad"), "Cooldown");
}

TEST(Swap, NeverHappensIfNoHealthyMachineWouldBeLeft) {
  Scenario world = FullHouse();
  world.seen.machines[1].state = "stopped";  // fra
  ExpectNoSwap(world);
}

TEST(Swap, ObeysTotalMin) {
  Scenario world = FullHouse();
  world.policy.capacity.total_min = 2;
  ExpectNoSwap(world);
}

TEST(Swap, ObeysMaxActionsOfBothDirections) {
  ExpectNoSwap(FullHouse().Acted(Action::kRemove, absl::Seconds(1)));
  ExpectNoSwap(FullHouse().Acted(Action::kDeploy, absl::Seconds(1), 4));
}

TEST(Swap, ObeysMaxCreatesPerHour) {
  ExpectNoSwap(FullHouse().Acted(Action::kDeploy, absl::Minutes(20), 30));
}

TEST(Swap, NeedsFreshEvidenceOfTheRegionThatGoes) {
  Scenario world = FullHouse();
  world.seen.traffic.partial_answer = true;
  ExpectNoSwap(world);
}

TEST(Swap, TakesNoAlwaysRunningRegion) {
  Scenario world = FullHouse();
  world.policy.regions.always_running = {"ams"};
  world.seen.traffic.regions["fra"] = Level(55);
  ExpectNoSwap(world);
}

TEST(Swap, TakesNoPrimaryRegion) {
  Scenario world = FullHouse();
  world.seen.primary_region = "ams";
  world.seen.traffic.regions["fra"] = Level(55);
  ExpectNoSwap(world);
}

TEST(Swap, TakesNoRegionWithMachinesOfSomebodyElse) {
  Scenario world = FullHouse();
  world.seen.machines[0].metadata.clear();
  ExpectNoSwap(world);
}

TEST(Swap, TakesNoRegionThatAMachineOfSomebodyElseWouldKeepOpen) {
  Scenario world = FullHouse();
  world.policy.capacity.total_max = 3;
  world.policy.behavior.scale_down.max_actions.reset();
  world.Add(MakeForeignMachine("ams-2", "ams"));
  ExpectNoSwap(world);
}

TEST(Swap, TakesNoRegionForTheSakeOfPerRegionMin) {
  Scenario world = FullHouse();
  world.policy.capacity.per_region_min = 2;
  world.seen.traffic.regions["iad"] = Level(0);
  EXPECT_THAT(ActionsOf(world.Decide()), IsEmpty());
}

TEST(Swap, LeavesALoweredCeilingAlone) {
  // Three machines where two are allowed: room is made, and nothing comes in.
  Scenario world = FullHouse(20, 0);
  world.Machines("iad", 1).Requests("nrt", 500).Requests("iad", 100);
  world.policy.regions.allowed.push_back("nrt");
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: AboveTotalMax"));
}

TEST(Swap, FreesNoPlaceForAThirdRegionInTheSamePlan) {
  // ams leaves with two machines; additions stand before its removal, so nrt must wait.
  Scenario world = FullHouse();
  world.policy.capacity.total_max = 3;
  world.policy.behavior.scale_down.max_actions.reset();
  world.policy.regions.allowed.push_back("nrt");
  world.Add(MakeMachine("ams-2", "ams"));
  world.Requests("nrt", 55);
  EXPECT_THAT(ActionsOf(world.Decide()),
              ElementsAre("remove ams-2: SwappedOut", "remove ams-1: SwappedOut", "create iad: SwappedIn"));
}

TEST(Swap, FillsNoRegionThatItTakesOut) {
  // ams lacks a machine of its own, and would get it were it not for the swap.
  Scenario world = FullHouse();
  world.policy.capacity.per_region_min = 2;
  world.policy.capacity.total_max = 3;
  world.Add(MakeMachine("fra-2", "fra"));
  const ReconcileResult result = world.LastAction("ams", Action::kDeploy, absl::Minutes(10)).Decide();
  EXPECT_THAT(ActionsOf(result), ElementsAre("remove ams-1: SwappedOut", "create iad: SwappedIn"));
  EXPECT_EQ(ReasonOf(result, "ams"), "SwappedOut");
}

TEST(Swap, IsTheReplacementOfAClosedRegionToo) {
  Scenario world = FullHouse();
  world.policy.regions.excluded = {"nrt"};
  world.policy.capacity.total_min = 2;
  world.policy.capacity.total_max = 3;
  world.policy.behavior.scale_down.max_actions.reset();
  world.Machines("nrt", 1);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: SwappedOut", "create iad: SwappedIn"));
}

TEST(Swap, OneRegionLeavesOnce) {
  Scenario world = FullHouse();
  world.policy.regions.allowed.push_back("nrt");
  world.policy.behavior.scale_down.max_actions.reset();
  world.Requests("nrt", 70);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove ams-1: SwappedOut", "create nrt: SwappedIn"));
}

TEST(Swap, ARegionWithUnknownTrafficNeverComesIn) {
  Scenario world = FullHouse();
  world.LastTarget("iad", true).AllPointsDecided();
  world.seen.traffic.regions["iad"] = Level(-1);
  ExpectNoSwap(world);
}

TEST(Swap, WhileThereIsRoomNobodyLeaves) {
  Scenario world = FullHouse();
  world.policy.capacity.total_max = 3;
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("create iad: TrafficAboveThreshold"));
}

TEST(Swap, TakesNoRegionWhoseNeighbourCannotBearAllOfIt) {
  // Each of the two of ams could take the other's work; fra, which gets both, cannot.
  Scenario world = FullHouse();
  world.policy.capacity.total_max = 3;
  world.policy.behavior.scale_down.max_actions.reset();
  world.Add(MakeMachine("ams-2", "ams"));
  for (Machine& machine : world.seen.machines) machine.hard_limit = 100;
  world.seen.traffic.concurrency = {{"ams", Level(50)}, {"fra", Level(10)}};
  EXPECT_THAT(ActionsOf(world.Decide()),
              ElementsAre("remove ams-2: SwappedOut", "remove ams-1: SwappedOut", "create iad: SwappedIn"));
  world.seen.traffic.concurrency["fra"] = Level(40);
  ExpectNoSwap(world);
}

TEST(Swap, PassesOverARegionThatIsNotAllOurs) {
  Scenario world = FullHouse();
  world.policy.capacity.total_max = 4;
  world.policy.regions.allowed.push_back("nrt");
  world.Add(MakeForeignMachine("ams-2", "ams"));
  world.Machines("nrt", 1).Requests("nrt", 25);
  EXPECT_THAT(ActionsOf(world.Decide()), ElementsAre("remove nrt-1: SwappedOut", "create iad: SwappedIn"));
}

}  // namespace
}  // namespace placer
