#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "api/status_codec.h"
#include "cmd/autoplacer/render.h"
#include "cmd/autoplacer/view.h"

namespace placer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

absl::Time At(int second) {
  return absl::FromUnixSeconds(1'790'000'000 + second);
}

RegionDecision MakeDecision(std::string region, double short_average, int target) {
  RegionDecision decision;
  decision.region = std::move(region);
  decision.reason = Reason::kWithinThresholds;
  decision.message = "Traffic does not meet adaptive thresholds";
  decision.newest = short_average + 1;
  decision.short_average = short_average;
  decision.long_average = short_average / 2;
  decision.up = 50;
  decision.down = 10;
  decision.target = target;
  decision.placed = target > 0;
  decision.evidence = Evidence::kFresh;
  return decision;
}

struct Fixture {
  PlacementPolicy policy;
  PolicyStatus status;

  Fixture() {
    policy.name = "web";
    policy.app = "shop";
    status.phase = "Running";
    status.last_decision.time = At(60);
    status.last_decision.data_point = At(0);
    status.last_decision.evidence = Evidence::kFresh;
    status.last_decision.regions = {MakeDecision("ams", 12, 1), MakeDecision("fra", 30, 1),
                                    MakeDecision("gru", 45, 0), MakeDecision("nrt", 48, 0)};
    status.observed = {{"ams", 1}, {"fra", 2}};
    status.shadow = {{"ams", 1}, {"fra", 3}};
  }
  PolicyView View() const {
    const absl::StatusOr<PolicyView> view = ParsePolicyView(FormatPolicyObject(policy, status, false));
    EXPECT_TRUE(view.ok()) << view.status();
    return view.value_or(PolicyView{});
  }
};

std::vector<std::string> FirstWords(const std::string& text) {
  std::vector<std::string> words;
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n', absl::SkipEmpty()))) {
    words.push_back(line.substr(0, line.find(' ')));
  }
  return words;
}

