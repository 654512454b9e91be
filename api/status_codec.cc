#include "api/status_codec.h"

#include "api/json_writer.h"
#include "api/policy_format.h"

namespace placer {
namespace {

void WriteNumber(JsonWriter& out, const char* key, const std::optional<double>& number) {
  out.Key(key);
  if (number.has_value()) {
    out.Number(*number);
  } else {
    out.Null();
  }
}
// A time that was never set is the Unix epoch of absl::Time; nothing here happened then.
void WriteTime(JsonWriter& out, const char* key, absl::Time time) {
  out.Key(key);
  if (time == absl::UnixEpoch()) {
    out.Null();
  } else {
    out.Time(time);
  }
}
void WriteStrings(JsonWriter& out, const char* key, const std::vector<std::string>& items) {
  out.Key(key);
  out.BeginArray();
  for (const std::string& item : items) out.String(item);
  out.EndArray();
}
void WritePlacement(JsonWriter& out, const char* key, const Placement& placement) {
  out.Key(key);
  out.BeginObject();
  for (const auto& [region, machines] : placement) out.Integer(region, machines);
  out.EndObject();
}

void WriteRegion(JsonWriter& out, const RegionDecision& region) {
  out.BeginObject();
  out.String("region", region.region);
  out.String("action", ToString(region.action));
  out.String("wanted", ToString(region.wanted));
  out.String("reason", ToString(region.reason));
  out.String("message", region.message);
  out.String("detail", region.detail);
  out.Bool("mayHost", region.may_host);
  out.Integer("observed", region.observed);
  out.Integer("healthy", region.healthy);
  out.Integer("target", region.target);
  out.Bool("placed", region.placed);
  WriteNumber(out, "newest", region.newest);
  WriteNumber(out, "shortAverage", region.short_average);
  WriteNumber(out, "longAverage", region.long_average);
  WriteNumber(out, "volatility", region.volatility);
  WriteNumber(out, "up", region.up);
  WriteNumber(out, "down", region.down);
  out.String("verdict", ToString(region.verdict));
  out.String("evidence", ToString(region.evidence));
  out.Bool("removalGrade", region.removal_grade);
  WriteNumber(out, "cooldownRemainingSeconds", absl::ToDoubleSeconds(region.cooldown_remaining));
  WriteStrings(out, "attributed", region.attributed);
  out.EndObject();
}

void WriteRegions(JsonWriter& out, const std::vector<RegionDecision>& regions) {
  out.Key("regions");
  out.BeginArray();
  for (const RegionDecision& region : regions) WriteRegion(out, region);
  out.EndArray();
}

// Everything of a decision but its regions, as members of the open object.
void WriteDecisionMembers(JsonWriter& out, const Decision& decision) {
  WriteTime(out, "time", decision.time);
  WriteTime(out, "dataPoint", decision.data_point);
  out.String("evidence", ToString(decision.evidence));
  out.String("message", decision.evidence_message);
  out.Key("unattributed");
  out.BeginObject();
  for (const auto& [code, traffic] : decision.unattributed) WriteNumber(out, code.c_str(), traffic);
  out.EndObject();
}

// The shape of Kubernetes' metav1.Condition.
void WriteCondition(JsonWriter& out, const Condition& condition) {
  out.BeginObject();
  out.String("type", condition.type);
  out.String("status", condition.status ? "True" : "False");
  out.String("reason", condition.reason);
  out.String("message", condition.message);
  WriteTime(out, "lastTransitionTime", condition.last_transition);
  out.EndObject();
}

void WriteRecentAction(JsonWriter& out, const RecentAction& action) {
  out.BeginObject();
  WriteTime(out, "time", action.time);
  out.String("region", action.region);
  out.String("action", ToString(action.action));
  out.String("reason", ToString(action.reason));
  out.Bool("failed", action.failed);
  out.EndObject();
}

void WriteIntent(JsonWriter& out, const Intent& intent) {
  out.BeginObject();
  out.String("kind", ToString(intent.kind));
  out.String("phase", ToString(intent.phase));
  out.String("region", intent.region);
  // An enter knows its machine's name before the machine is there.
  out.String("machine", intent.machine_id.empty() ? intent.machine_name : intent.machine_id);
  out.String("reason", ToString(intent.reason));
  WriteTime(out, "started", intent.started);
  out.Integer("attempts", intent.attempts);
  out.String("lastError", intent.last_error);
  out.EndObject();
}

void WriteStatus(JsonWriter& out, const PolicyStatus& status) {
  out.BeginObject();
  out.Integer("observedGeneration", status.observed_generation);
  out.String("phase", status.phase);
  out.Integer("passes", status.passes);
  WriteTime(out, "nextReconcileTime", status.next_reconcile);
  out.Key("conditions");
  out.BeginArray();
  for (const Condition& condition : status.conditions) WriteCondition(out, condition);
  out.EndArray();
  out.Key("placement");
  out.BeginObject();
  WritePlacement(out, "observed", status.observed);
  WritePlacement(out, "shadow", status.shadow);
  WritePlacement(out, "target", status.target);
  out.EndObject();
  out.Key("intents");
  out.BeginArray();
  for (const Intent& intent : status.intents) WriteIntent(out, intent);
  out.EndArray();
  WritePlacement(out, "createFailures", status.create_failures);
  out.Key("lastDecision");
  out.BeginObject();
  WriteDecisionMembers(out, status.last_decision);
  out.EndObject();
  WriteRegions(out, status.last_decision.regions);
  out.Key("recentActions");
  out.BeginArray();
  for (const RecentAction& action : status.recent_actions) WriteRecentAction(out, action);
  out.EndArray();
  out.EndObject();
}

// The list `key` of {"region","action",<why>} that /trigger answers for what was skipped and what failed.
template <typename Item>
void WriteReportItems(JsonWriter& out, const char* key, const std::vector<Item>& items, const char* why,
                      std::string Item::* text) {
  out.Key(key);
  out.BeginArray();
  for (const Item& item : items) {
    out.BeginObject();
    out.String("region", item.region);
    out.String("action", ToString(item.action));
    out.String(why, item.*text);
    out.EndObject();
  }
  out.EndArray();
}

}  // namespace

std::string FormatPolicyObject(const PlacementPolicy& policy, const PolicyStatus& status, bool pretty) {
  JsonWriter out(pretty);
  out.BeginObject();
  WritePolicyMembers(out, policy, true);
  out.Key("status");
  WriteStatus(out, status);
  out.EndObject();
  return out.text();
}

std::string FormatPolicyList(const std::vector<std::string>& objects) {
  JsonWriter out(false);
  out.BeginObject();
  out.String("apiVersion", kApiVersion);
  out.String("kind", "PlacementPolicyList");
  out.Key("items");
  out.BeginArray();
  for (const std::string& object : objects) out.Raw(object);
  out.EndArray();
  out.EndObject();
  return out.text();
}

std::string FormatDecisionJson(const Decision& decision) {
  JsonWriter out(false);
  out.BeginObject();
  WriteDecisionMembers(out, decision);
  WriteRegions(out, decision.regions);
  out.EndObject();
  return out.text();
}

std::string FormatEventJson(const Event& event) {
  JsonWriter out(false);
  out.BeginObject();
  WriteTime(out, "time", event.time);
  out.String("policy", event.policy);
  out.String("type", event.warning ? "Warning" : "Normal");
  out.String("reason", event.reason);
  out.String("message", event.message);
  out.EndObject();
  return out.text();
}

std::string FormatPassReport(const PassReport& report) {
  JsonWriter out(false);
  out.BeginObject();
  WriteStrings(out, "deployed", report.deployed);
  WriteStrings(out, "removed", report.removed);
  WriteReportItems(out, "skipped", report.skipped, "reason", &PassReport::Skipped::reason);
  WriteReportItems(out, "errors", report.errors, "error", &PassReport::Failed::error);
  WriteStrings(out, "current_deployment", report.current_deployment);
  WriteStrings(out, "updated_deployment", report.updated_deployment);
  out.EndObject();
  return out.text();
}

}  // namespace placer
