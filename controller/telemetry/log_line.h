// One log event as one line of text, made without any I/O. Whatever the event carries, the line stays one
// line, is valid UTF-8, and cannot steer a terminal.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "controller/telemetry/log.h"

namespace placer {

inline constexpr std::size_t kMaxLogValueBytes = 16u << 10;

struct LogEvent {
  absl::Time time;
  LogLevel level = LogLevel::kInfo;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;
};

// "2026-11-24T22:46:12Z INFO  message  policy=web target_region=fra"
std::string FormatLogText(const LogEvent& event, bool colour);
// {"time":"2026-11-24T22:46:12.000Z","level":"info","message":"...","policy":"web"}
std::string FormatLogJson(const LogEvent& event);

}  // namespace placer
