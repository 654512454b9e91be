#include "controller/telemetry/log_line.h"

#include "absl/strings/str_cat.h"
#include "api/json_writer.h"

namespace placer {
namespace {

struct LevelWords {
  const char* text;  // five characters, so that messages line up
  const char* json;
  const char* colour;
};

LevelWords GetLevelWords(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return {"DEBUG", "debug", "\x1b[2m"};
    case LogLevel::kInfo:
      return {"INFO ", "info", "\x1b[32m"};
    case LogLevel::kWarning:
      return {"WARN ", "warning", "\x1b[33m"};
    case LogLevel::kError:
      return {"ERROR", "error", "\x1b[31m"};
  }
  return {"INFO ", "info", ""};
}

std::string Shorten(absl::string_view text) {
  if (text.size() <= kMaxLogValueBytes) return std::string(text);
  return absl::StrCat(text.substr(0, kMaxLogValueBytes), "... (", text.size(), " bytes)");
}

// Escaped as in JSON, without the quotes and with the text's own quotes left alone.
std::string MakeOneLine(absl::string_view text) {
  const std::string quoted = FormatJsonString(text);
  std::string line;
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] == '\\' && quoted[i + 1] == '"') continue;
    line += quoted[i];
    if (quoted[i] == '\\') line += quoted[++i];
  }
  return line;
}

std::string FormatTextValue(absl::string_view value) {
  std::string quoted = FormatJsonString(value);
  const bool plain = !value.empty() && quoted.size() == value.size() + 2 &&
                     value.find_first_of(" =\"'") == absl::string_view::npos;
  return plain ? std::string(value) : quoted;
}

// Keeps the field names of the line itself apart from an event's own.
bool IsReserved(const std::string& name) {
  return name == "time" || name == "level" || name == "message";
}

}  // namespace

std::string FormatLogText(const LogEvent& event, bool colour) {
  const LevelWords words = GetLevelWords(event.level);
  std::string line = absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", event.time, absl::UTCTimeZone());
  absl::StrAppend(&line, " ", colour ? words.colour : "", words.text, colour ? "\x1b[0m" : "", " ",
                  MakeOneLine(Shorten(event.message)));
  const char* separator = "  ";
  for (const auto& [name, value] : event.fields) {
    absl::StrAppend(&line, separator, name, "=", FormatTextValue(Shorten(value)));
    separator = " ";
  }
  return line;
}

std::string FormatLogJson(const LogEvent& event) {
  std::string line =
      absl::StrCat("{\"time\":\"", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", event.time, absl::UTCTimeZone()),
                   "\",\"level\":\"", GetLevelWords(event.level).json,
                   "\",\"message\":", FormatJsonString(Shorten(event.message)));
  for (const auto& [name, value] : event.fields) {
    const std::string key = IsReserved(name) ? absl::StrCat("field_", name) : name;
    absl::StrAppend(&line, ",", FormatJsonString(key), ":", FormatJsonString(Shorten(value)));
  }
  absl::StrAppend(&line, "}");
  return line;
}

}  // namespace placer
