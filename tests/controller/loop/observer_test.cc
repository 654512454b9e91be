#include "controller/observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "tests/simulated/fake_machines.h"
#include "tests/simulated/fake_traffic.h"
#include "tests/simulated/virtual_run.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ObserverTest : public ::testing::Test {
 protected:
  Observation Observe() {
    time_.Await(observer_.Observe(policy_, last_seen_));
    return observer_.seen();
  }
  Observation ReadEachAgain() {
    time_.Await(observer_.Refresh(policy_.app, last_seen_));
    return observer_.seen();
  }
  static std::vector<std::string> Ids(const Observation& seen) {
    std::vector<std::string> ids;
    for (const Machine& machine : seen.machines) ids.push_back(machine.id);
    return ids;
  }

  FakeMachines machines_;
  FakeTraffic traffic_;
  NullLog log_;
  PlacementPolicy policy_ = MakePolicy();
  std::map<std::string, std::string> last_seen_;
  VirtualTime time_;
  PlatformSource platform_{time_.clock(), machines_, log_, {}};
  Observer observer_{time_.clock(), machines_, traffic_, platform_, {.machine_id = "self1"}, "demo"};
};

TEST_F(ObserverTest, SeesWhatThePlatformLists) {
  machines_.Add("b", "ams");
  machines_.Add("a", "fra");
  const Observation seen = Observe();
  EXPECT_THAT(Ids(seen), ElementsAre("a", "b"));
  EXPECT_TRUE(seen.machines_known);
  EXPECT_TRUE(seen.machines_error.ok());
  EXPECT_THAT(last_seen_, ElementsAre(std::pair("a", "fra"), std::pair("b", "ams")));
}

TEST_F(ObserverTest, AMachineClonedFromOursIsItsOwners) {
  for (const char* id : {"a", "b"}) {
    machines_.Add(id, "fra");
    machines_.machines[id].name = id == std::string("a") ? "ap-web-fra-0-g1" : "quiet-river-1234";
    machines_.machines[id].metadata = {{kMetadataPolicy, "web"}, {kMetadataIntent, "ap-web-fra-0-g1"}};
  }
  Observation seen = Observe();
  for (int i = 0; i < 2; ++i) {
    ASSERT_THAT(Ids(seen), ElementsAre("a", "b"));
    EXPECT_TRUE(IsMadeBy(seen.machines[0], "web"));
    EXPECT_FALSE(IsMadeBy(seen.machines[1], "web"));
    seen = ReadEachAgain();
  }
}

TEST_F(ObserverTest, AnEmptyListIsBelievedWhereNothingWasSeenBefore) {
  const Observation seen = Observe();
  EXPECT_TRUE(seen.machines_known);
  EXPECT_TRUE(seen.machines_error.ok());
  EXPECT_THAT(machines_.asked, IsEmpty());
}

TEST_F(ObserverTest, AnEmptyListIsNotBelievedWhileTheMachinesAnswer) {
  machines_.Add("a", "fra");
  machines_.Add("b", "ams");
  Observe();
  machines_.hidden = {"a", "b"};
  EXPECT_THAT(Ids(Observe()), ElementsAre("a", "b"));
  EXPECT_THAT(machines_.asked, ElementsAre("a", "b"));
}

TEST_F(ObserverTest, AnEmptyListIsBelievedOnceEachMachineAnswersNotFoundOrDestroyed) {
  machines_.Add("a", "fra");
  machines_.Add("b", "ams");
  Observe();
  machines_.hidden = {"a", "b"};
  machines_.machines.erase("a");
  machines_.machines["b"].state = "destroyed";
  const Observation seen = Observe();
  EXPECT_THAT(Ids(seen), IsEmpty());
  EXPECT_TRUE(seen.machines_error.ok());
  EXPECT_THAT(last_seen_, IsEmpty());
}

TEST_F(ObserverTest, AnEmptyListThatCannotBeConfirmedIsAnErrorAndKeepsTheLastKnown) {
  machines_.Add("a", "fra");
  machines_.Add("b", "ams");
  Observe();
  machines_.machines.clear();
  machines_.get_errors["b"] = absl::UnavailableError("502");
  const Observation seen = Observe();
  EXPECT_THAT(Ids(seen), ElementsAre("a", "b"));
  EXPECT_TRUE(absl::IsUnavailable(seen.machines_error));
  EXPECT_THAT(std::string(seen.machines_error.message()), HasSubstr("machine b in ams"));
  EXPECT_TRUE(last_seen_.contains("b"));
}

