#include <algorithm>
#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "cmd/autoplacer/doctor.h"

namespace placer {
namespace {

namespace json = boost::json;

const char* ToString(CheckResult::Level level) {
  switch (level) {
    case CheckResult::Level::kOk:
      return "OK";
    case CheckResult::Level::kWarn:
      return "WARN";
    case CheckResult::Level::kFail:
      return "FAIL";
  }
  return "";
}

Tone ToneOf(CheckResult::Level level) {
  switch (level) {
    case CheckResult::Level::kOk:
      return Tone::kGood;
    case CheckResult::Level::kWarn:
      return Tone::kWarning;
    case CheckResult::Level::kFail:
      return Tone::kBad;
  }
  return Tone::kPlain;
}

}  // namespace

bool AnyFailed(const std::vector<CheckResult>& results) {
  return std::any_of(results.begin(), results.end(),
                     [](const CheckResult& each) { return each.level == CheckResult::Level::kFail; });
}

// Not a table: messages and advice are there to be read in full.
std::string RenderChecks(const std::vector<CheckResult>& results, const Style& style) {
  std::string text;
  for (const CheckResult& each : results) {
    const std::string level = ToString(each.level);
    absl::StrAppend(&text, Paint(level, ToneOf(each.level), style), std::string(6 - level.size(), ' '),
                    each.name, ": ", FitLine(each.message, 0), "\n");
    if (!each.advice.empty()) absl::StrAppend(&text, "      ", FitLine(each.advice, 0), "\n");
  }
  return text;
}

std::string FormatChecksJson(const std::vector<CheckResult>& results) {
  json::array checks;
  for (const CheckResult& each : results) {
    checks.push_back(json::object{{"name", each.name},
                                  {"level", ToString(each.level)},
                                  {"message", each.message},
                                  {"advice", each.advice}});
  }
  return json::serialize(json::object{{"ok", !AnyFailed(results)}, {"checks", std::move(checks)}});
}

}  // namespace placer
