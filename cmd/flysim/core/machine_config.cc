#include "cmd/flysim/core/machine_config.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "api/machine.h"
#include "cmd/flysim/core/refusal.h"

namespace placer::flysim {
namespace {

namespace json = boost::json;

constexpr absl::Duration kDefaultGrace = absl::Seconds(1);
constexpr std::int64_t kMostRequests = 1'000'000;

std::string ToText(const json::value& value) {
  const json::string& text = value.get_string();
  return std::string(text.data(), text.size());
}

std::string ReadText(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? ToText(*value) : "";
}

bool ReadBool(const json::object& object, const char* name, bool fallback) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_bool() ? value->get_bool() : fallback;
}

int ReadLimit(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) return 0;
  return static_cast<int>(std::clamp<std::int64_t>(value->get_int64(), 0, kMostRequests));
}

absl::Duration ReadGrace(const json::object& check) {
  absl::Duration grace;
  return absl::ParseDuration(ReadText(check, "grace_period"), &grace) && grace >= absl::ZeroDuration()
             ? grace
             : kDefaultGrace;
}

// Null and absent are the same to a Go server.
template <typename T>
absl::Status FindPart(json::object& object, const char* name, T*& part) {
  part = nullptr;
  json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return absl::OkStatus();
  if constexpr (std::is_same_v<T, json::array>) {
    part = value->if_array();
  } else {
    part = value->if_object();
  }
  if (part != nullptr) return absl::OkStatus();
  return RefuseBadRequest(absl::StrCat("invalid JSON: config.", name, " has the wrong type"));
}

absl::Status ReadTexts(json::object& config, const char* name, std::map<std::string, std::string>& texts) {
  json::object* object = nullptr;
  if (absl::Status status = FindPart(config, name, object); !status.ok()) return status;
  if (object == nullptr) return absl::OkStatus();
  for (const auto& entry : *object) {
    if (!entry.value().is_string()) {
      return RefuseBadRequest(absl::StrCat("invalid JSON: config.", name, " has a value that is no string"));
    }
    texts[std::string(entry.key())] = ToText(entry.value());
  }
  return absl::OkStatus();
}

// Keeps what is read back instead of what was sent.
std::string NormalizeAutostop(json::object& service) {
  json::value* autostop = service.if_contains("autostop");
  if (autostop == nullptr) return "";
  if (autostop->is_string()) {
    const std::string sent = ToText(*autostop);
    if (sent == "suspend") return sent;
    *autostop = sent == "stop";
  }
  return autostop->is_bool() && autostop->get_bool() ? "stop" : "";
}

void ReadServiceChecks(const json::object& service, std::size_t index, MachineConfig& config) {
  const json::value* checks = service.if_contains("checks");
  if (checks == nullptr || !checks->is_array()) return;
  for (const json::value& check : checks->get_array()) {
    if (!check.is_object()) continue;
    const json::object& rules = check.get_object();
    const std::string type = ReadText(rules, "type");
    const int port = std::max(ReadLimit(rules, "port"), ReadLimit(service, "internal_port"));
    config.checks.push_back(
        {.name = absl::StrFormat("servicecheck-%02d-%s-%d", index, type.empty() ? "tcp" : type.c_str(), port),
         .grace = ReadGrace(rules)});
  }
}

absl::Status ReadServices(json::object& object, MachineConfig& config) {
  json::array* services = nullptr;
  if (absl::Status status = FindPart(object, "services", services); !status.ok()) return status;
  if (services == nullptr || services->empty()) return absl::OkStatus();
  int soft = 0;
  int hard = 0;
  bool all_named = true;
  for (std::size_t i = 0; i < services->size(); ++i) {
    json::object* service = (*services)[i].if_object();
    if (service == nullptr) return RefuseBadRequest("invalid JSON: config.services has the wrong type");
    const json::value* concurrency = service->if_contains("concurrency");
    if (concurrency != nullptr && concurrency->is_object()) {
      soft += ReadLimit(concurrency->get_object(), "soft_limit");
      const int limit = ReadLimit(concurrency->get_object(), "hard_limit");
      hard += limit;
      all_named = all_named && limit > 0;
    } else {
      all_named = false;
    }
    config.autostart = config.autostart || ReadBool(*service, "autostart", false);
    if (std::string kind = NormalizeAutostop(*service); !kind.empty()) config.autostop = std::move(kind);
    config.min_machines_running =
        std::max(config.min_machines_running, ReadLimit(*service, "min_machines_running"));
    ReadServiceChecks(*service, i, config);
  }
  if (all_named) {
    config.named_hard_limit = hard;
    config.hard_limit = hard;
    config.soft_limit = soft > 0 ? std::min(soft, hard) : hard;
  }
  return absl::OkStatus();
}