TEST_F(ObserverTest, AnEmptyListAfterARestartIsConfirmedAgainstTheStoredIds) {
  last_seen_ = {{"a", "fra"}};
  machines_.get_errors["a"] = absl::UnavailableError("502");
  const Observation seen = Observe();
  EXPECT_FALSE(seen.machines_known);
  EXPECT_FALSE(seen.machines_error.ok());
  EXPECT_THAT(last_seen_, SizeIs(1));
}

TEST_F(ObserverTest, AMachineThatVanishesFromTheListButAnswersIsCarried) {
  machines_.Add("a", "fra");
  machines_.Add("b", "ams");
  Observe();
  machines_.hidden = {"a"};
  machines_.machines["a"].state = "stopped";
  const Observation seen = Observe();
  EXPECT_THAT(Ids(seen), ElementsAre("a", "b"));
  EXPECT_EQ(seen.machines[0].state, "stopped");  // its answer, not our memory
  EXPECT_THAT(machines_.asked, ElementsAre("a"));
}

TEST_F(ObserverTest, AMachineThatVanishesAndCannotBeAskedIsCarriedFromMemory) {
  machines_.Add("a", "fra");
  machines_.Add("b", "ams");
  Observe();
  machines_.hidden = {"a"};
  machines_.get_errors["a"] = absl::DeadlineExceededError("10 s");
  const Observation seen = Observe();
  EXPECT_THAT(Ids(seen), ElementsAre("a", "b"));
  EXPECT_TRUE(seen.machines_error.ok());
}

TEST_F(ObserverTest, AMachineThatIsGoneIsAskedForOnceAndForgotten) {
  machines_.Add("a", "fra");
  machines_.Add("b", "ams");
  Observe();
  machines_.machines.erase("a");
  EXPECT_THAT(Ids(Observe()), ElementsAre("b"));
  Observe();
  EXPECT_THAT(machines_.asked, ElementsAre("a"));
}

TEST_F(ObserverTest, AMachineOnItsWayOutIsGone) {
  machines_.Add("a", "fra");
  machines_.Add("b", "ams");
  Observe();
  machines_.hidden = {"a"};
  machines_.machines["a"].state = "destroying";
  EXPECT_THAT(Ids(Observe()), ElementsAre("b"));
}

// A burst of GETs would run into the platform's rate limit, so a mass vanishing is confirmed over several
// passes.
TEST_F(ObserverTest, ManyVanishedMachinesAreConfirmedTenAPass) {
  machines_.Add("stays", "fra");
  for (int i = 0; i < 25; ++i) machines_.Add(absl::StrFormat("m%02d", i), "ams");
  Observe();
  std::erase_if(machines_.machines, [](const auto& entry) { return entry.first != "stays"; });
  EXPECT_THAT(Observe().machines, SizeIs(16));
  EXPECT_THAT(machines_.asked, SizeIs(10));
  EXPECT_THAT(Observe().machines, SizeIs(6));
  EXPECT_THAT(Ids(Observe()), ElementsAre("stays"));
}

TEST_F(ObserverTest, ManyVanishedMachinesThatLeaveNothingAreConfirmedOverSeveralPasses) {
  for (int i = 0; i < 25; ++i) machines_.Add(absl::StrFormat("m%02d", i), "ams");
  Observe();
  machines_.machines.clear();
  int passes = 1;
  while (!Observe().machines_error.ok() && passes < 10) ++passes;
  EXPECT_EQ(passes, 3);
  EXPECT_THAT(Ids(Observe()), IsEmpty());
}

TEST_F(ObserverTest, AFailedListKeepsTheLastKnown) {
  machines_.Add("a", "fra");
  Observe();
  machines_.list_error = absl::UnavailableError("503");
  const Observation seen = Observe();
  EXPECT_THAT(Ids(seen), ElementsAre("a"));
  EXPECT_TRUE(seen.machines_known);
  EXPECT_EQ(seen.machines_error, machines_.list_error);
  EXPECT_THAT(last_seen_, SizeIs(1));
}

TEST_F(ObserverTest, WithoutAnyListNothingIsKnown) {
  machines_.list_error = absl::UnavailableError("503");
  EXPECT_FALSE(Observe().machines_known);
}