TEST(PolicyView, ReadsBackEverythingThatTheApiSays) {
  Fixture fixture;
  RegionDecision& ams = fixture.status.last_decision.regions[0];
  ams.action = Action::kDeploy;
  ams.reason = Reason::kTrafficAboveThreshold;
  ams.detail = "measured";
  ams.verdict = Verdict::kPlace;
  ams.volatility = 0.25;
  ams.may_host = true;
  ams.cooldown_remaining = absl::Seconds(90);
  ams.attributed = {"bru"};
  fixture.status.conditions = {{"TrafficObserved", true, "Fresh", "", At(0)}};
  fixture.status.recent_actions = {{At(5), "ams", Action::kDeploy, Reason::kTrafficAboveThreshold, true}};

  const PolicyView view = fixture.View();
  EXPECT_EQ(view.name, "web");
  EXPECT_EQ(view.app, "shop");
  EXPECT_EQ(view.process_group, "app");
  EXPECT_EQ(view.mode, "DryRun");
  EXPECT_EQ(view.per, "5m");
  EXPECT_EQ(view.evidence, "Fresh");
  EXPECT_EQ(view.time, absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", At(60), absl::UTCTimeZone()));
  ASSERT_EQ(view.regions.size(), 4u);
  const RegionView& region = view.regions[0];
  EXPECT_EQ(region.action, "deploy");
  EXPECT_EQ(region.reason, "TrafficAboveThreshold");
  EXPECT_EQ(region.detail, "measured");
  EXPECT_EQ(region.verdict, "place");
  EXPECT_EQ(region.newest, 13);
  EXPECT_EQ(region.short_average, 12);
  EXPECT_EQ(region.long_average, 6);
  EXPECT_EQ(region.volatility, 0.25);
  EXPECT_EQ(region.up, 50);
  EXPECT_EQ(region.down, 10);
  EXPECT_EQ(region.machines, 1);
  EXPECT_EQ(region.target, 1);
  EXPECT_TRUE(region.placed);
  EXPECT_TRUE(region.may_host);
  EXPECT_EQ(region.cooldown_remaining_seconds, 90);
  EXPECT_EQ(region.attributed, std::vector<std::string>{"bru"});
  EXPECT_EQ(view.regions[1].machines, 2);
  EXPECT_EQ(view.regions[1].shadow, 3);
  ASSERT_EQ(view.conditions.size(), 1u);
  EXPECT_TRUE(view.conditions[0].status);
  ASSERT_EQ(view.recent_actions.size(), 1u);
  EXPECT_EQ(view.recent_actions[0].action, "deploy");
  EXPECT_TRUE(view.recent_actions[0].failed);
}

Intent MakeIntent(Intent::Kind kind, Intent::Phase phase, std::string region) {
  Intent intent;
  intent.kind = kind;
  intent.phase = phase;
  intent.region = std::move(region);
  intent.machine_id = "148e";
  return intent;
}

TEST(PolicyView, ReadsBackWhatIsUnderWay) {
  Fixture fixture;
  fixture.status.intents = {MakeIntent(Intent::Kind::kLeave, Intent::Phase::kDraining, "fra")};
  fixture.status.intents[0].reason = Reason::kSwappedOut;
  fixture.status.intents[0].attempts = 2;
  fixture.status.intents[0].last_error = "503";
  const PolicyView view = fixture.View();
  ASSERT_EQ(view.intents.size(), 1u);
  EXPECT_EQ(view.intents[0].kind, "Leave");
  EXPECT_EQ(view.intents[0].phase, "Draining");
  EXPECT_EQ(view.intents[0].region, "fra");
  EXPECT_EQ(view.intents[0].machine, "148e");
  EXPECT_EQ(view.intents[0].reason, "SwappedOut");
  EXPECT_EQ(view.intents[0].attempts, 2);
  EXPECT_EQ(view.intents[0].last_error, "503");
}

TEST(RenderRegions, ARegionShowsWhatIsUnderWayInsteadOfItsAction) {
  Fixture fixture;
  fixture.status.intents = {MakeIntent(Intent::Kind::kEnter, Intent::Phase::kStarting, "gru"),
                            MakeIntent(Intent::Kind::kLeave, Intent::Phase::kDraining, "fra"),
                            MakeIntent(Intent::Kind::kUpdate, Intent::Phase::kUpdating, "fra")};
  const std::string text = RenderRegions(fixture.View(), {}, 0);
  EXPECT_THAT(text, ::testing::ContainsRegex("gru .* entering \\(Starting\\) "));
  EXPECT_THAT(text, ::testing::ContainsRegex("fra .* leaving \\(Draining\\) \\+1 "));
  EXPECT_THAT(text, ::testing::ContainsRegex("ams .* none "));
}

TEST(RenderPolicies, CountsWhatIsUnderWay) {
  Fixture fixture;
  fixture.status.intents = {MakeIntent(Intent::Kind::kEnter, Intent::Phase::kStarting, "gru"),
                            MakeIntent(Intent::Kind::kEnter, Intent::Phase::kCreating, "nrt")};
  EXPECT_THAT(RenderPolicies({fixture.View()}, {}), ::testing::ContainsRegex("PENDING  LAST PASS\n.* 2  "));
}

TEST(RenderExplanation, SaysWhatIsUnderWayAndWhatItFailedOf) {
  Fixture fixture;
  fixture.status.intents = {MakeIntent(Intent::Kind::kLeave, Intent::Phase::kStopping, "fra")};
  fixture.status.intents[0].attempts = 2;
  fixture.status.intents[0].last_error = "503 busy";
  const PolicyView view = fixture.View();
  const std::string text = RenderExplanation(view, view.regions[1], {});
  EXPECT_THAT(text, HasSubstr("leaving (Stopping), machine 148e"));
  EXPECT_THAT(text, HasSubstr("2 failed: 503 busy"));
  EXPECT_THAT(RenderExplanation(view, view.regions[0], {}), Not(HasSubstr("under way")));
}

TEST(PolicyView, KeepsNoValueApartFromZero) {
  Fixture fixture;
  fixture.status.last_decision.regions[0].newest.reset();
  fixture.status.last_decision.regions[0].short_average = 0;
  EXPECT_FALSE(fixture.View().regions[0].newest.has_value());
  EXPECT_EQ(fixture.View().regions[0].short_average, 0);
}

TEST(PolicyView, RefusesTheAnswersOfOtherServers) {
  for (const char* body : {"", "<html>", "[]", "{}", "{\"status\":\"success\"}", "{\"kind\":\"Pod\"}"}) {
    EXPECT_EQ(ParsePolicyView(body).status().code(), absl::StatusCode::kInternal) << body;
    EXPECT_EQ(ParsePolicyViews(body).status().code(), absl::StatusCode::kInternal) << body;
  }
}

TEST(PolicyView, MembersOfAnUnexpectedTypeAreEmptyAndNoCrash) {
  const auto view = ParsePolicyView(
      R"({"kind":"PlacementPolicy","metadata":[],"spec":3,"status":{"regions":[1,{"region":7,"newest":"x"}],"placement":[]}})");
  ASSERT_TRUE(view.ok()) << view.status();
  ASSERT_EQ(view->regions.size(), 1u);
  EXPECT_EQ(view->regions[0].region, "");
}

TEST(PolicyView, ReadsALists) {
  const Fixture fixture;
  const std::string object = FormatPolicyObject(fixture.policy, fixture.status, false);
  const auto views = ParsePolicyViews(FormatPolicyList({object, object}));
  ASSERT_TRUE(views.ok()) << views.status();
  EXPECT_EQ(views->size(), 2u);
}

TEST(RegionsTable, PutsPlacedRegionsFirstAndThenTheBusiest) {
  EXPECT_EQ(FirstWords(RenderRegions(Fixture().View(), {}, 0)),
            (std::vector<std::string>{"REGION", "fra", "ams", "nrt", "gru"}));
}

TEST(RegionsTable, ShowsTrafficThresholdsMachinesAndReason) {
  const std::string text = RenderRegions(Fixture().View(), {}, 0);
  EXPECT_THAT(text, HasSubstr("TRAFFIC/5m"));
  for (const char* column :
       {"SHORT", "LONG", "LEAVE AT", "PLACE AT", "MACHINES", "SHADOW", "TARGET", "DECISION"}) {
    EXPECT_THAT(text, HasSubstr(column));
  }
  EXPECT_THAT(text,
              ::testing::ContainsRegex("fra +31.0 +30.0 +15.0 +10.0 +50.0 +2 +3 +1  none +Traffic does not"));
}

TEST(RegionsTable, SaysHowManyRowsItLeftOut) {
  const std::string text = RenderRegions(Fixture().View(), {}, 3);
  EXPECT_EQ(FirstWords(text), (std::vector<std::string>{"REGION", "fra", "ams", "..."}));
  EXPECT_THAT(text, HasSubstr("2 more"));
}

TEST(RegionsTable, DeploysAreGreenRemovalsRedTheRestDim) {
  Fixture fixture;
  fixture.status.last_decision.regions[0].action = Action::kRemove;
  fixture.status.last_decision.regions[3].action = Action::kDeploy;
  const std::string text = RenderRegions(fixture.View(), {.colour = true}, 0);
  EXPECT_THAT(text, HasSubstr("\x1b[31mams"));
  EXPECT_THAT(text, HasSubstr("\x1b[32mnrt"));
  EXPECT_THAT(text, HasSubstr("\x1b[2mgru"));
}

TEST(Header, SaysWhatIsWrongAndOnlyThat) {
  Fixture fixture;
  fixture.status.conditions = {{"PolicyAccepted", false, "Invalid", "policy.yaml:3:1: error", At(0)},
                               {"MachinesObserved", true, "Listed", "all is well", At(0)},
                               {"Acting", false, "DryRun", "mode is DryRun", At(0)}};
  const std::string text = RenderHeader(fixture.View(), {});
  EXPECT_THAT(text, HasSubstr("PolicyAccepted=False Invalid: policy.yaml:3:1: error"));
  EXPECT_THAT(text, Not(HasSubstr("all is well")));
  EXPECT_THAT(text, Not(HasSubstr("Acting")));
}

TEST(Header, SaysOnceWhyTheEvidenceIsNotFresh) {
  Fixture fixture;
  fixture.status.last_decision.evidence = Evidence::kStale;
  fixture.status.last_decision.evidence_message = "newest point is 4m old";
  fixture.status.conditions = {{"TrafficObserved", false, "Stale", "newest point is 4m old", At(0)}};
  const std::string text = RenderHeader(fixture.View(), {});
  EXPECT_THAT(text, HasSubstr("newest point is 4m old"));
  EXPECT_EQ(text.find("newest point"), text.rfind("newest point"));
}

TEST(PolicyPage, FitsTheHeightAndKeepsTheNewestActions) {
  Fixture fixture;
  for (int i = 0; i < 30; ++i) {
    fixture.status.last_decision.regions.push_back(MakeDecision(absl::StrCat("r", i), 1, 0));
    fixture.status.recent_actions.push_back(
        {At(-i), absl::StrCat("act", i), Action::kDeploy, Reason::kTrafficAboveThreshold, false});
  }
  const std::string text = RenderPolicy(fixture.View(), {}, 24);
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 24);
  EXPECT_THAT(text, HasSubstr("deploy act0 "));
  EXPECT_THAT(text, HasSubstr("deploy act4 "));
  EXPECT_THAT(text, Not(HasSubstr("act5")));
}

