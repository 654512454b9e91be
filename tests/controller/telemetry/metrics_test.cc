#include "controller/telemetry/metrics.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/controller/telemetry/metrics_fixture.h"

namespace placer {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(MetricsTest, GaugesFollowTheStatus) {
  snapshots_ = {MakeSnapshot("web", {"fra"})};
  const MetricsPage page = Page();
  const std::map<std::string, std::string> fra = {
      {"policy", "web"}, {"target_app", "shop"}, {"target_region", "fra"}};
  EXPECT_EQ(page.Value("autoplacer_traffic_requests", fra), 60);
  EXPECT_EQ(page.Value("autoplacer_traffic_short_average_requests", fra), 55.5);
  EXPECT_EQ(page.Value("autoplacer_traffic_long_average_requests", fra), 12.25);
  EXPECT_EQ(page.Value("autoplacer_threshold_deploy_requests", fra), 65);
  EXPECT_EQ(page.Value("autoplacer_threshold_remove_requests", fra), 7);
  EXPECT_EQ(page.Value("autoplacer_machines_observed", fra), 1);
  EXPECT_EQ(page.Value("autoplacer_machines_shadow", fra), 2);
  EXPECT_EQ(page.Value("autoplacer_machines_target", fra), 3);
  EXPECT_EQ(page.Value("autoplacer_region_cooldown_remaining_seconds", fra), 90);
  EXPECT_EQ(page.Value("autoplacer_traffic_unattributed_requests", {}), 5);
  EXPECT_EQ(page.Value("autoplacer_data_point_age_seconds", {}), 75);
  EXPECT_EQ(page.Value("autoplacer_policy_last_pass_timestamp_seconds", {}), 1'799'999'995);
  EXPECT_EQ(page.Value("autoplacer_policy_next_pass_timestamp_seconds", {}), 1'800'000'010);
  EXPECT_EQ(page.Value("autoplacer_policy_generation", {}), 4);
  EXPECT_EQ(page.Value("autoplacer_policy_observed_generation", {}), 3);
  EXPECT_EQ(page.Value("autoplacer_policy_info", {{"mode", "DryRun"}, {"process_group", "app"}}), 1);
  EXPECT_EQ(page.Value("autoplacer_build_info", {{"version", "1.2.3"}}), 1);
}

TEST_F(MetricsTest, ARegionWithMachinesButNoDecisionIsShown) {
  snapshots_ = {MakeSnapshot("web", {})};
  EXPECT_EQ(Page().Value("autoplacer_machines_observed", {{"target_region", "syd"}}), 5);
  EXPECT_EQ(Page().Value("autoplacer_machines_target", {{"target_region", "syd"}}), 0);
}

TEST_F(MetricsTest, ExactlyOneGradeOfEvidenceIsOne) {
  snapshots_ = {MakeSnapshot("web", {})};
  const MetricsPage page = Page();
  for (const char* grade : {"Fresh", "Stale", "Missing"}) {
    EXPECT_EQ(page.Value("autoplacer_evidence", {{"evidence", grade}}), 0) << grade;
  }
  EXPECT_EQ(page.Value("autoplacer_evidence", {{"evidence", "Partial"}}), 1);
}

TEST_F(MetricsTest, ConditionsAreOneOrZeroAndSayWhy) {
  snapshots_ = {MakeSnapshot("web", {})};
  const MetricsPage page = Page();
  EXPECT_EQ(page.Value("autoplacer_policy_condition", {{"condition", "PolicyAccepted"}, {"reason", "Valid"}}),
            1);
  EXPECT_EQ(page.Value("autoplacer_policy_condition", {{"condition", "Acting"}, {"reason", "NotOwner"}}), 0);
}

TEST_F(MetricsTest, ARegionHasOneReason) {
  snapshots_ = {MakeSnapshot("web", {"fra", "iad"})};
  snapshots_[0].status.last_decision.regions[0].reason = Reason::kCooldown;
  const MetricsPage page = Page();
  EXPECT_EQ(page.Value("autoplacer_region_reason", {{"target_region", "fra"}}), 1);
  EXPECT_EQ(page.Value("autoplacer_region_reason", {{"reason", "Cooldown"}, {"target_region", "fra"}}), 1);
  EXPECT_EQ(page.Value("autoplacer_region_reason", {{"reason", "WithinThresholds"}}), 1);
}

TEST_F(MetricsTest, PendingIntentsAreCountedByKind) {
  snapshots_ = {MakeSnapshot("web", {})};
  const MetricsPage page = Page();
  EXPECT_EQ(page.Value("autoplacer_pending_intents", {{"kind", "Enter"}, {"target_app", "shop"}}), 2);
  EXPECT_EQ(page.Value("autoplacer_pending_intents", {{"kind", "Leave"}}), 1);
  EXPECT_EQ(page.Value("autoplacer_pending_intents", {{"kind", "Update"}}), 0);
}

TEST_F(MetricsTest, TheAgeOfIntentsIsThatOfTheOldest) {
  snapshots_ = {MakeSnapshot("web", {})};
  EXPECT_EQ(Page().Value("autoplacer_intent_age_seconds", {}), 700);
  snapshots_[0].status.intents.clear();
  EXPECT_EQ(Page().Value("autoplacer_intent_age_seconds", {}), 0);
}

TEST_F(MetricsTest, FailuresAreZeroWhereNoCreationFailed) {
  snapshots_ = {MakeSnapshot("web", {"fra"})};
  const MetricsPage page = Page();
  EXPECT_EQ(page.Value("autoplacer_region_create_failures", {{"target_region", "gru"}}), 4);
  EXPECT_EQ(page.Value("autoplacer_region_create_failures", {{"target_region", "fra"}}), 0);
}

TEST_F(MetricsTest, WaitsForTheRateLimitAddUp) {
  const std::map<std::string, std::string> stop = {{"api", "machines"}, {"operation", "stop"}};
  EXPECT_EQ(Page().Value("autoplacer_api_rate_limit_wait_seconds_total", stop), 0);
  metrics_.CountRateLimitWait("machines", "stop", absl::Milliseconds(1500));
  metrics_.CountRateLimitWait("machines", "stop", absl::Seconds(1));
  EXPECT_EQ(Page().Value("autoplacer_api_rate_limit_wait_seconds_total", stop), 2.5);
}

TEST_F(MetricsTest, AnUndoneActionIsAResultOfItsOwn) {
  snapshots_ = {MakeSnapshot("web", {})};
  metrics_.AddPolicy(snapshots_[0].policy);
  const std::map<std::string, std::string> undone = {{"action", "remove"}, {"result", "undone"}};
  EXPECT_EQ(Page().Value("autoplacer_actions_total", undone), 0);
  metrics_.CountAction("web", Action::kRemove, "undone");
  EXPECT_EQ(Page().Value("autoplacer_actions_total", undone), 1);
}

TEST_F(MetricsTest, WhatWasNotMeasuredHasNoSeries) {
  snapshots_ = {MakeSnapshot("web", {"fra"})};
  snapshots_[0].status.last_decision.regions[0].newest.reset();
  snapshots_[0].status.last_decision.data_point = absl::InfinitePast();
  const std::string page = metrics_.Render();
  EXPECT_THAT(page, Not(HasSubstr("autoplacer_traffic_requests")));
  EXPECT_THAT(page, Not(HasSubstr("autoplacer_data_point_age_seconds")));
}

TEST_F(MetricsTest, BeforeTheFirstPassThereIsNoAge) {
  snapshots_ = {MakeSnapshot("web", {})};
  snapshots_[0].status.passes = 0;
  EXPECT_THAT(metrics_.Render(), Not(HasSubstr("autoplacer_data_point_age_seconds")));
}

TEST_F(MetricsTest, UntilTheFirstPassHasEndedNoneIsDue) {
  snapshots_ = {MakeSnapshot("web", {})};
  snapshots_[0].status.next_reconcile = PolicyStatus().next_reconcile;
  EXPECT_THAT(metrics_.Render(), Not(HasSubstr("autoplacer_policy_next_pass_timestamp_seconds")));
}

TEST_F(MetricsTest, CountersExistAtZero) {
  metrics_.AddPolicy(MakeSnapshot("web", {}).policy);
  const MetricsPage page = Page();
  for (const char* result : {"success", "error", "requeue", "requeue_after"}) {
    EXPECT_EQ(page.Value("controller_runtime_reconcile_total", {{"controller", "web"}, {"result", result}}),
              0);
  }
  EXPECT_EQ(page.Value("controller_runtime_reconcile_errors_total", {{"controller", "web"}}), 0);
  EXPECT_EQ(page.Value("controller_runtime_reconcile_time_seconds_count", {{"controller", "web"}}), 0);
  EXPECT_EQ(page.Value("autoplacer_skips_total", {{"reason", "Cooldown"}}), 0);
  EXPECT_EQ(page.Value("autoplacer_skips_total", {{"reason", "Paused"}}), 0);
  EXPECT_EQ(page.Value("autoplacer_decisions_total", {{"action", "deploy"}, {"reason", "SwappedIn"}}), 0);
  EXPECT_EQ(page.Value("autoplacer_decisions_total", {{"action", "remove"}, {"reason", "SwappedOut"}}), 0);
  EXPECT_EQ(page.Value("autoplacer_actions_total", {{"action", "remove"}, {"result", "error"}}), 0);
  EXPECT_EQ(page.Value("autoplacer_policy_reloads_total", {{"result", "rejected"}}), 0);
  EXPECT_EQ(page.Value("autoplacer_store_errors_total", {}), 0);
  EXPECT_EQ(page.Value("autoplacer_api_requests_total", {{"operation", "query_range"}, {"code", "200"}}), 0);
  EXPECT_EQ(page.Value("autoplacer_api_request_duration_seconds_count", {{"operation", "regions"}}), 0);
}

TEST_F(MetricsTest, CountersCount) {
  metrics_.AddPolicy(MakeSnapshot("web", {}).policy);
  metrics_.CountReconcile("web", "error", absl::Milliseconds(20));
  metrics_.CountReconcile("web", "requeue_after", absl::Seconds(2));
  metrics_.CountAction("web", Action::kDeploy, "ok");
  metrics_.CountApiRequest("machines", "list", "429", absl::Milliseconds(20));
  metrics_.CountPolicyReload("rejected");
  metrics_.CountStoreError();
  const MetricsPage page = Page();
  EXPECT_EQ(page.Value("controller_runtime_reconcile_total", {{"result", "error"}}), 1);
  EXPECT_EQ(page.Value("controller_runtime_reconcile_errors_total", {}), 1);
  EXPECT_EQ(page.Value("controller_runtime_reconcile_time_seconds_sum", {}), 2.02);
  EXPECT_EQ(page.Value("controller_runtime_reconcile_time_seconds_bucket", {{"le", "0.05"}}), 1);
  EXPECT_EQ(page.Value("autoplacer_actions_total", {{"action", "deploy"}, {"result", "ok"}}), 1);
  EXPECT_EQ(page.Value("autoplacer_api_requests_total", {{"operation", "list"}, {"code", "429"}}), 1);
  EXPECT_EQ(page.Value("autoplacer_api_request_duration_seconds_count", {{"operation", "list"}}), 1);
  EXPECT_EQ(page.Value("autoplacer_policy_reloads_total", {{"result", "rejected"}}), 1);
  EXPECT_EQ(page.Value("autoplacer_store_errors_total", {}), 1);
}

TEST_F(MetricsTest, DecisionsAreCountedByWhetherTheyAct) {
  metrics_.AddPolicy(MakeSnapshot("web", {}).policy);
  Decision decision;
  decision.regions = {MakeRegion("ams"), MakeRegion("fra"), MakeRegion("iad")};
  decision.regions[0].reason = Reason::kCooldown;
  decision.regions[1].reason = Reason::kCooldown;
  decision.regions[2].action = Action::kDeploy;
  decision.regions[2].reason = Reason::kTrafficAboveThreshold;
  metrics_.CountDecisions("web", decision);
  const MetricsPage page = Page();
  EXPECT_EQ(page.Value("autoplacer_skips_total", {{"reason", "Cooldown"}}), 2);
  EXPECT_EQ(page.Value("autoplacer_decisions_total", {{"reason", "TrafficAboveThreshold"}}), 1);
}

TEST_F(MetricsTest, ARemovedPolicyLeavesNoSeriesAndNoneComesBack) {
  metrics_.AddPolicy(MakeSnapshot("web", {}).policy);
  metrics_.AddPolicy(MakeSnapshot("api", {}).policy);
  metrics_.RemovePolicy("web");
  metrics_.CountReconcile("web", "error", absl::Seconds(1));
  metrics_.CountAction("web", Action::kDeploy, "ok");
  Decision decision;
  decision.regions = {MakeRegion("fra")};
  metrics_.CountDecisions("web", decision);
  EXPECT_EQ(Page().CountWithLabelValue("web"), 0);
  EXPECT_GT(Page().CountWithLabelValue("api"), 0);
}

TEST_F(MetricsTest, APolicyThatComesBackStartsAtZero) {
  metrics_.AddPolicy(MakeSnapshot("web", {}).policy);
  metrics_.CountAction("web", Action::kDeploy, "ok");
  metrics_.RemovePolicy("web");
  metrics_.AddPolicy(MakeSnapshot("web", {}).policy);
  EXPECT_EQ(Page().Value("autoplacer_actions_total", {{"action", "deploy"}, {"result", "ok"}}), 0);
}

TEST_F(MetricsTest, AddingAPolicyAgainKeepsItsCounts) {
  metrics_.AddPolicy(MakeSnapshot("web", {}).policy);
  metrics_.CountAction("web", Action::kDeploy, "ok");
  metrics_.AddPolicy(MakeSnapshot("web", {}).policy);
  EXPECT_EQ(Page().Value("autoplacer_actions_total", {{"action", "deploy"}, {"result", "ok"}}), 1);
}

TEST_F(MetricsTest, ARemovedRegionLeavesNoSeries) {
  snapshots_ = {MakeSnapshot("web", {"fra", "nrt"})};
  EXPECT_GT(Page().CountWithLabelValue("nrt"), 0);
  snapshots_ = {MakeSnapshot("web", {"fra"})};
  EXPECT_EQ(Page().CountWithLabelValue("nrt"), 0);
}

TEST_F(MetricsTest, HostileNamesCannotBreakThePage) {
  const std::string hostile = "x\"} 1\n# TYPE evil counter\nevil 1\\";
  snapshots_ = {MakeSnapshot(hostile, {hostile, std::string(5000, 'r'), std::string("nul\0", 4)})};
  snapshots_[0].status.conditions.push_back({.type = hostile});
  metrics_.AddPolicy(snapshots_[0].policy);
  metrics_.CountApiRequest("machines", hostile, hostile, absl::ZeroDuration());
  const MetricsPage page = Page();
  EXPECT_FALSE(page.types.contains("evil"));
  EXPECT_EQ(page.Value("autoplacer_traffic_requests", {{"target_region", hostile}}), 60);
  EXPECT_LT(metrics_.Render().size(), 100'000u);
}

TEST_F(MetricsTest, NamesThatBecomeEqualMakeOneSeries) {
  snapshots_ = {MakeSnapshot("web", {"a\xff", "a\xfe"})};
  EXPECT_EQ(Page().Value("autoplacer_traffic_requests", {{"target_region", "a\xEF\xBF\xBD"}}), 60);
}

TEST_F(MetricsTest, ValuesThatAreNotFiniteKeepThePageReadable) {
  snapshots_ = {MakeSnapshot("web", {"fra"})};
  RegionDecision& region = snapshots_[0].status.last_decision.regions[0];
  region.newest = std::numeric_limits<double>::quiet_NaN();
  region.cooldown_remaining = absl::InfiniteDuration();
  EXPECT_TRUE(Page().Value("autoplacer_region_cooldown_remaining_seconds", {{"target_region", "fra"}}) >
              1e300);
}

TEST_F(MetricsTest, TheProcessIsShown) {
  const MetricsPage page = Page();
  EXPECT_GT(page.Value("process_resident_memory_bytes", {}), 1e6);
  EXPECT_GT(page.Value("process_start_time_seconds", {}), 1.6e9);
  EXPECT_GE(page.Value("process_cpu_seconds_total", {}), 0);
}

}  // namespace
}  // namespace placer