TEST_F(ObserverTest, TrafficIsAskedOncePerDataPoint) {
  Observe();
  time_.RunFor(absl::Seconds(10));
  Observe();
  EXPECT_THAT(traffic_.asked, SizeIs(1));
  time_.RunFor(absl::Minutes(1));
  Observe();
  EXPECT_THAT(traffic_.asked, SizeIs(2));
  EXPECT_EQ(traffic_.asked[1] - traffic_.asked[0], absl::Minutes(1));
}

TEST_F(ObserverTest, TheReusedAnswerIsTheSame) {
  traffic_.count = [this](const std::string&, absl::Time) {
    return std::optional<double>(traffic_.asked.size());
  };
  const Traffic first = Observe().traffic;
  const Traffic second = Observe().traffic;
  EXPECT_EQ(first.end, second.end);
  EXPECT_EQ(first.regions, second.regions);
}

TEST_F(ObserverTest, TrafficEndsAtTheNewestExpectedPoint) {
  // The start is a whole minute; with 45 s of delay the point that ended a minute ago is the newest.
  EXPECT_EQ(Observe().traffic.end, VirtualStart() - absl::Minutes(1));
  time_.RunFor(absl::Seconds(45));
  EXPECT_EQ(Observe().traffic.end, VirtualStart());
}

TEST_F(ObserverTest, TrafficReachesBackAsFarAsThePolicyNeeds) {
  EXPECT_EQ(Observe().traffic.points, ComputeTrafficPoints(policy_));
}

TEST_F(ObserverTest, AFailedQueryKeepsTheLastAnswerAndIsAskedAgainAtOnce) {
  const absl::Time end = Observe().traffic.end;
  time_.RunFor(absl::Minutes(1));
  traffic_.error = absl::UnavailableError("503");
  const Observation seen = Observe();
  EXPECT_EQ(seen.traffic.error, traffic_.error);
  EXPECT_EQ(seen.traffic.end, end);
  EXPECT_TRUE(seen.traffic.regions.contains("fra"));
  Observe();
  EXPECT_THAT(traffic_.asked, SizeIs(3));
}

TEST_F(ObserverTest, AnAnswerAfterAFailedQueryClearsTheError) {
  traffic_.error = absl::UnavailableError("503");
  Observe();
  traffic_.error = absl::OkStatus();
  EXPECT_TRUE(Observe().traffic.error.ok());
}

TEST_F(ObserverTest, AFailedFirstQueryShowsNoPoint) {
  traffic_.error = absl::UnavailableError("503");
  const Observation seen = Observe();
  EXPECT_EQ(seen.traffic.points, 0);
  EXPECT_EQ(seen.traffic.end, absl::InfinitePast());
}

TEST_F(ObserverTest, AnotherTrafficSourceIsAskedAtOnceAndDoesNotShowTheOldAnswer) {
  Observe();
  policy_.traffic.source = TrafficSource::kEdgeTcp;
  traffic_.error = absl::UnavailableError("503");
  EXPECT_THAT(Observe().traffic.regions, IsEmpty());
  EXPECT_THAT(traffic_.asked, SizeIs(2));
}

TEST_F(ObserverTest, ALongerWindowIsAskedAtOnce) {
  Observe();
  policy_.threshold.long_window = 40;
  EXPECT_EQ(Observe().traffic.points, ComputeTrafficPoints(policy_));
}

TEST_F(ObserverTest, ChangedThresholdsReuseTheAnswer) {
  Observe();
  policy_.threshold.deploy = 80;
  Observe();
  EXPECT_THAT(traffic_.asked, SizeIs(1));
}

TEST_F(ObserverTest, AnotherAppStartsFromNothing) {
  machines_.Add("a", "fra");
  Observe();
  policy_.app = "other";
  last_seen_.clear();  // as the loop does
  machines_.machines.clear();
  const Observation seen = Observe();
  EXPECT_THAT(Ids(seen), IsEmpty());
  EXPECT_TRUE(seen.machines_error.ok());
  EXPECT_THAT(machines_.asked, IsEmpty());  // the ids were the other app's
  EXPECT_THAT(traffic_.asked, SizeIs(2));
}

