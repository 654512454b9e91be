#include "cmd/flysim/request_body.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cmd/flysim/core/refusal.h"

namespace placer::flysim {

namespace json = boost::json;

RequestBody::RequestBody(const std::string& text) {
  if (text.empty()) return;
  json::error_code error;
  json::value value = json::parse(text, error);
  if (error) {
    status_ = RefuseBadRequest(absl::StrCat("invalid JSON: ", error.message()));
  } else if (!value.is_object()) {
    status_ = RefuseBadRequest("invalid JSON: the body is no object");
  } else {
    object_ = std::move(value.get_object());
  }
}

const json::value* RequestBody::Find(const char* name) const {
  const json::value* value = object_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void RequestBody::Fail(const char* name, const char* want) {
  if (status_.ok()) status_ = RefuseBadRequest(absl::StrCat("invalid JSON: ", name, " is not ", want));
}

std::string RequestBody::Text(const char* name) {
  const json::value* value = Find(name);
  if (value == nullptr) return "";
  if (!value->is_string()) {
    Fail(name, "a string");
    return "";
  }
  return std::string(value->get_string().data(), value->get_string().size());
}

bool RequestBody::Bool(const char* name, bool fallback) {
  const json::value* value = Find(name);
  if (value == nullptr) return fallback;
  if (!value->is_bool()) Fail(name, "true or false");
  return value->is_bool() && value->get_bool();
}

std::int64_t RequestBody::Integer(const char* name, std::int64_t fallback, std::int64_t min,
                                  std::int64_t max) {
  const json::value* value = Find(name);
  if (value == nullptr) return fallback;
  if (!value->is_int64() || value->get_int64() < min || value->get_int64() > max) {
    Fail(name, absl::StrCat("a whole number from ", min, " to ", max).c_str());
    return fallback;
  }
  return value->get_int64();
}

std::string RequestBody::Object(const char* name) {
  const json::value* value = Find(name);
  if (value == nullptr) return "";
  if (!value->is_object()) Fail(name, "an object");
  return json::serialize(*value);
}

}  // namespace placer::flysim
