#include "cmd/autoplacer/view.h"

#include <boost/json.hpp>
#include <utility>

#include "api/policy.h"
#include "cmd/autoplacer/json_view.h"

namespace placer {
namespace {

namespace json = boost::json;

int FindCount(const json::object& object, const std::string& key) {
  return static_cast<int>(FindNumber(object, key.c_str()).value_or(0));
}

RegionView MakeRegionView(const json::object& object, const json::object& placement) {
  RegionView view;
  view.region = FindText(object, "region");
  view.action = FindText(object, "action");
  view.reason = FindText(object, "reason");
  view.message = FindText(object, "message");
  view.detail = FindText(object, "detail");
  view.verdict = FindText(object, "verdict");
  view.evidence = FindText(object, "evidence");
  view.newest = FindNumber(object, "newest");
  view.short_average = FindNumber(object, "shortAverage");
  view.long_average = FindNumber(object, "longAverage");
  view.volatility = FindNumber(object, "volatility").value_or(0);
  view.up = FindNumber(object, "up").value_or(0);
  view.down = FindNumber(object, "down").value_or(0);
  view.machines = FindCount(FindObject(placement, "observed"), view.region);
  view.shadow = FindCount(FindObject(placement, "shadow"), view.region);
  view.target = FindCount(object, "target");
  view.placed = FindBool(object, "placed");
  view.may_host = FindBool(object, "mayHost");
  view.cooldown_remaining_seconds = FindNumber(object, "cooldownRemainingSeconds").value_or(0);
  view.attributed = FindTexts(object, "attributed");
  return view;
}

PolicyView MakePolicyView(const json::object& object) {
  const json::object spec = FindObject(object, "spec");
  const json::object status = FindObject(object, "status");
  const json::object decision = FindObject(status, "lastDecision");
  const json::object placement = FindObject(status, "placement");
  PolicyView view;
  view.name = FindText(FindObject(object, "metadata"), "name");
  view.app = FindText(spec, "app");
  view.process_group = FindText(spec, "processGroup");
  view.mode = FindText(spec, "mode");
  view.per = FindText(FindObject(spec, "threshold"), "per");
  view.phase = FindText(status, "phase");
  view.time = FindText(decision, "time");
  view.data_point = FindText(decision, "dataPoint");
  view.evidence = FindText(decision, "evidence");
  view.evidence_message = FindText(decision, "message");
  for (const json::object& each : FindObjects(status, "conditions")) {
    view.conditions.push_back({FindText(each, "type"), FindText(each, "status") == "True",
                               FindText(each, "reason"), FindText(each, "message")});
  }
  for (const json::object& each : FindObjects(status, "regions")) {
    view.regions.push_back(MakeRegionView(each, placement));
  }
  for (const json::object& each : FindObjects(status, "intents")) {
    view.intents.push_back({FindText(each, "kind"), FindText(each, "phase"), FindText(each, "region"),
                            FindText(each, "machine"), FindText(each, "reason"), FindCount(each, "attempts"),
                            FindText(each, "lastError")});
  }
  for (const json::object& each : FindObjects(status, "recentActions")) {
    view.recent_actions.push_back({FindText(each, "time"), FindText(each, "region"), FindText(each, "action"),
                                   FindText(each, "reason"), FindBool(each, "failed")});
  }
  return view;
}

absl::Status MakeForeignError() {
  return absl::InternalError("the answer is no placement policy; is the server an autoplacer?");
}

}  // namespace

absl::StatusOr<PolicyView> ParsePolicyView(absl::string_view object) {
  const absl::StatusOr<json::object> parsed = ParseJsonObject(object);
  if (!parsed.ok()) return parsed.status();
  if (FindText(*parsed, "kind") != kPolicyKind) return MakeForeignError();
  return MakePolicyView(*parsed);
}

absl::StatusOr<std::vector<PolicyView>> ParsePolicyViews(absl::string_view list) {
  const absl::StatusOr<json::object> parsed = ParseJsonObject(list);
  if (!parsed.ok()) return parsed.status();
  if (FindText(*parsed, "kind") != "PlacementPolicyList") return MakeForeignError();
  std::vector<PolicyView> views;
  for (const json::object& each : FindObjects(*parsed, "items")) views.push_back(MakePolicyView(each));
  return views;
}

}  // namespace placer
