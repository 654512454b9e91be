#include "api/machine_json.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "api/json_fields.h"
#include "api/json_reading.h"
#include "api/lease_json.h"

namespace placer {

namespace json = boost::json;

absl::Status MakeMachinesShapeError(const std::string& where, const std::string& want,
                                    const json::value* found) {
  return absl::InternalError(absl::StrCat("the Machines API's answer: ", where, " is ",
                                          found == nullptr ? "missing" : KindName(*found), ", want ", want));
}

namespace {

constexpr std::int64_t kMostRequests = 1'000'000'000;  // keeps a sum of hostile limits in range

absl::Time ParseApiTime(const std::string& text) {
  absl::Time time;
  std::string ignored;
  return absl::ParseTime(absl::RFC3339_full, text, &time, &ignored) ? time : absl::InfinitePast();
}

// What the services may take together; 0 where one of them names no limit, which is then no limit for all.
int SumHardLimits(const json::array* services) {
  if (services == nullptr) return 0;
  std::int64_t sum = 0;
  for (const json::value& service : *services) {
    const json::object* object = service.if_object();
    const json::value* concurrency = object == nullptr ? nullptr : FindField(*object, "concurrency");
    const json::value* limit = concurrency == nullptr || !concurrency->is_object()
                                   ? nullptr
                                   : FindField(concurrency->get_object(), "hard_limit");
    if (limit == nullptr || !limit->is_int64() || limit->get_int64() <= 0) return 0;
    sum = std::min<std::int64_t>(sum + std::min(limit->get_int64(), kMostRequests), kMostRequests);
  }
  return static_cast<int>(sum);
}

// "registry/repository@digest": what a tag names may change, this may not. "" where a part is missing.
std::string MakePinnedImage(const json::object& image) {
  const std::string registry = ReadStringOrEmpty(image, "registry");
  const std::string repository = ReadStringOrEmpty(image, "repository");
  const std::string digest = ReadStringOrEmpty(image, "digest");
  if (registry.empty() || repository.empty() || digest.empty()) return "";
  return absl::StrCat(registry, "/", repository, "@", digest);
}

// Release commands and consoles name themselves; other one-off machines destroy themselves and never restart.
bool IsOneOff(JsonFields& config, const std::map<std::string, std::string>& metadata) {
  const auto group = metadata.find(kMetadataProcessGroup);
  if (group != metadata.end() &&
      (group->second == "fly_app_release_command" || group->second == "fly_app_console")) {
    return true;
  }
  if (!config.OptionalBool("auto_destroy")) return false;
  const json::object* restart = config.OptionalObject("restart");
  return restart != nullptr && ReadStringOrEmpty(*restart, "policy") == "no";
}

void ReadConfig(JsonFields config, Machine& machine) {
  machine.metadata = config.StringMap("metadata");
  if (const json::object* env = config.OptionalObject("env"))
    machine.primary_region = ReadStringOrEmpty(*env, "PRIMARY_REGION");
  const std::string image = config.OptionalString("image");
  if (machine.image.empty()) machine.image = image;
  if (machine.image_ref.empty()) machine.image_ref = image;
  const auto group = machine.metadata.find(kMetadataProcessGroup);
  if (group != machine.metadata.end() && !group->second.empty()) {
    machine.process_group = group->second;
  } else if (machine.has_config) {
    machine.process_group = "app";
  }
  const json::array* standbys = config.OptionalArray("standbys");
  machine.is_standby = standbys != nullptr && !standbys->empty();
  const json::array* mounts = config.OptionalArray("mounts");
  machine.has_volumes = mounts != nullptr && !mounts->empty();
  machine.hard_limit = SumHardLimits(config.OptionalArray("services"));
  machine.is_release_command = IsOneOff(config, machine.metadata);
}

void ReadChecks(JsonFields& reader, Machine& machine) {
  const json::array* checks = reader.OptionalArray("checks");
  if (checks == nullptr) return;
  for (const json::value& check : *checks) {
    const json::object* object = check.if_object();
    if (object == nullptr) {
      reader.Fail("checks", "an array of objects", &check);
      return;
    }
    machine.checks.push_back(Check{.name = ReadStringOrEmpty(*object, "name"),
                                   .status = ReadStringOrEmpty(*object, "status"),
                                   .output = ReadStringOrEmpty(*object, "output")});
  }
}

// Events come newest first, but nothing promises it.
absl::Time FindNewestConfigChange(JsonFields& reader) {
  absl::Time newest = absl::InfinitePast();
  const json::array* events = reader.OptionalArray("events");
  if (events == nullptr) return newest;
  for (const json::value& event : *events) {
    const json::object* object = event.if_object();
    if (object == nullptr) {
      reader.Fail("events", "an array of objects", &event);
      return newest;
    }
    const std::string type = ReadStringOrEmpty(*object, "type");
    const json::value* milliseconds = FindField(*object, "timestamp");
    if ((type != "launch" && type != "update") || milliseconds == nullptr || !milliseconds->is_int64())
      continue;
    newest = std::max(newest, absl::FromUnixMillis(milliseconds->get_int64()));
  }
  return newest;
}

}  // namespace

absl::StatusOr<Machine> ParseMachineJson(const json::value& value, const std::string& where) {
  const json::object* object = value.if_object();
  if (object == nullptr) return MakeMachinesShapeError(where, "an object", &value);
  absl::Status error;
  JsonFields reader(*object, where, error);
  Machine machine;
  machine.id = reader.RequiredString("id");
  machine.name = reader.OptionalString("name");
  machine.region = reader.RequiredString("region");
  machine.state = reader.RequiredString("state");
  machine.instance_id = reader.OptionalString("instance_id");
  machine.host_status = reader.OptionalString("host_status", "ok");
  machine.cordoned = reader.OptionalBool("cordoned");
  machine.created_at = ParseApiTime(ReadStringOrEmpty(*object, "created_at"));
  machine.updated_at = ParseApiTime(ReadStringOrEmpty(*object, "updated_at"));
  if (const json::object* image = reader.OptionalObject("image_ref")) {
    machine.image = ReadStringOrEmpty(*image, "digest");
    machine.image_ref = MakePinnedImage(*image);
  }
  if (const json::value* lease = reader.Find("lease"); lease != nullptr && lease->is_object()) {
    machine.lease = ReadLeaseJson(lease->get_object());
  }
  machine.config_changed_at = FindNewestConfigChange(reader);
  ReadChecks(reader, machine);
  const json::object* config = reader.OptionalObject("config");
  machine.has_config = config != nullptr;
  if (config != nullptr) {
    machine.config = std::make_shared<const std::string>(json::serialize(*config));
    ReadConfig(JsonFields(*config, reader.PathOf("config"), error), machine);
  } else if (const json::object* incomplete = reader.OptionalObject("incomplete_config")) {
    ReadConfig(JsonFields(*incomplete, reader.PathOf("incomplete_config"), error), machine);
  }
  if (!error.ok()) return error;
  return machine;
}

}  // namespace placer
