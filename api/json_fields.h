// JsonFields: reads the fields of one object and remembers the first that is not as promised, so that a
// machine is read in one straight run and judged once. Included by .cc files of api/ only.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "api/json_reading.h"
#include "api/machine_json.h"

namespace placer {

class JsonFields {
 public:
  JsonFields(const boost::json::object& object, std::string where, absl::Status& error)
      : object_(object), where_(std::move(where)), error_(error) {}

  const boost::json::value* Find(const char* name) const { return FindField(object_, name); }
  std::string PathOf(const char* name) const { return absl::StrCat(where_, ".", name); }

  std::string RequiredString(const char* name) {
    const boost::json::value* value = Find(name);
    if (value != nullptr && value->is_string() && !value->get_string().empty())
      return ToStdString(value->get_string());
    Fail(name, value != nullptr && value->is_string() ? "a string that is not empty" : "a string", value);
    return "";
  }
  std::string OptionalString(const char* name, const char* fallback = "") {
    const boost::json::value* value = Find(name);
    if (value == nullptr) return fallback;
    if (value->is_string()) return ToStdString(value->get_string());
    Fail(name, "a string", value);
    return fallback;
  }
  bool OptionalBool(const char* name) {
    const boost::json::value* value = Find(name);
    if (value == nullptr) return false;
    if (value->is_bool()) return value->get_bool();
    Fail(name, "true or false", value);
    return false;
  }
  const boost::json::array* OptionalArray(const char* name) {
    const boost::json::value* value = Find(name);
    if (value == nullptr) return nullptr;
    if (!value->is_array()) Fail(name, "an array", value);
    return value->if_array();
  }
  const boost::json::object* OptionalObject(const char* name) {
    const boost::json::value* value = Find(name);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) Fail(name, "an object", value);
    return value->if_object();
  }
  std::map<std::string, std::string> StringMap(const char* name) {
    std::map<std::string, std::string> entries;
    const boost::json::object* map = OptionalObject(name);
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

  void Fail(const char* name, const char* want, const boost::json::value* found) {
    if (error_.ok()) error_ = MakeMachinesShapeError(PathOf(name), want, found);
  }

 private:
  const boost::json::object& object_;
  std::string where_;
  absl::Status& error_;
};

}  // namespace placer
