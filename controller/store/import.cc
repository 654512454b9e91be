#include "controller/store/import.h"

#include <boost/json.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "api/json_writer.h"

namespace placer {
namespace {

namespace json = boost::json;

constexpr char kDeploymentState[] = "deployment_state";
constexpr char kTrafficHistory[] = "traffic_history";
// Nothing was placed before the program existed, and a clock may be a little ahead of ours.
constexpr absl::Duration kClockSkew = absl::Minutes(5);
constexpr double kMaxRequests = 1e15;

absl::Time EarliestTime() {
  return absl::FromUnixSeconds(1420070400);
}  // 2015-01-01

bool IsRegionCode(absl::string_view code) {
  if (code.size() < 2 || code.size() > 8) return false;
  for (const char c : code) {
    if (!absl::ascii_islower(static_cast<unsigned char>(c)) &&
        !absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      return false;
    }
  }
  return true;
}

// For messages: never more of a hostile file than a glance.
std::string Excerpt(absl::string_view text) {
  return FormatJsonString(text.substr(0, 40));
}

absl::string_view ToView(json::string_view text) {
  return {text.data(), text.size()};
}

// RFC 3339, or the same without an offset, which the proof of concept read as UTC.
std::optional<absl::Time> ParseImportTime(absl::string_view text, absl::Time now) {
  absl::Time time;
  std::string ignored;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &ignored) &&
      !absl::ParseTime("%Y-%m-%d%ET%H:%M:%E*S", text, absl::UTCTimeZone(), &time, &ignored)) {
    return std::nullopt;
  }
  if (time < EarliestTime() || time > now + kClockSkew) return std::nullopt;
  return time;
}

void AddRegion(absl::string_view code, std::optional<absl::Time> deployed, ImportedFiles& into) {
  if (!IsRegionCode(code)) {
    into.warnings.push_back(
        absl::StrCat(kDeploymentState, ": ", Excerpt(code), " is no region code; ignored"));
    return;
  }
  RegionHistory& region = into.history.regions[std::string(code)];
  region.placed = true;
  if (deployed.has_value()) region.last_action = LastAction{.action = Action::kDeploy, .ended = *deployed};
}

void AddRegionWithTime(absl::string_view code, const json::value& value, absl::Time now,
                       ImportedFiles& into) {
  std::optional<absl::Time> deployed;
  if (value.is_string()) deployed = ParseImportTime(ToView(value.get_string()), now);
  if (!deployed.has_value() && !value.is_null()) {
    into.warnings.push_back(absl::StrCat(kDeploymentState, ": ", Excerpt(code),
                                         " has no believable time; taken as never deployed"));
  }
  AddRegion(code, deployed, into);
}

// No value, and a warning, where `text` is not JSON.
std::optional<json::value> ParseJson(absl::string_view text, const char* file, ImportedFiles& into) {
  if (text.size() > kMaxImportBytes) {
    into.warnings.push_back(absl::StrCat(file, ": larger than ", kMaxImportBytes, " bytes; ignored"));
    return std::nullopt;
  }
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) {
    into.warnings.push_back(absl::StrCat(file, ": not JSON (", error.message(), "); ignored"));
    return std::nullopt;
  }
  return value;
}

void AddPoint(absl::string_view time_text, const json::value& value, absl::Time now, ImportedFiles& into) {
  const std::optional<absl::Time> end = ParseImportTime(time_text, now);
  if (!end.has_value() || !value.is_object()) {
    into.warnings.push_back(absl::StrCat(kTrafficHistory, ": ", Excerpt(time_text),
                                         end.has_value() ? " holds no object" : " is no believable time",
                                         "; ignored"));
    return;
  }
  for (const auto& [code, number] : value.get_object()) {
    if (into.traffic[*end].size() >= kMaxImportRegions) break;
    const double requests = number.is_number() ? number.to_number<double>() : std::nan("");
    if (!IsRegionCode(ToView(code)) || !(requests >= 0 && requests <= kMaxRequests)) {
      into.warnings.push_back(
          absl::StrCat(kTrafficHistory, ": ", Excerpt(ToView(code)), " is no region with a count; ignored"));
      continue;
    }
    into.traffic[*end][std::string(code)] = requests;
  }
}

// Empty where there is no such file; a warning where there is one that cannot be read.
std::string ReadSmallFile(const std::string& path, ImportedFiles& into) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return "";
  // Opening a pipe would wait for its writer.
  if (!std::filesystem::is_regular_file(status)) {
    into.warnings.push_back(path + ": not a regular file; ignored");
    return "";
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxImportBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file && !file.eof()) {
    into.warnings.push_back(path + ": cannot be read; ignored");
    return "";
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

// One line in the log each, so a file of nonsense must not make a thousand of them.
void LimitWarnings(std::vector<std::string>& warnings) {
  constexpr std::size_t kMaxWarnings = 10;
  if (warnings.size() <= kMaxWarnings) return;
  const std::size_t more = warnings.size() - kMaxWarnings;
  warnings.resize(kMaxWarnings);
  warnings.push_back(absl::StrCat("and ", more, " more of this kind"));
}

}  // namespace

void ParseDeploymentState(absl::string_view text, absl::Time now, ImportedFiles& into) {
  if (absl::StripAsciiWhitespace(text).empty()) return;
  const std::optional<json::value> value = ParseJson(text, kDeploymentState, into);
  if (!value.has_value()) return;
  if (value->is_object() && value->get_object().size() <= kMaxImportRegions) {
    for (const auto& [code, time] : value->get_object()) AddRegionWithTime(ToView(code), time, now, into);
  } else if (value->is_array() && value->get_array().size() <= kMaxImportRegions) {
    for (const json::value& code : value->get_array()) {
      AddRegion(code.is_string() ? ToView(code.get_string()) : absl::string_view(), std::nullopt, into);
    }
  } else {
    into.warnings.push_back(absl::StrCat(kDeploymentState, ": not an object or a list of at most ",
                                         kMaxImportRegions, " regions; ignored"));
  }
  LimitWarnings(into.warnings);
}

void ParseTrafficHistory(absl::string_view text, absl::Time now, ImportedFiles& into) {
  if (absl::StripAsciiWhitespace(text).empty()) return;
  const std::optional<json::value> value = ParseJson(text, kTrafficHistory, into);
  if (!value.has_value()) return;
  if (!value->is_object() || value->get_object().size() > kMaxImportPoints) {
    into.warnings.push_back(absl::StrCat(kTrafficHistory, ": not an object of at most ", kMaxImportPoints,
                                         " data points; ignored"));
    return;
  }
  for (const auto& [time, regions] : value->get_object()) AddPoint(ToView(time), regions, now, into);
  LimitWarnings(into.warnings);
}

ImportedFiles ReadProofOfConceptFiles(const MirrorPaths& paths, absl::Time now) {
  ImportedFiles files;
  ParseDeploymentState(ReadSmallFile(paths.deployment_state, files), now, files);
  ParseTrafficHistory(ReadSmallFile(paths.traffic_history, files), now, files);
  return files;
}

}  // namespace placer
