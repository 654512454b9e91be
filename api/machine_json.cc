#include "api/machine_json.h"

#include <map>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "api/json_reading.h"

namespace placer {

namespace json = boost::json;

absl::Status MakeMachinesShapeError(const std::string& where, const std::string& want,
                                    const json::value* found) {
  return absl::InternalError(absl::StrCat("the Machines API's answer: ", where, " is ",
                                          found == nullptr ? "missing" : KindName(*found), ", want ", want));
}

namespace {

// Reads fields of one object and remembers the first that is not as promised, so that a machine is read in
// one straight run and judged once.
class JsonFields {
 public:
  JsonFields(const json::object& object, std::string where, absl::Status& error)
      : object_(object), where_(std::move(where)), error_(error) {}

  const json::value* Find(const char* name) const { return FindField(object_, name); }
  std::string PathOf(const char* name) const { return absl::StrCat(where_, ".", name); }

  std::string RequiredString(const char* name) {
    const json::value* value = Find(name);
    if (value != nullptr && value->is_string() && !value->get_string().empty())
      return ToStdString(value->get_string());
    Fail(name, value != nullptr && value->is_string() ? "a string that is not empty" : "a string", value);
    return "";
  }
  std::string OptionalString(const char* name, const char* fallback = "") {
    const json::value* value = Find(name);
    if (value == nullptr) return fallback;
    if (value->is_string()) return ToStdString(value->get_string());
    Fail(name, "a string", value);
    return fallback;
  }
  bool OptionalBool(const char* name) {
    const json::value* value = Find(name);
    if (value == nullptr) return false;
    if (value->is_bool()) return value->get_bool();
    Fail(name, "true or false", value);
    return false;
  }
  const json::array* OptionalArray(const char* name) {
    const json::value* value = Find(name);
    if (value == nullptr) return nullptr;
    if (!value->is_array()) Fail(name, "an array", value);
    return value->if_array();
  }
  const json::object* OptionalObject(const char* name) {
    const json::value* value = Find(name);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) Fail(name, "an object", value);
    return value->if_object();
  }
  std::map<std::string, std::string> StringMap(const char* name) {
    std::map<std::string, std::string> entries;
    const json::object* map = OptionalObject(name);
    if (map == nullptr) return entries;
    for (const auto& entry : *map) {
      if (entry.value().is_string()) {
        entries.emplace(ToStdString(entry.key()), ToStdString(entry.value().get_string()));
      } else {
        Fail(absl::StrCat(name, ".", MakeExcerpt(ToStdString(entry.key()), 60)).c_str(), "a string",
             &entry.value());
      }
    }
    return entries;
  }

  void Fail(const char* name, const char* want, const json::value* found) {
    if (error_.ok()) error_ = MakeMachinesShapeError(PathOf(name), want, found);
  }

 private:
  const json::object& object_;
  std::string where_;
  absl::Status& error_;
};

absl::Time ParseApiTime(const std::string& text) {
  absl::Time time;
  std::string ignored;
  return absl::ParseTime(absl::RFC3339_full, text, &time, &ignored) ? time : absl::InfinitePast();
}

// Sent as "off", "stop" or "suspend"; read back as false, true or "suspend".
bool IsAutostop(const json::value& autostop) {
  if (autostop.is_bool()) return autostop.get_bool();
  return autostop.is_string() && (autostop.get_string() == "stop" || autostop.get_string() == "suspend");
}

bool HasAutostop(const json::array* services) {
  if (services == nullptr) return false;
  for (const json::value& service : *services) {
    const json::object* object = service.if_object();
    const json::value* autostop = object == nullptr ? nullptr : FindField(*object, "autostop");
    if (autostop != nullptr && IsAutostop(*autostop)) return true;
  }
  return false;
}

// Release commands and consoles name themselves; other one-off machines destroy themselves and never restart.
bool IsOneOff(JsonFields& config, const std::map<std::string, std::string>& metadata) {
  const auto group = metadata.find("fly_process_group");
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
  machine.env = config.StringMap("env");
  if (machine.image.empty()) machine.image = config.OptionalString("image");
  const auto group = machine.metadata.find("fly_process_group");
  if (group != machine.metadata.end() && !group->second.empty()) {
    machine.process_group = group->second;
  } else if (machine.has_config) {
    machine.process_group = "app";
  }
  const json::array* standbys = config.OptionalArray("standbys");
  machine.is_standby = standbys != nullptr && !standbys->empty();
  const json::array* mounts = config.OptionalArray("mounts");
  machine.has_volumes = mounts != nullptr && !mounts->empty();
  machine.autostop = HasAutostop(config.OptionalArray("services"));
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
  if (const json::object* image = reader.OptionalObject("image_ref"))
    machine.image = ReadStringOrEmpty(*image, "digest");
  ReadChecks(reader, machine);
  const json::object* config = reader.OptionalObject("config");
  machine.has_config = config != nullptr;
  if (config != nullptr) {
    ReadConfig(JsonFields(*config, reader.PathOf("config"), error), machine);
  } else if (const json::object* incomplete = reader.OptionalObject("incomplete_config")) {
    ReadConfig(JsonFields(*incomplete, reader.PathOf("incomplete_config"), error), machine);
  }
  if (!error.ok()) return error;
  return machine;
}

}  // namespace placer
