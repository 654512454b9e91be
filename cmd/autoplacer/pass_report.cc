#include "cmd/autoplacer/pass_report.h"

#include <boost/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cmd/autoplacer/json_view.h"

namespace placer {
namespace {

namespace json = boost::json;

Action ParseAction(const std::string& text) {
  for (const Action action : {Action::kDeploy, Action::kRemove}) {
    if (text == ToString(action)) return action;
  }
  return Action::kNone;
}

std::string JoinOr(const std::vector<std::string>& regions) {
  return regions.empty() ? "-" : absl::StrJoin(regions, ", ");
}

}  // namespace

absl::StatusOr<PassReport> ParsePassReport(absl::string_view body) {
  const absl::StatusOr<json::object> object = ParseJsonObject(body);
  if (!object.ok()) return object.status();
  if (!object->contains("deployed") || !object->contains("skipped")) {
    return absl::InternalError("the answer is no report of a pass; is this an autoplacer?");
  }
  PassReport report;
  report.policy = FindText(*object, "policy");
  report.deployed = FindTexts(*object, "deployed");
  report.removed = FindTexts(*object, "removed");
  report.current_deployment = FindTexts(*object, "current_deployment");
  report.updated_deployment = FindTexts(*object, "updated_deployment");
  for (const json::object& each : FindObjects(*object, "skipped")) {
    report.skipped.push_back(
        {FindText(each, "region"), ParseAction(FindText(each, "action")), FindText(each, "reason")});
  }
  for (const json::object& each : FindObjects(*object, "errors")) {
    report.errors.push_back(
        {FindText(each, "region"), ParseAction(FindText(each, "action")), FindText(each, "error")});
  }
  return report;
}

std::string RenderPassReport(const PassReport& report, const Style& style) {
  std::string text = absl::StrCat("deployed  ", JoinOr(report.deployed), "\nremoved   ",
                                  JoinOr(report.removed), "\nbefore    ", JoinOr(report.current_deployment),
                                  "\nafter     ", JoinOr(report.updated_deployment), "\n");
  Table table{.columns = {{"REGION"}, {"NOT DONE"}, {"REASON"}}};
  for (const PassReport::Failed& each : report.errors) {
    table.rows.push_back({.cells = {each.region, ToString(each.action), absl::StrCat("failed: ", each.error)},
                          .tone = Tone::kBad});
  }
  for (const PassReport::Skipped& each : report.skipped) {
    table.rows.push_back({.cells = {each.region, ToString(each.action), each.reason}, .tone = Tone::kDim});
  }
  if (!table.rows.empty()) absl::StrAppend(&text, "\n", RenderTable(table, style));
  return text;
}

}  // namespace placer