TEST(PolicyPage, OfAPolicyWithoutAPassYetIsNoCrash) {
  Fixture fixture;
  fixture.status = PolicyStatus{};
  EXPECT_THAT(RenderPolicy(fixture.View(), {}, 10), HasSubstr("Pending"));
}

TEST(PoliciesTable, CountsTheMachinesOfAllRegions) {
  const std::string text = RenderPolicies({Fixture().View()}, {});
  EXPECT_THAT(text, ::testing::ContainsRegex("web +shop +app +DryRun +Running +Fresh +3 +4 +2"));
}

TEST(PoliciesTable, SaysSoWhereThereIsNone) {
  EXPECT_EQ(RenderPolicies({}, {}), "No policy is in force.\n");
}

TEST(Explanation, NamesMeasuresThresholdsRuleAndWhatWouldHaveToChange) {
  Fixture fixture;
  RegionDecision& ams = fixture.status.last_decision.regions[0];
  ams.detail = "It would leave at 10 or less";
  ams.attributed = {"bru", "lux"};
  ams.cooldown_remaining = absl::Seconds(12);
  const PolicyView view = fixture.View();
  const std::string text = RenderExplanation(view, view.regions[0], {});
  for (const char* each :
       {"ams: none (WithinThresholds)", "policy web", "Traffic does not meet adaptive thresholds",
        "It would leave at 10 or less", "short >= 50.0", "short and long <= 10.0", "12.0 s remaining",
        "bru, lux", "requests per 5m"}) {
    EXPECT_THAT(text, HasSubstr(each));
  }
}

}  // namespace
}  // namespace placer
