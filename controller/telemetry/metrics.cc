#include "controller/telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <optional>
#include <set>
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
    {"machines", "release_lease"}, {"machines", "set_metadata"}, {"prometheus", "query_range"},
    {"prometheus", "query"}};

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

  bool Knows(const std::string& policy) const { return policies.contains(policy); }

  StatusCollector statuses;
  std::set<std::string> policies;
  Registry registry;
  SeriesSet<Counter> reconciles{MakeCounter(registry, "controller_runtime_reconcile_total",
                                            "Passes by policy (controller) and result.")};
  SeriesSet<Counter> reconcile_errors{MakeCounter(registry, "controller_runtime_reconcile_errors_total",
                                                  "Passes that ended in an error, by policy (controller).")};
  SeriesSet<Histogram> reconcile_times{MakeHistogram(registry, "controller_runtime_reconcile_time_seconds",
                                                     "Duration of passes, by policy (controller).")};
  SeriesSet<Counter> decisions{MakeCounter(registry, "autoplacer_decisions_total",
                                           "Decisions to change a region, by action and reason.")};
  SeriesSet<Counter> skips{MakeCounter(registry, "autoplacer_skips_total",
                                       "Decisions of a pass to leave a region as it is, by reason.")};
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
  state_->policies.insert(name);
  for (const char* result : {"success", "error", "requeue", "requeue_after"}) {
    state_->reconciles.Get({{"controller", name}, {"result", result}});
  }
  state_->reconcile_errors.Get({{"controller", name}});
  state_->reconcile_times.Get({{"controller", name}}, MakeBuckets());
  for (int code = 0; code <= static_cast<int>(Reason::kPaused); ++code) {
    const Reason reason = static_cast<Reason>(code);
    if (IsDeployReason(reason) || IsRemoveReason(reason)) {
      const Action action = IsDeployReason(reason) ? Action::kDeploy : Action::kRemove;
      state_->decisions.Get({{"policy", name}, {"action", ToString(action)}, {"reason", ToString(reason)}});
    } else {
      state_->skips.Get({{"policy", name}, {"reason", ToString(reason)}});
    }
  }
  for (const Action action : {Action::kDeploy, Action::kRemove}) {
    for (const char* result : {"ok", "error", "undone"}) {
      state_->actions.Get({{"policy", name}, {"action", ToString(action)}, {"result", result}});
    }
  }
}

void Metrics::RemovePolicy(const std::string& policy) {
  state_->policies.erase(policy);
  state_->reconciles.RemoveWhere("controller", policy);
  state_->reconcile_errors.RemoveWhere("controller", policy);
  state_->reconcile_times.RemoveWhere("controller", policy);
  state_->decisions.RemoveWhere("policy", policy);
  state_->skips.RemoveWhere("policy", policy);
  state_->actions.RemoveWhere("policy", policy);
}

void Metrics::CountReconcile(const std::string& policy, const std::string& result, absl::Duration took) {
  if (!state_->Knows(policy)) return;
  state_->reconciles.Get({{"controller", policy}, {"result", result}}).Increment();
  if (result == "error") state_->reconcile_errors.Get({{"controller", policy}}).Increment();
  state_->reconcile_times.Get({{"controller", policy}}, MakeBuckets()).Observe(absl::ToDoubleSeconds(took));
}

void Metrics::CountDecisions(const std::string& policy, const Decision& decision) {
  if (!state_->Knows(policy)) return;
  for (const RegionDecision& region : decision.regions) {
    const char* reason = ToString(region.reason);
    if (region.action == Action::kNone) {
      state_->skips.Get({{"policy", policy}, {"reason", reason}}).Increment();
    } else {
      state_->decisions.Get({{"policy", policy}, {"action", ToString(region.action)}, {"reason", reason}})
          .Increment();
    }
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
  std::vector<MetricFamily> families = state_->registry.Collect();
  for (MetricFamily& family : state_->statuses.Collect()) families.push_back(std::move(family));
  AddProcess(families);
  // Families keep their series in hash tables; a page in order is one that people and tests can compare.
  std::sort(families.begin(), families.end(),
            [](const MetricFamily& a, const MetricFamily& b) { return a.name < b.name; });
  for (MetricFamily& family : families) {
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
  }
  std::ostringstream page;
  prometheus::TextSerializer().Serialize(page, families);
  return page.str();
}

}  // namespace placer
