#include "controller/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <set>

#include "tests/controller/telemetry/metrics_page.h"

namespace placer {
namespace {

using testing::HasSubstr;
using testing::Not;

absl::Time Now() {
  return absl::FromUnixSeconds(1'800'000'000);
}

RegionDecision MakeRegion(std::string code) {
  RegionDecision region;
  region.region = std::move(code);
  region.newest = 60;
  region.short_average = 55.5;
  region.long_average = 12.25;
  region.up = 65;
  region.down = 7;
  region.cooldown_remaining = absl::Seconds(90);
  return region;
}

PolicySnapshot MakeSnapshot(std::string name, const std::vector<std::string>& regions) {
  PolicySnapshot snapshot;
  snapshot.policy.name = std::move(name);
  snapshot.policy.app = "shop";
  snapshot.policy.generation = 4;
  snapshot.status.observed_generation = 3;
  snapshot.status.passes = 1;
  snapshot.status.conditions = {{.type = "PolicyAccepted", .status = true},
                                {.type = "Acting", .status = false}};
  snapshot.status.last_decision.time = Now() - absl::Seconds(5);
  snapshot.status.last_decision.data_point = Now() - absl::Seconds(75);
  snapshot.status.last_decision.evidence = Evidence::kPartial;
  snapshot.status.last_decision.unattributed = {{"zzz", 2}, {"yyy", 3}};
  for (const std::string& region : regions)
    snapshot.status.last_decision.regions.push_back(MakeRegion(region));
  snapshot.status.intents = {
      {.kind = Intent::Kind::kEnter}, {.kind = Intent::Kind::kLeave}, {.kind = Intent::Kind::kEnter}};
  snapshot.status.create_failures = {{"gru", 4}};
  snapshot.status.observed = {{"fra", 1}, {"syd", 5}};
  snapshot.status.shadow = {{"fra", 2}};
  snapshot.status.target = {{"fra", 3}};
  return snapshot;
}

class MetricsTest : public testing::Test {
 protected:
  MetricsPage Page() const { return ParseMetricsPage(metrics_.Render()); }

  std::vector<PolicySnapshot> snapshots_;
  Metrics metrics_{[this] { return snapshots_; }, [] { return Now(); }, "1.2.3"};
};

// Every family has a series.
class FullMetricsTest : public MetricsTest {
 protected:
  FullMetricsTest() {
    snapshots_ = {MakeSnapshot("web", {"fra", "iad"}), MakeSnapshot("worker", {"fra"})};
    for (const PolicySnapshot& snapshot : snapshots_) metrics_.AddPolicy(snapshot.policy);
  }
};

TEST_F(FullMetricsTest, PromtoolFindsNothing) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  std::FILE* promtool = popen("promtool check metrics", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string page = metrics_.Render();
  std::fwrite(page.data(), 1, page.size(), promtool);
  EXPECT_EQ(pclose(promtool), 0);
}

TEST_F(FullMetricsTest, NoSeriesComesTwice) {
  std::set<std::pair<std::string, std::map<std::string, std::string>>> seen;
  for (const PageSeries& series : Page().series) {
    EXPECT_TRUE(seen.emplace(series.name, series.labels).second) << series.name;
  }
}

TEST_F(FullMetricsTest, NoLabelThatFlyOverwrites) {
  for (const PageSeries& series : Page().series) {
    for (const char* forbidden : {"app", "region", "host", "instance"}) {
      EXPECT_FALSE(series.labels.contains(forbidden)) << series.name;
    }
  }
}

TEST_F(FullMetricsTest, EveryFamilyHasHelpAndAType) {
  const MetricsPage page = Page();
  EXPECT_EQ(page.helps.size(), page.types.size());
  for (const auto& [name, help] : page.helps) EXPECT_THAT(help, testing::EndsWith(".")) << name;
}

TEST_F(FullMetricsTest, TwoRendersAreTheSameButForTheProcess) {
  const auto without_process = [](MetricsPage page) {
    std::vector<std::string> names;
    for (const PageSeries& series : page.series) names.push_back(series.name);
    return names;
  };
  EXPECT_EQ(without_process(Page()), without_process(Page()));
}

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

TEST_F(MetricsTest, ConditionsAreOneOrZero) {
  snapshots_ = {MakeSnapshot("web", {})};
  EXPECT_EQ(Page().Value("autoplacer_policy_condition", {{"condition", "PolicyAccepted"}}), 1);
  EXPECT_EQ(Page().Value("autoplacer_policy_condition", {{"condition", "Acting"}}), 0);
}

TEST_F(MetricsTest, PendingIntentsAreCountedByKind) {
  snapshots_ = {MakeSnapshot("web", {})};
  const MetricsPage page = Page();
  EXPECT_EQ(page.Value("autoplacer_pending_intents", {{"kind", "Enter"}, {"target_app", "shop"}}), 2);
  EXPECT_EQ(page.Value("autoplacer_pending_intents", {{"kind", "Leave"}}), 1);
  EXPECT_EQ(page.Value("autoplacer_pending_intents", {{"kind", "Update"}}), 0);
}

TEST_F(MetricsTest, OnlyARegionWhoseLastCreationFailedHasASeriesOfFailures) {
  snapshots_ = {MakeSnapshot("web", {"fra"})};
  snapshots_[0].status.create_failures["iad"] = 0;
  const MetricsPage page = Page();
  EXPECT_EQ(page.Value("autoplacer_region_create_failures", {{"target_region", "gru"}}), 4);
  const auto failures = std::count_if(page.series.begin(), page.series.end(), [](const PageSeries& series) {
    return series.name == "autoplacer_region_create_failures";
  });
  EXPECT_EQ(failures, 1);
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

// The build tree holds a link to the folder of the tests, beside which the documents stand.
std::string ReadMetricsDocument() {
  std::filesystem::path folder = std::filesystem::canonical("/proc/self/exe").parent_path();
  while (!std::filesystem::exists(folder / "rooms/tests/tests")) {
    if (folder == folder.parent_path()) return "";
    folder = folder.parent_path();
  }
  std::ifstream file(std::filesystem::canonical(folder / "rooms/tests/tests").parent_path() /
                     "docs/metrics.md");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// "name type label label", labels sorted.
std::set<std::string> ListDocumented(const std::string& document) {
  std::set<std::string> lines;
  std::istringstream text(document);
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    std::istringstream columns(line);
    std::string skipped, name, type, labels;
    std::getline(std::getline(std::getline(std::getline(columns, skipped, '|'), name, '|'), type, '|'),
                 labels, '|');
    std::set<std::string> sorted;
    for (std::size_t at = labels.find('`'); at != std::string::npos;) {
      const std::size_t end = labels.find('`', at + 1);
      sorted.insert(labels.substr(at + 1, end - at - 1));
      at = labels.find('`', end + 1);
    }
    std::string entry = name.substr(2, name.rfind('`') - 2) + " " + type.substr(1, type.size() - 2);
    for (const std::string& label : sorted) entry += " " + label;
    lines.insert(entry);
  }
  return lines;
}

std::set<std::string> ListRendered(const MetricsPage& page) {
  std::set<std::string> lines;
  for (const auto& [family, type] : page.types) {
    std::set<std::string> labels;
    for (const PageSeries& series : page.series) {
      const bool belongs =
          series.name == family ||
          (type == "histogram" && (series.name == family + "_bucket" || series.name == family + "_count"));
      if (!belongs) continue;
      for (const auto& [name, value] : series.labels) {
        if (type != "histogram" || name != "le") labels.insert(name);
      }
    }
    std::string entry = family + " " + type;
    for (const std::string& label : labels) entry += " " + label;
    lines.insert(entry);
  }
  return lines;
}

TEST_F(FullMetricsTest, TheDocumentListsEveryMetricAndNoOther) {
  EXPECT_EQ(ListDocumented(ReadMetricsDocument()), ListRendered(Page()));
}

}  // namespace
}  // namespace placer
