#include "cmd/autoplacer/event_table.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "cmd/autoplacer/json_view.h"

namespace placer {
namespace {

std::string FormatUnits(std::int64_t amount, std::int64_t per_unit, const char* unit, const char* rest_unit) {
  const std::int64_t rest = amount % per_unit;
  return absl::StrCat(amount / per_unit, unit, rest == 0 ? "" : absl::StrCat(rest, rest_unit));
}

}  // namespace

absl::StatusOr<std::vector<EventView>> ParseEventViews(absl::string_view list) {
  const absl::StatusOr<boost::json::object> parsed = ParseJsonObject(list);
  if (!parsed.ok()) return parsed.status();
  if (FindText(*parsed, "kind") != "EventList") {
    return absl::InternalError("the answer is no list of events; is the server an autoplacer?");
  }
  std::vector<EventView> events;
  for (const boost::json::object& each : FindObjects(*parsed, "items")) {
    EventView view{.policy = FindText(each, "policy"),
                   .type = FindText(each, "type"),
                   .reason = FindText(each, "reason"),
                   .message = FindText(each, "message")};
    std::string ignored;
    if (!absl::ParseTime(absl::RFC3339_full, FindText(each, "time"), &view.time, &ignored)) {
      view.time = absl::InfinitePast();
    }
    events.push_back(std::move(view));
  }
  return events;
}

std::string FormatAge(absl::Duration age) {
  const std::int64_t seconds = std::max<std::int64_t>(0, absl::ToInt64Seconds(age));
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = minutes / 60;
  if (seconds < 120) return absl::StrCat(seconds, "s");
  if (minutes < 10) return FormatUnits(seconds, 60, "m", "s");
  if (hours < 3) return absl::StrCat(minutes, "m");
  if (hours < 8) return FormatUnits(minutes, 60, "h", "m");
  if (hours < 48) return absl::StrCat(hours, "h");
  if (hours < 24 * 8) return FormatUnits(hours, 24, "d", "h");
  return absl::StrCat(hours / 24, "d");
}

std::string RenderEvents(const std::vector<EventView>& events, absl::Time now, const Style& style) {
  if (events.empty()) return "No event is stored.\n";
  for (const EventView& each : events) now = std::max(now, each.time);
  Table table{.columns = {{"LAST SEEN"}, {"TYPE"}, {"REASON"}, {"POLICY"}, {"MESSAGE"}}};
  for (auto each = events.rbegin(); each != events.rend(); ++each) {
    table.rows.push_back({.cells = {each->time == absl::InfinitePast() ? "-" : FormatAge(now - each->time),
                                    each->type, each->reason, each->policy, each->message},
                          .tone = each->type == "Warning" ? Tone::kWarning : Tone::kPlain});
  }
  return RenderTable(table, style);
}

}  // namespace placer
