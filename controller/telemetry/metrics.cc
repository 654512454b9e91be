#include "controller/telemetry/metrics.h"

#include <malloc.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "controller/telemetry/process_stats.h"
#include "controller/telemetry/series.h"
#include "controller/telemetry/status_collector.h"

namespace placer {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;
using prometheus::MetricFamily;
using prometheus::Registry;

Family<Counter>& MakeCounter(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Histogram>& MakeHistogram(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

Histogram::BucketBoundaries MakeBuckets() {
  return {0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
}

// api/decision.h lists the reasons in this order: those of deployments, of removals, of no action.
bool IsDeployReason(Reason reason) {
  return reason <= Reason::kSwappedIn;
}
bool IsRemoveReason(Reason reason) {
  return !IsDeployReason(reason) && reason <= Reason::kSwappedOut;
}

constexpr std::size_t kLargePageBytes = 1u << 20;
constexpr int kReasons = static_cast<int>(Reason::kPaused) + 1;
using ByReason = std::array<std::uint32_t, kReasons>;

// Decisions of one policy. As numbers, not as series of a registry: with its labels each of those takes about
// a kilobyte, and there is one per reason and policy.
struct DecisionCounts {
  ByReason deploys{};
  ByReason removes{};
  ByReason skips{};
};

using Labels = std::vector<prometheus::ClientMetric::Label>;

// Of the reasons that `is_usual` names every one is shown, of the others those that were counted.
void AddByReason(MetricFamily& family, const Labels& labels, const ByReason& counts,
                 bool (*is_usual)(Reason)) {
  for (int code = 0; code < kReasons; ++code) {
    const Reason reason = static_cast<Reason>(code);
    const std::uint32_t count = counts[static_cast<std::size_t>(code)];
    if (count == 0 && !is_usual(reason)) continue;
    prometheus::ClientMetric metric;
    metric.label = labels;
    metric.label.push_back({"reason", ToString(reason)});
    metric.counter.value = count;
    family.metric.push_back(std::move(metric));
  }
}

void AddDecisions(std::vector<MetricFamily>& families,
                  const std::map<std::string, DecisionCounts>& policies) {
  if (policies.empty()) return;
  MetricFamily decisions{.name = "autoplacer_decisions_total",
                         .help = "Decisions to change a region, by action and reason.",
                         .type = prometheus::MetricType::Counter,
                         .metric = {}};
  MetricFamily skips{.name = "autoplacer_skips_total",
                     .help = "Decisions of a pass to leave a region as it is, by reason.",
                     .type = prometheus::MetricType::Counter,
                     .metric = {}};
  for (const auto& [policy, counts] : policies) {
    AddByReason(decisions, {{"policy", policy}, {"action", ToString(Action::kDeploy)}}, counts.deploys,
                IsDeployReason);
    AddByReason(decisions, {{"policy", policy}, {"action", ToString(Action::kRemove)}}, counts.removes,
                IsRemoveReason);
    AddByReason(skips, {{"policy", policy}}, counts.skips,
                [](Reason reason) { return !IsDeployReason(reason) && !IsRemoveReason(reason); });
  }
  families.push_back(std::move(decisions));
  families.push_back(std::move(skips));
}

struct ApiOperation {
  const char* api;
  const char* operation;
};
// Every call that this program makes; others would be counted from their first on.
constexpr ApiOperation kApiOperations[] = {
    {"machines", "list"},          {"machines", "get"},          {"machines", "regions"},
    {"machines", "create"},        {"machines", "update"},       {"machines", "lease"},
    {"machines", "wait"},          {"machines", "volumes"},      {"machines", "create_volume"},
    {"machines", "start"},         {"machines", "stop"},         {"machines", "suspend"},
    {"machines", "destroy"},       {"machines", "cordon"},       {"machines", "uncordon"},
    {"machines", "release_lease"}, {"machines", "set_metadata"}, {"prometheus", "query_range"}};

// A family of one value without labels.
MetricFamily MakeSingle(const char* name, const char* help, prometheus::MetricType type, double value) {
  MetricFamily family{.name = name, .help = help, .type = type, .metric = {}};
  prometheus::ClientMetric metric;
  metric.counter.value = value;
  metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
  return family;
}

void AddProcess(std::vector<MetricFamily>& families) {
  const std::optional<ProcessStats> stats = ReadProcessStats();
  if (!stats.has_value()) return;
  families.push_back(MakeSingle("process_start_time_seconds", "Start of the process, in Unix time.",
                                prometheus::MetricType::Gauge, stats->start_time_seconds));
  families.push_back(MakeSingle("process_resident_memory_bytes", "Resident memory of the process.",
                                prometheus::MetricType::Gauge, stats->resident_memory_bytes));
  families.push_back(MakeSingle("process_cpu_seconds_total", "User and system CPU time spent.",
                                prometheus::MetricType::Counter, stats->cpu_seconds));
}

}  // namespace

struct Metrics::State {
  explicit State(std::function<std::vector<PolicySnapshot>()> snapshot, std::function<absl::Time()> now)
      : statuses(std::move(snapshot), std::move(now)) {}

  bool Knows(const std::string& policy) const { return policies.contains(MakeLabelValue(policy)); }

  StatusCollector statuses;
  std::map<std::string, DecisionCounts> policies;  // by name, as a label says it
  Registry registry;
  SeriesSet<Counter> reconciles{MakeCounter(registry, "controller_runtime_reconcile_total",
                                            "Passes by policy (controller) and result.")};
  SeriesSet<Counter> reconcile_errors{MakeCounter(registry, "controller_runtime_reconcile_errors_total",
                                                  "Passes that ended in an error, by policy (controller).")};
  SeriesSet<Histogram> reconcile_times{MakeHistogram(registry, "controller_runtime_reconcile_time_seconds",
                                                     "Duration of passes, by policy (controller).")};
  SeriesSet<Counter> actions{MakeCounter(registry, "autoplacer_actions_total",
                                         "Machines created or removed, or attempted, by result.")};
  SeriesSet<Counter> api_requests{MakeCounter(registry, "autoplacer_api_requests_total",
                                              "Calls to other servers, by HTTP status or kind of failure.")};
  SeriesSet<Histogram> api_times{MakeHistogram(registry, "autoplacer_api_request_duration_seconds",
                                               "Duration of calls to other servers.")};
  SeriesSet<Counter> rate_limit_waits{
      MakeCounter(registry, "autoplacer_api_rate_limit_wait_seconds_total",
                  "Time that calls to other servers waited for their turn, to keep within rate limits.")};
  SeriesSet<Counter> reloads{
      MakeCounter(registry, "autoplacer_policy_reloads_total",
                  "Changes of the policy file that were taken (ok) or refused (rejected).")};
  SeriesSet<Counter> store_errors{
      MakeCounter(registry, "autoplacer_store_errors_total", "Passes that could not be stored.")};
};

Metrics::Metrics(std::function<std::vector<PolicySnapshot>()> snapshot, std::function<absl::Time()> now,
                 const std::string& version)
    : state_(std::make_unique<State>(std::move(snapshot), std::move(now))) {
  prometheus::BuildGauge()
      .Name("autoplacer_build_info")
      .Help("1, with the version of the program.")
      .Register(state_->registry)
      .Add({{"version", MakeLabelValue(version)}})
      .Set(1);
  for (const auto& [api, operation] : kApiOperations) {
    state_->api_requests.Get({{"api", api}, {"operation", operation}, {"code", "200"}});
    state_->api_times.Get({{"api", api}, {"operation", operation}}, MakeBuckets());
    state_->rate_limit_waits.Get({{"api", api}, {"operation", operation}});
  }
  state_->reloads.Get({{"result", "ok"}});
  state_->reloads.Get({{"result", "rejected"}});
  state_->store_errors.Get({});
}

Metrics::~Metrics() = default;

void Metrics::AddPolicy(const PlacementPolicy& policy) {
  const std::string& name = policy.name;
  state_->policies.try_emplace(MakeLabelValue(name));
  for (const char* result : {"success", "error", "requeue", "requeue_after"}) {
    state_->reconciles.Get({{"controller", name}, {"result", result}});
  }
  state_->reconcile_errors.Get({{"controller", name}});
  state_->reconcile_times.Get({{"controller", name}}, MakeBuckets());
  for (const Action action : {Action::kDeploy, Action::kRemove}) {
    for (const char* result : {"ok", "error", "undone"}) {
      state_->actions.Get({{"policy", name}, {"action", ToString(action)}, {"result", result}});
    }
  }
}

void Metrics::RemovePolicy(const std::string& policy) {
  state_->policies.erase(MakeLabelValue(policy));
  state_->reconciles.RemoveWhere("controller", policy);
  state_->reconcile_errors.RemoveWhere("controller", policy);
  state_->reconcile_times.RemoveWhere("controller", policy);
  state_->actions.RemoveWhere("policy", policy);
}

void Metrics::CountReconcile(const std::string& policy, const std::string& result, absl::Duration took) {
  if (!state_->Knows(policy)) return;
  state_->reconciles.Get({{"controller", policy}, {"result", result}}).Increment();
  if (result == "error") state_->reconcile_errors.Get({{"controller", policy}}).Increment();
  state_->reconcile_times.Get({{"controller", policy}}, MakeBuckets()).Observe(absl::ToDoubleSeconds(took));
}

void Metrics::CountDecisions(const std::string& policy, const Decision& decision) {
  const auto found = state_->policies.find(MakeLabelValue(policy));
  if (found == state_->policies.end()) return;
  DecisionCounts& counts = found->second;
  for (const RegionDecision& region : decision.regions) {
    ByReason& by_reason = region.action == Action::kNone     ? counts.skips
                          : region.action == Action::kDeploy ? counts.deploys
                                                             : counts.removes;
    ++by_reason[static_cast<std::size_t>(region.reason)];
  }
}

void Metrics::CountAction(const std::string& policy, Action action, const std::string& result) {
  if (!state_->Knows(policy)) return;
  state_->actions.Get({{"policy", policy}, {"action", ToString(action)}, {"result", result}}).Increment();
}

void Metrics::CountApiRequest(const std::string& api, const std::string& operation, const std::string& code,
                              absl::Duration took) {
  state_->api_requests.Get({{"api", api}, {"operation", operation}, {"code", code}}).Increment();
  state_->api_times.Get({{"api", api}, {"operation", operation}}, MakeBuckets())
      .Observe(absl::ToDoubleSeconds(took));
}

void Metrics::CountRateLimitWait(const std::string& api, const std::string& operation,
                                 absl::Duration waited) {
  state_->rate_limit_waits.Get({{"api", api}, {"operation", operation}})
      .Increment(absl::ToDoubleSeconds(waited));
}

void Metrics::CountPolicyReload(const std::string& result) {
  state_->reloads.Get({{"result", result}}).Increment();
}

void Metrics::CountStoreError() {
  state_->store_errors.Get({}).Increment();
}

std::string Metrics::Render() const {
  std::string page = MakePage();
  // What a fleet's page is made of would otherwise stay in the heap, larger than all that is known of the
  // fleet.
  if (page.size() > kLargePageBytes) malloc_trim(0);
  return page;
}

std::string Metrics::MakePage() const {
  std::vector<MetricFamily> families = state_->registry.Collect();
  for (MetricFamily& family : state_->statuses.Collect()) families.push_back(std::move(family));
  AddDecisions(families, state_->policies);
  AddProcess(families);
  // Families keep their series in hash tables; a page in order is one that people and tests can compare.
  std::sort(families.begin(), families.end(),
            [](const MetricFamily& a, const MetricFamily& b) { return a.name < b.name; });
  for (MetricFamily& family : families) {
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
    // One value of a label set stays: hostile names can become equal once they are made valid, and a
    // series that comes twice spoils the page.
    const auto twice = std::unique(family.metric.begin(), family.metric.end(),
                                   [](const auto& a, const auto& b) { return a.label == b.label; });
    family.metric.erase(twice, family.metric.end());
  }
  std::ostringstream page;
  prometheus::TextSerializer().Serialize(page, families);
  return std::move(page).str();
}

}  // namespace placer