absl::Status ReadMounts(json::object& object, MachineConfig& config) {
  json::array* mounts = nullptr;
  if (absl::Status status = FindPart(object, "mounts", mounts); !status.ok()) return status;
  if (mounts == nullptr) return absl::OkStatus();
  for (const json::value& mount : *mounts) {
    if (!mount.is_object()) return RefuseBadRequest("invalid JSON: config.mounts has the wrong type");
    config.mounts.push_back(
        {.volume = ReadText(mount.get_object(), "volume"), .name = ReadText(mount.get_object(), "name")});
  }
  return absl::OkStatus();
}

absl::Status ReadMachineChecks(json::object& object, MachineConfig& config) {
  json::object* checks = nullptr;
  if (absl::Status status = FindPart(object, "checks", checks); !status.ok()) return status;
  if (checks == nullptr) return absl::OkStatus();
  for (const auto& entry : *checks) {
    if (!entry.value().is_object()) return RefuseBadRequest("invalid JSON: config.checks has the wrong type");
    config.checks.push_back(
        {.name = std::string(entry.key()), .grace = ReadGrace(entry.value().get_object())});
  }
  return absl::OkStatus();
}

bool IsOneOff(const json::object& object, const std::string& process_group) {
  if (process_group == "fly_app_release_command" || process_group == "fly_app_console") return true;
  const json::value* restart = object.if_contains("restart");
  return ReadBool(object, "auto_destroy", false) && restart != nullptr && restart->is_object() &&
         ReadText(restart->get_object(), "policy") == "no";
}

absl::StatusOr<MachineConfig> ReadObject(json::object object) {
  MachineConfig config;
  config.image = ReadText(object, "image");
  if (config.image.empty()) return RefuseBadRequest("invalid config.image: an image is required");
  for (absl::Status status :
       {ReadTexts(object, "metadata", config.metadata), ReadTexts(object, "env", config.env),
        ReadServices(object, config), ReadMounts(object, config), ReadMachineChecks(object, config)}) {
    if (!status.ok()) return status;
  }
  const auto group = config.metadata.find(kMetadataProcessGroup);
  config.process_group = group == config.metadata.end() || group->second.empty() ? "app" : group->second;
  json::array* standbys = nullptr;
  if (absl::Status status = FindPart(object, "standbys", standbys); !status.ok()) return status;
  config.is_standby = standbys != nullptr && !standbys->empty();
  config.is_one_off = IsOneOff(object, config.process_group);
  config.text = std::make_shared<const std::string>(json::serialize(object));
  return config;
}

json::object ParseKept(const MachineConfig& config) {
  return json::parse(*config.text).as_object();
}

}  // namespace

absl::StatusOr<MachineConfig> ReadMachineConfig(const std::string& text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  if (error) return RefuseBadRequest(absl::StrCat("invalid JSON: ", error.message()));
  if (!value.is_object()) return RefuseBadRequest("invalid JSON: config is no object");
  return ReadObject(std::move(value.get_object()));
}

// Both change a config that was read once, so it can be read again.
MachineConfig WithMetadata(const MachineConfig& config, const std::string& key, const std::string& value) {
  json::object object = ParseKept(config);
  json::value& metadata = object["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  if (value.empty()) {
    metadata.get_object().erase(key);
  } else {
    metadata.get_object()[key] = value;
  }
  return *ReadObject(std::move(object));
}

MachineConfig WithImage(const MachineConfig& config, const std::string& image) {
  json::object object = ParseKept(config);
  object["image"] = image;
  return *ReadObject(std::move(object));
}

std::string MakeDefaultConfig(const std::string& image, const std::map<std::string, std::string>& env,
                              const std::map<std::string, std::string>& metadata) {
  const auto to_json = [](const std::map<std::string, std::string>& values) {
    json::object object;
    for (const auto& [key, value] : values) object[key] = value;
    return object;
  };
  const json::object service = {
      {"protocol", "tcp"},
      {"internal_port", kInternalPort},
      {"autostart", true},
      {"autostop", false},
      {"min_machines_running", 0},
      {"ports", json::array{{{"port", 80}, {"handlers", json::array{"http"}}, {"force_https", true}},
                            {{"port", 443}, {"handlers", json::array{"tls", "http"}}}}},
      {"checks", json::array{{{"type", "http"},
                              {"method", "GET"},
                              {"path", "/"},
                              {"interval", "15s"},
                              {"timeout", "2s"},
                              {"grace_period", "5s"}}}},
      {"concurrency", {{"type", "requests"}, {"soft_limit", 20}, {"hard_limit", 25}}}};
  const json::object config = {{"image", image},
                               {"env", to_json(env)},
                               {"init", json::object()},
                               {"guest", {{"cpu_kind", "shared"}, {"cpus", 1}, {"memory_mb", 256}}},
                               {"metadata", to_json(metadata)},
                               {"services", json::array{service}},
                               {"checks", json::object()},
                               {"restart", {{"policy", "on-failure"}, {"max_retries", 10}}}};
  return json::serialize(config);
}

}  // namespace placer::flysim
