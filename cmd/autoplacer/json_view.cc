#include "cmd/autoplacer/json_view.h"

#include <boost/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/json_writer.h"

namespace placer {

namespace json = boost::json;

namespace {

// The parser bounds the depth.
void Write(const json::value& value, JsonWriter& out) {
  if (value.is_array()) {
    out.BeginArray();
    for (const json::value& each : value.as_array()) Write(each, out);
    out.EndArray();
  } else if (value.is_object()) {
    out.BeginObject();
    for (const json::key_value_pair& each : value.as_object()) {
      out.Key(absl::string_view(each.key().data(), each.key().size()));
      Write(each.value(), out);
    }
    out.EndObject();
  } else if (value.is_double()) {
    out.Number(value.as_double());
  } else {
    out.Raw(json::serialize(value));
  }
}

}  // namespace

std::string FormatJson(const json::value& value) {
  JsonWriter out(false);
  Write(value, out);
  return out.text();
}

absl::StatusOr<json::object> ParseJsonObject(absl::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error)
    return absl::InternalError(
        absl::StrCat("the answer is not JSON (", error.message(), "); is that an autoplacer?"));
  if (!value.is_object()) return absl::InternalError("the answer is no JSON object");
  return std::move(value.as_object());
}

std::string FindText(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

std::optional<double> FindNumber(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

bool FindBool(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->as_bool();
}

json::object FindObject(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->as_object() : json::object();
}

std::vector<std::string> FindTexts(const json::object& object, const char* key) {
  std::vector<std::string> texts;
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return texts;
  for (const json::value& each : value->as_array()) {
    if (each.is_string()) texts.emplace_back(each.as_string());
  }
  return texts;
}

std::vector<json::object> FindObjects(const json::object& object, const char* key) {
  std::vector<json::object> objects;
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_array()) return objects;
  for (const json::value& each : value->as_array()) {
    if (each.is_object()) objects.push_back(each.as_object());
  }
  return objects;
}

}  // namespace placer
