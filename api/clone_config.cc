#include "api/clone_config.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/json_reading.h"

namespace placer {
namespace {

namespace json = boost::json;

constexpr char kMarkPrefix[] = "autoplacer_";
constexpr char kCheckPrefix[] = "autoplacer-";

template <typename Predicate>
void EraseKeys(json::object& object, Predicate wanted) {
  std::vector<std::string> keys;
  for (const auto& member : object) {
    if (wanted(member)) keys.push_back(ToStdString(member.key()));
  }
  for (const std::string& key : keys) object.erase(key);
}

// At most as deep as the parser lets JSON be.
void DropNulls(json::value& value) {
  if (json::array* array = value.if_array()) {
    for (json::value& element : *array) DropNulls(element);
  } else if (json::object* object = value.if_object()) {
    EraseKeys(*object, [](const json::key_value_pair& member) { return member.value().is_null(); });
    for (auto& member : *object) DropNulls(member.value());
  }
}

// The member as an object, made where there is none.
json::object& ObjectAt(json::object& object, const char* name) {
  json::value& value = object[name];
  if (!value.is_object()) value.emplace_object();
  return value.get_object();
}

json::array* FindServices(json::object& config) {
  json::value* services = config.if_contains("services");
  return services == nullptr ? nullptr : services->if_array();
}

// Read back as false, true or "suspend"; to be sent as "off", "stop" or "suspend".
void WriteAutostopInWords(json::object& service) {
  json::value* autostop = service.if_contains("autostop");
  if (autostop == nullptr || !autostop->is_bool()) return;
  *autostop = autostop->get_bool() ? "stop" : "off";
}

// A service's check says whether the proxy may send traffic; only a machine-level one runs, and is listed,
// while the machine is cordoned.
void CopyServiceChecks(json::object& config, json::object& checks) {
  json::array* services = FindServices(config);
  if (services == nullptr) return;
  for (json::value& service : *services) {
    const json::object* object = service.if_object();
    const json::value* list = object == nullptr ? nullptr : FindField(*object, "checks");
    if (list == nullptr || !list->is_array()) continue;
    const json::value* port = FindField(*object, "internal_port");
    for (const json::value& check : list->get_array()) {
      if (!check.is_object()) continue;
      json::object copy = check.get_object();
      if (!copy.contains("port") && port != nullptr) copy["port"] = *port;
      if (!copy.contains("port")) continue;  // a machine-level check has no service to take it from
      checks[absl::StrCat(kCheckPrefix, checks.size() + 1)] = std::move(copy);
    }
  }
}

void SetChecks(json::object& config) {
  json::object& checks = ObjectAt(config, "checks");
  EraseKeys(checks, [](const json::key_value_pair& member) {
    return absl::StartsWith(ToStdString(member.key()), kCheckPrefix);
  });
  if (checks.empty()) {
    json::object copies;
    CopyServiceChecks(config, copies);
    checks = std::move(copies);
  }
  if (checks.empty()) config.erase("checks");
}

}  // namespace

bool IsMark(absl::string_view key) {
  return absl::StartsWith(key, kMarkPrefix);
}

void SetMarks(json::object& config, const std::map<std::string, std::string>& marks) {
  json::object& metadata = ObjectAt(config, "metadata");
  EraseKeys(metadata, [](const json::key_value_pair& member) { return IsMark(ToStdString(member.key())); });
  for (const auto& [key, value] : marks) metadata[key] = value;
}

void MakeCopyable(json::object& config, const std::string& image_ref) {
  EraseKeys(config, [](const json::key_value_pair& member) { return member.value().is_null(); });
  for (auto& member : config) DropNulls(member.value());
  config.erase("standbys");
  config.erase("auto_destroy");
  if (!image_ref.empty()) config["image"] = image_ref;
  if (json::array* services = FindServices(config)) {
    for (json::value& service : *services) {
      if (json::object* object = service.if_object()) WriteAutostopInWords(*object);
    }
  }
  SetChecks(config);
}

}  // namespace placer
