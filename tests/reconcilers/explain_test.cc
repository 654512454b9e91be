// What a decision says: the sentences of the proof of concept word for word, its order of rules, and the
// numbers behind them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using testing::HasSubstr;

// A policy as a flat config implies it; fra and ams have machines.
Scenario Flat() {
  Scenario world;
  world.policy.from_flat_config = true;
  world.policy.adopt = Adopt::kAll;
  world.policy.threshold.attribution = Attribution::kNone;
  world.policy.behavior.scale_up = {.cooldown = absl::Minutes(5)};
  world.policy.behavior.scale_down = {.cooldown = absl::Minutes(5)};
  world.Machines("fra", 1).Machines("ams", 1).Requests("fra", 60).Requests("ams", 30);
  return world;
}

struct SentenceCase {
  const char* name;
  void (*change)(Scenario&);
  const char* region;
  Action wanted;
  const char* message;
};

class SentenceTest : public testing::TestWithParam<SentenceCase> {};

TEST_P(SentenceTest, IsWordForWord) {
  Scenario world = Flat();
  GetParam().change(world);
  const ReconcileResult result = world.Decide();
  const RegionDecision decision = RegionOf(result, GetParam().region);
  EXPECT_EQ(decision.message, GetParam().message);
  EXPECT_EQ(decision.wanted, GetParam().wanted);
  EXPECT_EQ(decision.action, Action::kNone);
}

void Exclude(Scenario& world) {
  world.policy.regions.excluded = {"iad"};
}
void Nothing(Scenario&) {}

INSTANTIATE_TEST_SUITE_P(
    Explain, SentenceTest,
    testing::Values(
        SentenceCase{"Excluded", Exclude, "iad", Action::kDeploy, "Region is in excluded_regions list"},
        SentenceCase{"NotAllowed", [](Scenario& world) { world.Requests("nrt", 60); }, "nrt", Action::kDeploy,
                     "Region is not in allowed_regions list"},
        SentenceCase{"AlwaysRunning",
                     [](Scenario& world) {
                       world.policy.regions.always_running = {"ams"};
                       world.Requests("ams", 0);
                     },
                     "ams", Action::kRemove, "Region is in always_running_regions list"},
        SentenceCase{"AlreadyDeployed", Nothing, "fra", Action::kDeploy,
                     "Region is already deployed. Current avg: 60.00, Long-term avg: 60.00"},
        SentenceCase{"NotDeployed", [](Scenario& world) { world.Requests("iad", 2.345); }, "iad",
                     Action::kRemove,
                     "Region is not currently deployed. Current avg: 2.35, Long-term avg: 2.35"},
        SentenceCase{"BetweenTheThresholds", Nothing, "ams", Action::kNone,
                     "Traffic does not meet adaptive thresholds. Current avg: 30.00, Long-term avg: 30.00"},
        SentenceCase{"CooldownOfAPlace",
                     [](Scenario& world) {
                       world.Requests("iad", 60).LastAction("iad", Action::kRemove,
                                                            absl::Milliseconds(100500));
                     },
                     "iad", Action::kDeploy, "Cooldown period (200 seconds remaining)"},
        SentenceCase{"CooldownOfALeave",
                     [](Scenario& world) {
                       world.Requests("ams", 0).LastAction("ams", Action::kDeploy, absl::Seconds(299));
                     },
                     "ams", Action::kRemove, "Cooldown period (1 seconds remaining)"}),
    [](const testing::TestParamInfo<SentenceCase>& info) { return std::string(info.param.name); });

TEST(Explain, CurrentAverageIsTheLongOneWhileTheShortWindowIsNotCovered) {
  Scenario world = Flat();
  world.seen.traffic.witnessed[59] = false;
  world.Requests("ams", Step(20, 40, 4));
  world.seen.traffic.regions["ams"][59].reset();
  const RegionDecision ams = RegionOf(world.Decide(), "ams");
  ASSERT_NE(*ams.short_average, *ams.long_average);
  EXPECT_THAT(ams.message,
              HasSubstr(absl::StrCat("Current avg: ", ams.message.substr(ams.message.rfind(' ') + 1))));
}

TEST(Explain, ExcludedComesBeforeNotAllowed) {
  Scenario world = Flat();
  world.policy.regions.excluded = {"nrt"};
  EXPECT_EQ(ReasonOf(world.Requests("nrt", 60).Decide(), "nrt"), "Excluded");
}

TEST(Explain, ExcludedWinsOverAlwaysRunningInAFlatConfig) {
  Scenario world = Flat();
  world.policy.regions.excluded = world.policy.regions.always_running = {"iad"};
  EXPECT_EQ(ReasonOf(world.Decide(), "iad"), "Excluded");
}

TEST(Explain, AlreadyDeployedComesBeforeCooldown) {
  Scenario world = Flat();
  EXPECT_EQ(ReasonOf(world.LastAction("fra", Action::kDeploy, absl::Seconds(1)).Decide(), "fra"),
            "AlreadyDeployed");
}

TEST(Explain, NotDeployedComesBeforeCooldown) {
  Scenario world = Flat();
  world.Requests("iad", 0).LastAction("iad", Action::kRemove, absl::Seconds(1));
  EXPECT_EQ(ReasonOf(world.Decide(), "iad"), "NotDeployed");
}

