#include "cmd/autoplacer/plan_report.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "api/json_writer.h"
#include "api/status_codec.h"
#include "cmd/autoplacer/adoption.h"
#include "cmd/autoplacer/price.h"
#include "cmd/autoplacer/render.h"
#include "cmd/autoplacer/view.h"

namespace placer {
namespace {

namespace json = boost::json;

std::vector<AdoptedMachine> ClassifyOf(const OnePass& pass, std::size_t index,
                                       const std::string& self_machine_id) {
  if (index >= pass.machines.size()) return {};
  return ClassifyMachines(pass.policies[index].policy, pass.machines[index], self_machine_id);
}

std::string RenderAdoption(const PlacementPolicy& policy, const std::vector<AdoptedMachine>& machines,
                           const Style& style) {
  if (machines.empty()) return absl::StrCat("No machine of app ", policy.app, " is known.\n");
  const auto managed =
      std::count_if(machines.begin(), machines.end(), [](const auto& each) { return each.managed; });
  Table table{.columns = {{"MACHINE"}, {"NAME"}, {"REGION"}, {"STATE"}, {"MANAGED"}, {"WHY"}}};
  for (const AdoptedMachine& each : machines) {
    table.rows.push_back(
        {.cells = {each.id, each.name, each.region, each.state, each.managed ? "yes" : "no", each.why},
         .tone = each.managed ? Tone::kPlain : Tone::kDim});
  }
  return absl::StrCat("Machines of app ", policy.app, ": ", managed, " of ", machines.size(),
                      " would be managed\n", RenderTable(table, style));
}

std::string RenderActions(const Decision& decision, const Style& style) {
  std::string text;
  for (const RegionDecision& each : decision.regions) {
    if (each.action == Action::kNone) continue;
    const bool deploy = each.action == Action::kDeploy;
    const std::string line =
        absl::StrCat("  ", deploy ? "+ " : "- ", each.region, "  ", each.observed, " -> ", each.target, "  ",
                     ToString(each.reason), ": ", each.message);
    absl::StrAppend(&text, Paint(FitLine(line, style.width), deploy ? Tone::kGood : Tone::kBad, style), "\n");
  }
  return text.empty() ? "Actions: none\n" : "Actions\n" + text;
}

std::string RenderRegionsOf(const PolicySnapshot& snapshot, const Style& style) {
  const absl::StatusOr<PolicyView> view =
      ParsePolicyView(FormatPolicyObject(snapshot.policy, snapshot.status, false));
  if (!view.ok()) return absl::StrCat(view.status().message(), "\n");
  return absl::StrCat(RenderHeader(*view, style), "\n", RenderRegions(*view, style, 0));
}

PriceDifference PriceOf(const OnePass& pass, std::size_t index) {
  const PolicySnapshot& snapshot = pass.policies[index];
  return ComputePriceDifference(snapshot.policy, snapshot.status.last_decision,
                                index < pass.machines.size() ? pass.machines[index] : std::vector<Machine>());
}

// Written by hand: Boost.JSON would spell 3.88 as 3.88E0.
std::string FormatPriceJson(const PriceDifference& difference) {
  JsonWriter out(false);
  out.BeginObject();
  out.Key("usdPerMonth");
  if (difference.usd_per_month) {
    out.Number(std::round(*difference.usd_per_month * 100) / 100);
  } else {
    out.Null();
  }
  out.String("message", DescribePriceDifference(difference));
  out.EndObject();
  return out.text();
}

}  // namespace

std::string RenderPlan(const OnePass& pass, const std::string& self_machine_id, const Style& style) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < pass.policies.size(); ++i) {
    const PolicySnapshot& each = pass.policies[i];
    parts.push_back(absl::StrCat("Policy ", each.policy.name, "\n\n",
                                 RenderAdoption(each.policy, ClassifyOf(pass, i, self_machine_id), style),
                                 "\n", RenderActions(each.status.last_decision, style),
                                 DescribePriceDifference(PriceOf(pass, i)), "\n\n",
                                 RenderRegionsOf(each, style)));
  }
  return absl::StrJoin(parts, "\n");
}

std::string FormatPlanJson(const OnePass& pass, const std::string& self_machine_id) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < pass.policies.size(); ++i) {
    json::array machines;
    for (const AdoptedMachine& each : ClassifyOf(pass, i, self_machine_id)) {
      machines.push_back(json::object{{"id", each.id},
                                      {"name", each.name},
                                      {"region", each.region},
                                      {"state", each.state},
                                      {"managed", each.managed},
                                      {"counted", each.counted},
                                      {"why", each.why}});
    }
    const PolicySnapshot& snapshot = pass.policies[i];
    // Joined as text: parsing and writing again would spell the numbers of the codec differently.
    items.push_back(absl::StrCat(
        "{\"policy\":", FormatPolicyObject(snapshot.policy, snapshot.status, false),
        ",\"machines\":", json::serialize(machines), ",\"price\":", FormatPriceJson(PriceOf(pass, i)),
        ",\"report\":", FormatPassReport(i < pass.reports.size() ? pass.reports[i] : PassReport{}), "}"));
  }
  return absl::StrCat("{\"policies\":[", absl::StrJoin(items, ","), "]}");
}

}  // namespace placer
