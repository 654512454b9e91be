#include "api/json_reading.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "api/utf8.h"

namespace placer {

namespace json = boost::json;

const char* KindName(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "bool";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "number";
    case json::kind::string:
      return "string";
    case json::kind::array:
      return "array";
    case json::kind::object:
      return "object";
  }
  return "unknown";
}

absl::StatusOr<json::value> ParseJsonBody(const std::string& body, json::storage_ptr memory) {
  json::parse_options options;
  options.max_depth = 32;
  json::error_code error;
  json::value value =
      json::parse(json::string_view(body.data(), body.size()), error, std::move(memory), options);
  if (error) {
    if (body.empty()) return absl::InternalError("the body is empty, want JSON");
    return absl::InternalError(
        absl::StrCat("the body is not JSON (", error.message(), "): ", MakeExcerpt(body, 120)));
  }
  return value;
}

const json::value* FindField(const json::object& object, json::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string ReadStringOrEmpty(const json::object& object, json::string_view name) {
  const json::value* value = FindField(object, name);
  return value == nullptr || !value->is_string() ? "" : ToStdString(value->get_string());
}

std::string MakeExcerpt(absl::string_view text, std::size_t max_bytes) {
  std::string line;
  std::size_t i = 0;
  while (i < text.size() && line.size() <= max_bytes) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte <= 0x20 || byte == 0x7f) {
      if (!line.empty() && line.back() != ' ') line += ' ';
      ++i;
      continue;
    }
    const std::size_t length = Utf8SequenceLength(text.substr(i));
    if (length == 0) {
      line += '?';
      ++i;
      continue;
    }
    if (line.size() + length > max_bytes) break;
    line.append(text.data() + i, length);
    i += length;
  }
  const bool whole = i == text.size() && line.size() <= max_bytes;
  if (line.size() > max_bytes) line.resize(max_bytes);
  absl::StripTrailingAsciiWhitespace(&line);
  return whole ? line : absl::StrCat(line, "...");
}

}  // namespace placer
