#include "api/status_codec.h"

#include "api/json_writer.h"
#include "api/policy_format.h"

namespace placer {
namespace {

void WriteText(JsonWriter& out, const char* key, const std::string& text) {
  out.Key(key);
  out.String(text);
}
void WriteInteger(JsonWriter& out, const char* key, std::int64_t number) {
  out.Key(key);
  out.Integer(number);
}
void WriteNumber(JsonWriter& out, const char* key, double number) {
  out.Key(key);
  out.Number(number);
}
void WriteNumber(JsonWriter& out, const char* key, const std::optional<double>& number) {
  out.Key(key);
  if (number.has_value()) {
    out.Number(*number);
  } else {
    out.Null();
  }
}
void WriteBool(JsonWriter& out, const char* key, bool value) {
  out.Key(key);
  out.Bool(value);
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
  for (const auto& [region, machines] : placement) WriteInteger(out, region.c_str(), machines);
  out.EndObject();
}

void WriteRegion(JsonWriter& out, const RegionDecision& region) {
  out.BeginObject();
  WriteText(out, "region", region.region);
  WriteText(out, "action", ToString(region.action));
  WriteText(out, "wanted", ToString(region.wanted));
  WriteText(out, "reason", ToString(region.reason));
  WriteText(out, "message", region.message);
  WriteText(out, "detail", region.detail);
  WriteBool(out, "mayHost", region.may_host);
  WriteInteger(out, "observed", region.observed);
  WriteInteger(out, "healthy", region.healthy);
  WriteInteger(out, "target", region.target);
  WriteBool(out, "placed", region.placed);
  WriteNumber(out, "newest", region.newest);
  WriteNumber(out, "shortAverage", region.short_average);
  WriteNumber(out, "longAverage", region.long_average);
  WriteNumber(out, "volatility", region.volatility);
  WriteNumber(out, "up", region.up);
  WriteNumber(out, "down", region.down);
  WriteText(out, "verdict", ToString(region.verdict));
  WriteText(out, "evidence", ToString(region.evidence));
  WriteBool(out, "removalGrade", region.removal_grade);
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
  WriteText(out, "evidence", ToString(decision.evidence));
  WriteText(out, "message", decision.evidence_message);
  out.Key("unattributed");
  out.BeginObject();
  for (const auto& [code, traffic] : decision.unattributed) WriteNumber(out, code.c_str(), traffic);
  out.EndObject();
}

// The shape of Kubernetes' metav1.Condition.
void WriteCondition(JsonWriter& out, const Condition& condition) {
  out.BeginObject();
  WriteText(out, "type", condition.type);
  WriteText(out, "status", condition.status ? "True" : "False");
  WriteText(out, "reason", condition.reason);
  WriteText(out, "message", condition.message);
  WriteTime(out, "lastTransitionTime", condition.last_transition);
  out.EndObject();
}

void WriteRecentAction(JsonWriter& out, const RecentAction& action) {
  out.BeginObject();
  WriteTime(out, "time", action.time);
  WriteText(out, "region", action.region);
  WriteText(out, "action", ToString(action.action));
  WriteText(out, "reason", ToString(action.reason));
  WriteBool(out, "failed", action.failed);
  out.EndObject();
}

void WriteIntent(JsonWriter& out, const Intent& intent) {
  out.BeginObject();
  WriteText(out, "kind", ToString(intent.kind));
  WriteText(out, "phase", ToString(intent.phase));
  WriteText(out, "region", intent.region);
  // An enter knows its machine's name before the machine is there.
  WriteText(out, "machine", intent.machine_id.empty() ? intent.machine_name : intent.machine_id);
  WriteText(out, "reason", ToString(intent.reason));
  WriteTime(out, "started", intent.started);
  WriteInteger(out, "attempts", intent.attempts);
  WriteText(out, "lastError", intent.last_error);
  out.EndObject();
}

void WriteStatus(JsonWriter& out, const PolicyStatus& status) {
  out.BeginObject();
  WriteInteger(out, "observedGeneration", status.observed_generation);
  WriteText(out, "phase", status.phase);
  WriteInteger(out, "passes", status.passes);
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
    WriteText(out, "region", item.region);
    WriteText(out, "action", ToString(item.action));
    WriteText(out, why, item.*text);
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
  WriteText(out, "apiVersion", kApiVersion);
  WriteText(out, "kind", "PlacementPolicyList");
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
  WriteText(out, "policy", event.policy);
  WriteText(out, "type", event.warning ? "Warning" : "Normal");
  WriteText(out, "reason", event.reason);
  WriteText(out, "message", event.message);
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
