#include "controller/telemetry/status_collector.h"

#include <prometheus/client_metric.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "controller/telemetry/series.h"

namespace placer {
namespace {

using Label = prometheus::ClientMetric::Label;
using Labels = std::vector<Label>;

// Collects gauges by name.
class Gauges {
 public:
  void Set(const char* name, const char* help, Labels labels, double value) {
    for (Label& label : labels) label.value = MakeLabelValue(label.value);
    prometheus::MetricFamily& family = families_[name];
    family.name = name;
    family.help = help;
    family.type = prometheus::MetricType::Gauge;
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    family.metric.push_back(std::move(metric));
  }

  std::vector<prometheus::MetricFamily> Take() {
    std::vector<prometheus::MetricFamily> families;
    for (auto& [name, family] : families_) families.push_back(std::move(family));
    return families;
  }

 private:
  std::map<std::string, prometheus::MetricFamily> families_;
};

Labels With(Labels labels, const char* name, const std::string& value) {
  labels.push_back({name, value});
  return labels;
}

int CountIn(const Placement& placement, const std::string& region) {
  const auto found = placement.find(region);
  return found == placement.end() ? 0 : found->second;
}

void AddPlacement(Gauges& gauges, const Labels& policy, const PolicyStatus& status) {
  std::set<std::string> regions;
  for (const RegionDecision& region : status.last_decision.regions) regions.insert(region.region);
  for (const Placement* placement : {&status.observed, &status.shadow, &status.target}) {
    for (const auto& [region, machines] : *placement) regions.insert(region);
  }
  for (const std::string& region : regions) {
    const Labels labels = With(policy, "target_region", region);
    gauges.Set("autoplacer_machines_observed", "Machines of the process group that the platform lists.",
               labels, CountIn(status.observed, region));
    gauges.Set("autoplacer_machines_shadow",
               "Observed machines with the simulated changes of a dry run; equal to observed when active.",
               labels, CountIn(status.shadow, region));
    gauges.Set("autoplacer_machines_target", "Machines that the last decision leads to.", labels,
               CountIn(status.target, region));
  }
}

void AddActing(Gauges& gauges, const Labels& policy, const PolicyStatus& status, absl::Time now) {
  for (const Intent::Kind kind : {Intent::Kind::kEnter, Intent::Kind::kLeave, Intent::Kind::kUpdate}) {
    const auto pending = std::count_if(status.intents.begin(), status.intents.end(),
                                       [kind](const Intent& intent) { return intent.kind == kind; });
    gauges.Set("autoplacer_pending_intents", "Actions that are under way, by kind.",
               With(policy, "kind", ToString(kind)), static_cast<double>(pending));
  }
  absl::Duration age;
  for (const Intent& intent : status.intents) age = std::max(age, now - intent.started);
  gauges.Set("autoplacer_intent_age_seconds", "Age of the oldest action under way; 0 when there is none.",
             policy, absl::ToDoubleSeconds(age));
  std::map<std::string, int> failures = status.create_failures;
  for (const RegionDecision& region : status.last_decision.regions) failures.emplace(region.region, 0);
  for (const auto& [region, count] : failures) {
    gauges.Set("autoplacer_region_create_failures", "Failed creations in a row; 0 once one went well.",
               With(policy, "target_region", region), count);
  }
}

void AddTraffic(Gauges& gauges, const Labels& labels, const RegionDecision& region) {
  if (region.newest.has_value()) {
    gauges.Set(
        "autoplacer_traffic_requests",
        "Requests of the newest data point, per threshold.per of the policy, attributed to this region.",
        labels, *region.newest);
  }
  if (region.short_average.has_value()) {
    gauges.Set("autoplacer_traffic_short_average_requests",
               "Weighted average over the short window, in requests per threshold.per.", labels,
               *region.short_average);
  }
  if (region.long_average.has_value()) {
    gauges.Set("autoplacer_traffic_long_average_requests",
               "Weighted average over the long window, in requests per threshold.per.", labels,
               *region.long_average);
  }
}

void AddRegions(Gauges& gauges, const Labels& policy, const Decision& decision) {
  for (const RegionDecision& region : decision.regions) {
    const Labels labels = With(policy, "target_region", region.region);
    AddTraffic(gauges, labels, region);
    gauges.Set("autoplacer_region_reason", "1 for the reason of the last decision about the region.",
               With(labels, "reason", ToString(region.reason)), 1);
    gauges.Set("autoplacer_threshold_deploy_requests",
               "Short average at or above which the region is placed, widened by volatility.", labels,
               region.up);
    gauges.Set("autoplacer_threshold_remove_requests",
               "Averages at or below which the region is left, widened by volatility.", labels, region.down);
    gauges.Set("autoplacer_region_cooldown_remaining_seconds",
               "Time until the region may change again; 0 when it may.", labels,
               absl::ToDoubleSeconds(region.cooldown_remaining));
  }
}

void AddEvidence(Gauges& gauges, const Labels& policy, const PolicyStatus& status, absl::Time now) {
  for (const Evidence grade : {Evidence::kFresh, Evidence::kPartial, Evidence::kRecovering,
                               Evidence::kCollapsed, Evidence::kStale, Evidence::kMissing}) {
    gauges.Set("autoplacer_evidence", "1 for the grade of the last observation, 0 for the others.",
               With(policy, "evidence", ToString(grade)), status.last_decision.evidence == grade ? 1 : 0);
  }
  if (status.passes == 0) return;
  const double age_seconds = absl::ToDoubleSeconds(now - status.last_decision.data_point);
  if (std::isfinite(age_seconds)) {
    gauges.Set("autoplacer_data_point_age_seconds", "Age of the newest expected data point, since its end.",
               policy, age_seconds);
  }
  double unattributed = 0;
  for (const auto& [code, requests] : status.last_decision.unattributed) unattributed += requests;
  gauges.Set("autoplacer_traffic_unattributed_requests",
             "Newest traffic from codes without coordinates, in requests per threshold.per.", policy,
             unattributed);
  gauges.Set("autoplacer_policy_last_pass_timestamp_seconds", "When the last pass decided, in Unix time.", policy,
             absl::ToDoubleSeconds(status.last_decision.time - absl::UnixEpoch()));
  if (status.next_reconcile <= absl::UnixEpoch()) return;  // the first pass is not quite over
  gauges.Set("autoplacer_policy_next_pass_timestamp_seconds", "When the next pass is due, in Unix time.",
             policy, absl::ToDoubleSeconds(status.next_reconcile - absl::UnixEpoch()));
}

void AddPolicyItself(Gauges& gauges, const Labels& labels, const PolicySnapshot& snapshot) {
  gauges.Set("autoplacer_policy_info", "1 for each policy in force, with its process group and mode.",
             With(With(labels, "process_group", snapshot.policy.process_group), "mode",
                  ToString(snapshot.policy.mode)),
             1);
  gauges.Set("autoplacer_policy_generation", "Generation of the policy's spec.", labels,
             static_cast<double>(snapshot.policy.generation));
  gauges.Set("autoplacer_policy_observed_generation", "Generation that the last pass obeyed.", labels,
             static_cast<double>(snapshot.status.observed_generation));
  for (const Condition& condition : snapshot.status.conditions) {
    gauges.Set("autoplacer_policy_condition", "1 where the condition holds, 0 where it does not, and why.",
               With(With(labels, "condition", condition.type), "reason", condition.reason),
               condition.status ? 1 : 0);
  }
}

}  // namespace

StatusCollector::StatusCollector(std::function<std::vector<PolicySnapshot>()> snapshot,
                                 std::function<absl::Time()> now)
    : snapshot_(std::move(snapshot)), now_(std::move(now)) {}

std::vector<prometheus::MetricFamily> StatusCollector::Collect() const {
  Gauges gauges;
  const absl::Time now = now_();
  for (const PolicySnapshot& snapshot : snapshot_()) {
    const Labels labels = {{"policy", snapshot.policy.name}, {"target_app", snapshot.policy.app}};
    AddPolicyItself(gauges, labels, snapshot);
    AddEvidence(gauges, labels, snapshot.status, now);
    AddPlacement(gauges, labels, snapshot.status);
    AddActing(gauges, labels, snapshot.status, now);
    AddRegions(gauges, labels, snapshot.status.last_decision);
  }
  return gauges.Take();
}

}  // namespace placer