TEST_F(ObserverTest, AnotherAppWhoseListFailsShowsNoMachineOfTheFirst) {
  machines_.Add("a", "fra");
  Observe();
  policy_.app = "other";
  machines_.list_error = absl::UnavailableError("503");
  const Observation seen = Observe();
  EXPECT_THAT(Ids(seen), IsEmpty());
  EXPECT_FALSE(seen.machines_known);
}

TEST_F(ObserverTest, OurOwnMachineNamesItsProcessGroup) {
  machines_.Add("self1", "fra");
  machines_.machines["self1"].process_group = "autoplacer";
  const Observation seen = Observe();
  EXPECT_EQ(seen.self.machine_id, "self1");
  EXPECT_EQ(seen.self.process_group, "autoplacer");
}

TEST_F(ObserverTest, AMachineThatIsNotInTheListNamesNoGroup) {
  machines_.Add("a", "fra");
  EXPECT_EQ(Observe().self.process_group, "");
}

TEST_F(ObserverTest, ThePrimaryRegionIsTheTargetMachines) {
  machines_.Add("a", "fra");
  machines_.machines["a"].process_group = "worker";
  machines_.machines["a"].primary_region = "lhr";
  machines_.Add("b", "ams");
  machines_.machines["b"].primary_region = "ams";
  EXPECT_EQ(Observe().primary_region, "ams");
}

TEST_F(ObserverTest, WithoutAnEnvironmentThereIsNoPrimaryRegion) {
  machines_.Add("a", "fra");
  EXPECT_EQ(Observe().primary_region, "");
}

TEST_F(ObserverTest, TheEmbeddedTableStandsInWhereTheTokenMayNotAsk) {
  const Observation seen = Observe();
  EXPECT_FALSE(seen.platform->from_platform);
  EXPECT_TRUE(seen.platform->regions.contains("fra"));
}

TEST_F(ObserverTest, ThePlatformsRegionsReplaceTheTableAndAreAskedForOnceAnHour) {
  machines_.regions = std::vector<Region>{Region{.code = "fra", .name = "Frankfurt"}};
  const Observation seen = Observe();
  EXPECT_TRUE(seen.platform->from_platform);
  EXPECT_THAT(seen.platform->regions, SizeIs(1));
  EXPECT_TRUE(seen.platform->regions.find("fra")->second.coordinates.has_value());  // the table's
  time_.RunFor(absl::Minutes(1));
  EXPECT_TRUE(Observe().platform->confirmed);
  time_.RunFor(absl::Minutes(59));
  Observe();
  EXPECT_EQ(machines_.region_lists, 2);
  time_.RunFor(absl::Minutes(1));
  Observe();
  EXPECT_EQ(machines_.region_lists, 3);
}

TEST_F(ObserverTest, WhatThePlatformOpensIsConfirmedByTwoAnswersInARow) {
  const auto answer = [&](std::vector<Region> regions) {
    machines_.regions = std::move(regions);
    const bool confirmed = Observe().platform->confirmed;
    time_.RunFor(absl::Minutes(1));
    return confirmed;
  };
  EXPECT_FALSE(answer({{.code = "fra"}, {.code = "ams"}}));
  EXPECT_TRUE(answer({{.code = "ams"}, {.code = "fra", .name = "Frankfurt"}}));
  time_.RunFor(absl::Hours(1));
  EXPECT_FALSE(answer({{.code = "ams"}}));
  EXPECT_FALSE(answer({{.code = "fra"}, {.code = "ams"}}));
  EXPECT_FALSE(answer({{.code = "fra"}, {.code = "ams", .deprecated = true}}));
  EXPECT_TRUE(answer({{.code = "fra"}}));  // retired or not listed: not open either way
}

TEST_F(ObserverTest, LostPlatformRegionsStayAsLastKnownAndAreAskedForAMinuteLater) {
  machines_.regions = std::vector<Region>{Region{.code = "fra", .name = "Frankfurt"}};
  Observe();
  time_.RunFor(absl::Minutes(1));
  Observe();
  machines_.regions = absl::UnavailableError("503");
  time_.RunFor(absl::Hours(1));
  EXPECT_TRUE(Observe().platform->confirmed);
  EXPECT_EQ(machines_.region_lists, 3);
  time_.RunFor(absl::Minutes(1));
  Observe();
  EXPECT_EQ(machines_.region_lists, 4);
}

}  // namespace
}  // namespace placer
