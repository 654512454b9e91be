#include "api/policy.h"

#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "api/policy_duration.h"

namespace placer {
namespace {

struct Unit {
  const char* name;
  std::int64_t milliseconds;
};
constexpr std::array<Unit, 4> kUnits = {{{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}}};

// Far above every bound of the policy, far below what overflows.
constexpr std::int64_t kLargestMilliseconds = std::int64_t{1000} * 24 * 3600 * 1000;

absl::Status InvalidDuration(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(why, "; write a duration such as 15s, 5m, 1h30m or 500ms"));
}

}  // namespace

const char* ToString(Mode mode) {
  switch (mode) {
    case Mode::kDryRun:
      return "DryRun";
    case Mode::kActive:
      return "Active";
    case Mode::kPaused:
      return "Paused";
  }
  return "Unknown";
}

const char* ToString(TrafficSource source) {
  switch (source) {
    case TrafficSource::kEdge:
      return "Edge";
    case TrafficSource::kEdgeTcp:
      return "EdgeTcp";
    case TrafficSource::kQuery:
      return "Query";
  }
  return "Unknown";
}

const char* ToString(Attribution attribution) {
  switch (attribution) {
    case Attribution::kNearest:
      return "Nearest";
    case Attribution::kNone:
      return "None";
  }
  return "Unknown";
}

const char* ToString(RemovalMethod method) {
  switch (method) {
    case RemovalMethod::kDestroy:
      return "Destroy";
    case RemovalMethod::kStop:
      return "Stop";
    case RemovalMethod::kSuspend:
      return "Suspend";
  }
  return "Unknown";
}

const char* ToString(Adopt adopt) {
  switch (adopt) {
    case Adopt::kCreated:
      return "Created";
    case Adopt::kAll:
      return "All";
  }
  return "Unknown";
}

const char* ToString(Volumes volumes) {
  switch (volumes) {
    case Volumes::kRefuse:
      return "Refuse";
    case Volumes::kCreateEmpty:
      return "CreateEmpty";
  }
  return "Unknown";
}

std::string FormatPolicyDuration(absl::Duration duration) {
  if (duration < absl::ZeroDuration()) return "-" + FormatPolicyDuration(-duration);
  std::int64_t rest = absl::ToInt64Milliseconds(duration);
  std::string text;
  for (const Unit& unit : kUnits) {
    if (rest >= unit.milliseconds) absl::StrAppend(&text, rest / unit.milliseconds, unit.name);
    rest %= unit.milliseconds;
  }
  return text.empty() ? "0s" : text;
}

absl::StatusOr<absl::Duration> ParsePolicyDuration(absl::string_view text) {
  if (text == "0") return absl::ZeroDuration();
  if (text.empty()) return InvalidDuration("is empty");
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    std::int64_t amount = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && absl::ascii_isdigit(text[digits]); ++digits) {
      amount = amount * 10 + (text[digits] - '0');
      if (amount > kLargestMilliseconds) return InvalidDuration("is too long");
    }
    if (digits == 0) return InvalidDuration("is not a duration in whole numbers");
    text.remove_prefix(digits);
    if (text.empty()) return InvalidDuration("lacks a unit (h, m, s or ms)");
    std::size_t letters = 0;
    while (letters < text.size() && absl::ascii_isalpha(text[letters])) ++letters;
    std::size_t unit = next_unit;
    while (unit < kUnits.size() && text.substr(0, letters) != kUnits[unit].name) ++unit;
    if (unit == kUnits.size()) return InvalidDuration("needs the units h, m, s, ms, in this order");
    if (amount > kLargestMilliseconds / kUnits[unit].milliseconds) return InvalidDuration("is too long");
    total += amount * kUnits[unit].milliseconds;
    text.remove_prefix(letters);
    next_unit = unit + 1;
  }
  return absl::Milliseconds(total);
}

}  // namespace placer
