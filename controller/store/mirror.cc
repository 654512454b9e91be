#include "controller/store/mirror.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "api/json_writer.h"

namespace placer {
namespace {

// A policy's name as one path component that cannot lead elsewhere. Valid names stay as they are.
std::string MakeFolderName(const std::string& policy) {
  std::string folder;
  for (const char c : policy) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' ||
                       (c == '.' && !folder.empty());
    if (plain) {
      folder += c;
    } else {
      absl::StrAppendFormat(&folder, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return folder.empty() ? "%" : folder.substr(0, 200);
}

// An offset instead of Z: the proof of concept wrote it so, and older Python reads nothing else.
std::string FormatMirrorTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*S+00:00", time, absl::UTCTimeZone());
}

bool IsFinite(absl::Time time) {
  return time != absl::InfinitePast() && time != absl::InfiniteFuture();
}

}  // namespace

MirrorPaths ComputeMirrorPaths(const std::string& data_dir, const std::string& flat_policy,
                               const SetKey& key) {
  std::filesystem::path folder = data_dir;
  if (flat_policy.empty() || key.policy != flat_policy) folder /= MakeFolderName(key.policy);
  const std::string ending = key.mode == Mode::kActive ? ".json" : "_dry_run.json";
  return {.deployment_state = (folder / ("deployment_state" + ending)).string(),
          .traffic_history = (folder / ("traffic_history" + ending)).string()};
}

std::string FormatDeploymentState(const History& history) {
  std::string text = "{";
  const char* separator = "\n  ";
  for (const auto& [code, region] : history.regions) {
    if (region.machines <= 0) continue;
    const bool acted = region.last_action.has_value() && IsFinite(region.last_action->ended);
    absl::StrAppend(&text, separator, FormatJsonString(code), ": ",
                    acted ? FormatJsonString(FormatMirrorTime(region.last_action->ended)) : "null");
    separator = ",\n  ";
  }
  absl::StrAppend(&text, text.size() > 1 ? "\n" : "", "}\n");
  return text;
}

std::string FormatTrafficHistory(const TrafficPoints& points) {
  std::string text = "{";
  const char* point_separator = "\n  ";
  for (auto point = points.rbegin(); point != points.rend(); ++point) {
    absl::StrAppend(&text, point_separator, FormatJsonString(FormatMirrorTime(point->first)), ": {");
    point_separator = ",\n  ";
    const char* separator = "\n    ";
    for (const auto& [region, requests] : point->second) {
      absl::StrAppend(&text, separator, FormatJsonString(region), ": ", FormatJsonNumber(requests));
      separator = ",\n    ";
    }
    absl::StrAppend(&text, point->second.empty() ? "" : "\n  ", "}");
  }
  absl::StrAppend(&text, text.size() > 1 ? "\n" : "", "}\n");
  return text;
}

absl::Status ReplaceFile(const std::string& path, absl::string_view content) {
  std::error_code error;
  const std::filesystem::path target = path;
  std::filesystem::create_directories(target.parent_path(), error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot make the folder of ", path, ": ", error.message()));
  }
  const std::string beside = path + ".tmp";
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) {
    std::filesystem::remove(beside, error);
    return absl::UnavailableError(absl::StrCat("cannot write ", beside));
  }
  std::filesystem::rename(beside, target, error);
  if (error) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    return absl::UnavailableError(absl::StrCat("cannot replace ", path, ": ", error.message()));
  }
  return absl::OkStatus();
}

Mirror::Mirror(std::string data_dir, std::string flat_policy)
    : data_dir_(std::move(data_dir)), flat_policy_(std::move(flat_policy)) {}

bool Mirror::IsThere(const SetKey& key) const {
  const MirrorPaths paths = ComputeMirrorPaths(data_dir_, flat_policy_, key);
  std::error_code ignored;
  return std::filesystem::exists(paths.deployment_state, ignored) &&
         std::filesystem::exists(paths.traffic_history, ignored);
}

absl::Status Mirror::WriteDeploymentState(const SetKey& key, const History& history) {
  return ReplaceFile(ComputeMirrorPaths(data_dir_, flat_policy_, key).deployment_state,
                     FormatDeploymentState(history));
}

absl::Status Mirror::WriteTrafficHistory(const SetKey& key, const TrafficPoints& points) {
  return ReplaceFile(ComputeMirrorPaths(data_dir_, flat_policy_, key).traffic_history,
                     FormatTrafficHistory(points));
}

absl::Status Mirror::Remove(const SetKey& key) {
  const std::string path = ComputeMirrorPaths(data_dir_, flat_policy_, key).deployment_state;
  std::error_code error;
  std::filesystem::remove(path, error);
  return error ? absl::UnavailableError(absl::StrCat("cannot remove ", path, ": ", error.message()))
               : absl::OkStatus();
}

}  // namespace placer