TEST(Explain, NotDeployedComesBeforeAlwaysRunning) {
  Scenario world = Flat();
  world.policy.regions.always_running = {"iad"};
  world.policy.capacity.total_max = 2;
  EXPECT_EQ(ReasonOf(world.Decide(), "iad"), "TotalMax");  // what holds the floor, not that it is idle
}

TEST(Explain, AlwaysRunningComesBeforeCooldown) {
  Scenario world = Flat();
  world.policy.regions.always_running = {"ams"};
  world.Requests("ams", 0).LastAction("ams", Action::kDeploy, absl::Seconds(1));
  EXPECT_EQ(ReasonOf(world.Decide(), "ams"), "AlwaysRunning");
}

TEST(Explain, ARegionThatThePlatformLacksIsSaidSo) {
  Scenario world;
  world.EditPlatform().from_platform = true;
  world.policy.regions.allowed.push_back("sfo");
  EXPECT_EQ(RegionOf(world.Decide(), "sfo").message, "Region is not a region of the platform");
}

TEST(Explain, EveryRegionThatMattersGetsADecision) {
  Scenario world;
  world.policy.regions = {.allowed = {"fra"}, .excluded = {"nrt"}, .always_running = {"iad"}};
  world.Requests("lhr", 1).Machines("syd", 1).LastTarget("gru", false);
  std::vector<std::string> regions;
  for (const RegionDecision& decision : world.Decide().decision.regions) regions.push_back(decision.region);
  EXPECT_THAT(regions, testing::ElementsAre("fra", "gru", "iad", "lhr", "nrt", "syd"));
}

TEST(Explain, DecisionsCarryTheirNumbers) {
  Scenario world;
  world.Requests("fra", 60).Requests("lhr", 3).Machines("fra", 2).LastAction("fra", Action::kDeploy,
                                                                             absl::Minutes(4));
  world.seen.machines[0].cordoned = true;
  const RegionDecision fra = RegionOf(world.Decide(), "fra");
  EXPECT_EQ(fra.observed, 2);
  EXPECT_EQ(fra.healthy, 1);
  EXPECT_EQ(fra.target, 2);
  EXPECT_DOUBLE_EQ(*fra.newest, 60);
  EXPECT_EQ(fra.verdict, Verdict::kPlace);
  EXPECT_EQ(fra.evidence, Evidence::kFresh);
  EXPECT_TRUE(fra.placed && fra.may_host && fra.removal_grade);
  EXPECT_EQ(fra.cooldown_remaining, absl::ZeroDuration());
}

TEST(Explain, TheTargetIsWhatThePlanLeadsTo) {
  Scenario world;
  world.policy.capacity.per_region_min = 2;
  world.Requests("fra", 60).Machines("ams", 1).Machines("iad", 1).Requests("iad", 30);
  const ReconcileResult result = world.Decide();
  EXPECT_EQ(RegionOf(result, "fra").target, 2);
  EXPECT_EQ(RegionOf(result, "ams").target, 0);
  EXPECT_EQ(RegionOf(result, "iad").target, 2);
}

TEST(Explain, ANewestPointThatIsNotCoveredHasNoValue) {
  Scenario world;
  world.seen.traffic.witnessed[59] = false;
  EXPECT_EQ(RegionOf(world.Decide(), "fra").newest, std::nullopt);
}

TEST(Explain, DetailSaysWhatWouldHaveToChange) {
  Scenario world;
  world.Requests("fra", 30).Machines("fra", 1).Requests("iad", 30);
  const ReconcileResult result = world.Decide();
  EXPECT_THAT(RegionOf(result, "fra").detail,
              HasSubstr("To leave: both averages must fall to 10.00 or less"));
  EXPECT_THAT(RegionOf(result, "iad").detail, HasSubstr("To place: the short average must rise by 20.00."));
}

TEST(Explain, DetailOfABurstAsksForMorePoints) {
  Scenario world;
  EXPECT_THAT(RegionOf(world.Requests("iad", Step(0, 1000, 2)).Decide(), "iad").detail,
              HasSubstr("To place: 3 points of the short window must be at or above 50.00."));
}

TEST(Explain, DetailNamesWhereTrafficCounts) {
  Scenario world;
  EXPECT_THAT(RegionOf(world.Requests("lhr", 5).Decide(), "lhr").detail,
              HasSubstr("Its traffic counts to ams."));
}

TEST(Explain, TheMessageOfAPlacementShowsTheRule) {
  Scenario world;
  EXPECT_EQ(RegionOf(world.Requests("fra", 60).Decide(), "fra").message,
            "Traffic is high enough: short average 60.00 >= 50.00, with 5 of 5 points at or above 50.00");
}

TEST(Explain, TheDecisionGradesTheWholeObservation) {
  Scenario world;
  const ReconcileResult result = world.PrometheusDown().Requests("zzz", 5).Decide();
  EXPECT_EQ(result.decision.evidence, Evidence::kMissing);
  EXPECT_THAT(result.decision.evidence_message, HasSubstr("connection refused"));
  EXPECT_EQ(result.decision.data_point, world.seen.traffic.end);
  EXPECT_EQ(result.decision.time, world.now);
  EXPECT_THAT(result.decision.unattributed, testing::ElementsAre(testing::Pair("zzz", 5)));
}

}  // namespace
}  // namespace placer
