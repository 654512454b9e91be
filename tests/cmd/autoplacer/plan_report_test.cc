#include "cmd/autoplacer/plan_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>

namespace placer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

OnePass MakePass() {
  OnePass pass;
  PolicySnapshot snapshot;
  snapshot.policy.name = "web";
  snapshot.policy.app = "shop";
  snapshot.policy.adopt = Adopt::kAll;
  RegionDecision ams;
  ams.region = "ams";
  ams.action = Action::kDeploy;
  ams.reason = Reason::kTrafficAboveThreshold;
  ams.message = "busy";
  ams.target = 1;
  ams.short_average = 12.5;
  RegionDecision fra = ams;
  fra.region = "fra";
  fra.action = Action::kNone;
  fra.reason = Reason::kAlreadyDeployed;
  snapshot.status.last_decision.regions = {ams, fra};
  snapshot.status.conditions = {{"TrafficObserved", true, "Fresh", "", absl::UnixEpoch()},
                                {"MachinesObserved", true, "Listed", "", absl::UnixEpoch()}};
  pass.policies = {snapshot};
  pass.reports = {PassReport{.policy = "web", .deployed = {"ams"}}};
  Machine ours;
  ours.id = "m1";
  ours.region = "fra";
  ours.state = "started";
  ours.process_group = "app";
  Machine worker = ours;
  worker.id = "m2";
  worker.process_group = "worker";
  pass.machines = {{ours, worker}};
  return pass;
}

TEST(PlanReport, SaysWhichMachinesWouldBeManagedBeforeWhatWouldBeDone) {
  const std::string text = RenderPlan(MakePass(), "", {});
  EXPECT_THAT(text, HasSubstr("1 of 2 would be managed"));
  EXPECT_THAT(text, ::testing::ContainsRegex("m2 .* no .*process group \"worker\""));
  EXPECT_LT(text.find("would be managed"), text.find("Actions"));
}

TEST(PlanReport, ListsOnlyRegionsWithAnActionAsActions) {
  const std::string text = RenderPlan(MakePass(), "", {});
  EXPECT_THAT(text, HasSubstr("+ ams  0 -> 1  TrafficAboveThreshold: busy"));
  EXPECT_THAT(text, Not(HasSubstr("+ fra")));
  EXPECT_THAT(text, Not(HasSubstr("- fra")));
}

TEST(PlanReport, SaysThatNothingWouldBeDone) {
  OnePass pass = MakePass();
  pass.policies[0].status.last_decision.regions.clear();
  EXPECT_THAT(RenderPlan(pass, "", {}), HasSubstr("Actions: none"));
}

OnePass MakePricedPass() {
  OnePass pass = MakePass();
  pass.machines[0][0].config =
      std::make_shared<const std::string>(R"({"guest":{"cpu_kind":"shared","cpus":1,"memory_mb":512}})");
  return pass;
}

TEST(PlanReport, SaysWhatTheActionsWouldCostRightBehindThem) {
  const std::string text = RenderPlan(MakePricedPass(), "", {});
  // 3.69 USD times the markup of ams.
  EXPECT_THAT(text, HasSubstr("TrafficAboveThreshold: busy\nThis would cost 3.84 USD more a month\n"));
}

TEST(PlanReport, AnUnknownSizeMakesThePriceUnknown) {
  EXPECT_THAT(RenderPlan(MakePass(), "", {}), HasSubstr("The price difference is unknown: the size"));
}

TEST(PlanReport, JsonHasThePriceAsANumberOrNull) {
  const auto price = [](const OnePass& pass) {
    return boost::json::parse(FormatPlanJson(pass, "")).at("policies").at(0).at("price").at("usdPerMonth");
  };
  EXPECT_EQ(price(MakePricedPass()), boost::json::value(3.84));
  EXPECT_TRUE(price(MakePass()).is_null());
}

TEST(PlanReport, OurOwnMachineIsShownAsNotManaged) {
  EXPECT_THAT(RenderPlan(MakePass(), "m1", {}), HasSubstr("0 of 2 would be managed"));
}

TEST(PlanReport, JsonIsValidAndComplete) {
  const boost::json::value parsed = boost::json::parse(FormatPlanJson(MakePass(), ""));
  const boost::json::object& item = parsed.at("policies").at(0).as_object();
  EXPECT_EQ(item.at("policy").at("metadata").at("name"), "web");
  EXPECT_EQ(item.at("machines").as_array().size(), 2u);
  EXPECT_EQ(item.at("report").at("deployed").at(0), "ams");
}

TEST(PlanReport, JsonWritesNumbersAsPeopleDo) {
  EXPECT_THAT(FormatPlanJson(MakePass(), ""), HasSubstr("12.5"));
}

}  // namespace
}  // namespace placer
