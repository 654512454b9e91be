#include "cmd/autoplacer/render.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace placer {
namespace {

constexpr int kWatchedActions = 5;
constexpr int kFewestRegionRows = 3;

std::string FormatNumber(double value) {
  return std::abs(value) >= 10'000 ? absl::StrFormat("%.0f", value) : absl::StrFormat("%.1f", value);
}
std::string FormatNumber(const std::optional<double>& value) {
  return value ? FormatNumber(*value) : "-";
}

// "12:34:56" of "2026-11-24T12:34:56Z"; other text as it is.
std::string ClockTime(const std::string& time) {
  return time.size() >= 20 && time[10] == 'T' ? time.substr(11, 8) : time.empty() ? "-" : time;
}

Tone ToneOf(const std::string& action) {
  return action == "deploy" ? Tone::kGood : action == "remove" ? Tone::kBad : Tone::kDim;
}

std::string Line(const std::string& text, Tone tone, const Style& style) {
  return absl::StrCat(Paint(FitLine(text, style.width), tone, style), "\n");
}

int CountMachines(const PolicyView& policy, int RegionView::* count) {
  int sum = 0;
  for (const RegionView& each : policy.regions) sum += each.*count;
  return sum;
}

std::vector<RegionView> SortForPeople(std::vector<RegionView> regions) {
  const auto rank = [](const RegionView& each) {
    const bool there = each.machines > 0 || each.shadow > 0 || each.target > 0 || each.placed;
    return std::make_pair(there ? 0 : 1,
                          -each.short_average.value_or(-std::numeric_limits<double>::infinity()));
  };
  std::sort(regions.begin(), regions.end(), [&](const RegionView& a, const RegionView& b) {
    return std::make_pair(rank(a), a.region) < std::make_pair(rank(b), b.region);
  });
  return regions;
}

// "entering", ...; the word of a newer controller as it is.
std::string DescribeKind(const std::string& kind) {
  return kind == "Enter" ? "entering" : kind == "Leave" ? "leaving" : kind == "Update" ? "updating" : kind;
}

// What is under way in a region: "entering (Starting)", with how many more; "" where nothing is.
std::string DescribeIntents(const PolicyView& policy, const std::string& region) {
  std::string text;
  int more = 0;
  for (const IntentView& each : policy.intents) {
    if (each.region != region) continue;
    if (text.empty()) {
      text = absl::StrCat(DescribeKind(each.kind), " (", each.phase, ")");
    } else {
      ++more;
    }
  }
  if (more > 0) absl::StrAppend(&text, " +", more);
  return text;
}

int CountLines(const std::string& text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

// One line for each action under way in a region, with what it last failed of.
std::string RenderIntents(const PolicyView& policy, const std::string& region) {
  std::string text;
  for (const IntentView& each : policy.intents) {
    if (each.region != region) continue;
    absl::StrAppendFormat(&text, "  %-12s %s (%s), machine %s, %s\n", "under way", DescribeKind(each.kind),
                          each.phase, each.machine.empty() ? "-" : each.machine, each.reason);
    if (each.attempts == 0) continue;
    absl::StrAppendFormat(&text, "  %-12s %d failed: %s\n", "attempts", each.attempts,
                          FitLine(each.last_error, 0));
  }
  return text;
}

std::string Facts(const RegionView& region, const std::string& per) {
  const std::string unit = per.empty() ? "" : absl::StrCat(" requests per ", per);
  std::string text;
  const auto add = [&](const char* name, const std::string& value) {
    absl::StrAppendFormat(&text, "  %-12s %s\n", name, value);
  };
  add("traffic", absl::StrCat(FormatNumber(region.newest), unit, " at the newest data point"));
  add("short", absl::StrCat(FormatNumber(region.short_average), unit));
  add("long", absl::StrCat(FormatNumber(region.long_average), unit));
  add("place at", absl::StrCat("short >= ", FormatNumber(region.up)));
  add("leave at", absl::StrCat("short and long <= ", FormatNumber(region.down)));
  add("volatility", absl::StrFormat("%.2f", region.volatility));
  add("verdict", region.verdict);
  add("evidence", region.evidence);
  add("machines",
      absl::StrCat(region.machines, " real, ", region.shadow, " in the shadow, target ", region.target));
  add("may host", region.may_host ? "yes" : "no");
  if (region.cooldown_remaining_seconds > 0) {
    add("cooldown", absl::StrCat(FormatNumber(region.cooldown_remaining_seconds), " s remaining"));
  }
  if (!region.attributed.empty()) add("also counts", absl::StrJoin(region.attributed, ", "));
  return text;
}

}  // namespace

std::string RenderPolicies(const std::vector<PolicyView>& policies, const Style& style) {
  if (policies.empty()) return "No policy is in force.\n";
  Table table{.columns = {{"NAME"},
                          {"APP"},
                          {"GROUP"},
                          {"MODE"},
                          {"PHASE"},
                          {"EVIDENCE"},
                          {"MACHINES", true},
                          {"SHADOW", true},
                          {"TARGET", true},
                          {"PENDING", true},
                          {"LAST PASS"}}};
  for (const PolicyView& each : policies) {
    table.rows.push_back({.cells = {each.name, each.app, each.process_group, each.mode, each.phase,
                                    each.evidence.empty() ? "-" : each.evidence,
                                    absl::StrCat(CountMachines(each, &RegionView::machines)),
                                    absl::StrCat(CountMachines(each, &RegionView::shadow)),
                                    absl::StrCat(CountMachines(each, &RegionView::target)),
                                    absl::StrCat(each.intents.size()), ClockTime(each.time)},
                          .tone = each.phase == "Degraded" ? Tone::kWarning : Tone::kPlain});
  }
  return RenderTable(table, style);
}

std::string RenderHeader(const PolicyView& policy, const Style& style) {
  std::string text = Line(
      absl::StrCat(policy.name, "  app ", policy.app, "/", policy.process_group, "  ", policy.mode, "  ",
                   policy.phase, "  evidence ", policy.evidence.empty() ? "-" : policy.evidence,
                   "  data point ", ClockTime(policy.data_point), "  pass ", ClockTime(policy.time), " UTC"),
      Tone::kPlain, style);
  if (!policy.evidence_message.empty()) text += Line(policy.evidence_message, Tone::kWarning, style);
  for (const ConditionView& each : policy.conditions) {
    // The first line says the mode already, and the one above why traffic is not observed.
    const bool is_said = each.reason == "DryRun" || each.reason == "Paused" ||
                         (!each.message.empty() && each.message == policy.evidence_message);
    if (each.status || is_said) continue;
    text += Line(absl::StrCat(each.type, "=False ", each.reason, ": ", each.message), Tone::kWarning, style);
  }
  return text;
}

std::string RenderRegions(const PolicyView& policy, const Style& style, int max_rows) {
  const std::string unit = policy.per.empty() ? "" : absl::StrCat("/", policy.per);
  Table table{.columns = {{"REGION"},
                          {absl::StrCat("TRAFFIC", unit), true},
                          {"SHORT", true},
                          {"LONG", true},
                          {"LEAVE AT", true},
                          {"PLACE AT", true},
                          {"MACHINES", true},
                          {"SHADOW", true},
                          {"TARGET", true},
                          {"DECISION"},
                          {"REASON"}}};
  const std::vector<RegionView> regions = SortForPeople(policy.regions);
  std::size_t shown = regions.size();
  if (max_rows > 0 && shown > static_cast<std::size_t>(max_rows))
    shown = static_cast<std::size_t>(max_rows - 1);
  for (std::size_t i = 0; i < shown; ++i) {
    const RegionView& each = regions[i];
    const std::string under_way = DescribeIntents(policy, each.region);
    table.rows.push_back(
        {.cells = {each.region, FormatNumber(each.newest), FormatNumber(each.short_average),
                   FormatNumber(each.long_average), FormatNumber(each.down), FormatNumber(each.up),
                   absl::StrCat(each.machines), absl::StrCat(each.shadow), absl::StrCat(each.target),
                   under_way.empty() ? each.action : under_way,
                   each.message.empty() ? each.reason : each.message},
         .tone = under_way.empty() ? ToneOf(each.action) : Tone::kWarning});
  }
  std::string text = RenderTable(table, style);
  if (shown < regions.size())
    text += Line(absl::StrCat("... and ", regions.size() - shown, " more"), Tone::kDim, style);
  return text;
}

std::string RenderRecentActions(const PolicyView& policy, const Style& style, int count) {
  std::string text;
  for (const ActionView& each : policy.recent_actions) {
    if (count-- <= 0) break;
    text += Line(absl::StrCat(ClockTime(each.time), "  ", each.action, " ", each.region, "  ", each.reason,
                              each.failed ? "  failed" : ""),
                 each.failed ? Tone::kWarning : ToneOf(each.action), style);
  }
  return text;
}

std::string RenderPolicy(const PolicyView& policy, const Style& style, int height) {
  const std::string header = RenderHeader(policy, style) + "\n";
  std::string actions = RenderRecentActions(policy, style, kWatchedActions);
  if (!actions.empty()) actions = absl::StrCat("\nLast actions\n", actions);
  int max_rows = 0;
  if (height > 0) {
    max_rows = std::max(kFewestRegionRows, height - CountLines(header) - CountLines(actions) - 1);
  }
  return absl::StrCat(header, RenderRegions(policy, style, max_rows), actions);
}

std::string RenderExplanation(const PolicyView& policy, const RegionView& region, const Style& style) {
  std::string text =
      absl::StrCat(Paint(absl::StrCat(region.region, ": ", region.action, " (", region.reason, ")"),
                         ToneOf(region.action), style),
                   "  policy ", policy.name, ", app ", policy.app, ", ", policy.mode, "\n");
  absl::StrAppend(&text, "  ", region.message, "\n");
  if (!region.detail.empty()) absl::StrAppend(&text, "  ", region.detail, "\n");
  absl::StrAppend(&text, "\n", Facts(region, policy.per));
  text += RenderIntents(policy, region.region);
  if (!policy.evidence_message.empty()) absl::StrAppend(&text, "\n  ", policy.evidence_message, "\n");
  return text;
}

}  // namespace placer
