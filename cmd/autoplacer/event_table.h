// Events as people read them: age, type, reason, message, the newest last, where the prompt is. Read from the
// API's own JSON; pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cmd/autoplacer/table.h"

namespace placer {

struct EventView {
  absl::Time time;
  std::string policy;
  std::string type;  // Normal | Warning
  std::string reason;
  std::string message;
};

// Of an EventList, in its order: newest first. Internal: the body is none.
absl::StatusOr<std::vector<EventView>> ParseEventViews(absl::string_view list);

// "45s", "2m30s", "15m", "3h20m", "12h", "3d5h", "40d": two units at most, and only where the second one
// matters. An age below 0 is 0s.
std::string FormatAge(absl::Duration age);

// `events` newest first. A controller whose clock is ahead of `now` (the demo's runs faster) is measured by
// its own newest event.
std::string RenderEvents(const std::vector<EventView>& events, absl::Time now, const Style& style);

}  // namespace placer
