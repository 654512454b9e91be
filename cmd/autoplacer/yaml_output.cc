#include "cmd/autoplacer/yaml_output.h"

#include <algorithm>
#include <boost/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "api/json_writer.h"

namespace placer {
namespace {

namespace json = boost::json;

// Letters, digits and a few signs, not read as null, a boolean or a number by any YAML version in use.
bool IsPlainSafe(const std::string& text) {
  static const char* const kWords[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  if (text.empty() || !absl::ascii_isalpha(static_cast<unsigned char>(text[0]))) return false;
  const bool only_safe = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.' || c == '/';
  });
  const std::string lower = absl::AsciiStrToLower(text);
  return only_safe &&
         std::none_of(std::begin(kWords), std::end(kWords), [&](const char* word) { return lower == word; });
}

std::string FormatScalar(const json::value& value) {
  if (value.is_string()) {
    const std::string text(value.as_string());
    return IsPlainSafe(text) ? text : json::serialize(value);  // YAML's double quotes read JSON's escapes
  }
  if (value.is_double()) return FormatJsonNumber(value.as_double());
  return json::serialize(value);  // null, booleans, integers, and empty {} or []
}

bool IsScalar(const json::value& value) {
  if (value.is_object()) return value.as_object().empty();
  return !value.is_array() || value.as_array().empty();
}

// The parser bounds the depth. `indent` is that of the value's lines; the first one may follow a "- ".
void Append(const json::value& value, int indent, bool after_dash, std::string& out) {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  if (IsScalar(value)) {
    absl::StrAppend(&out, after_dash ? "" : margin, FormatScalar(value), "\n");
    return;
  }
  bool first = after_dash;
  if (value.is_array()) {
    for (const json::value& item : value.as_array()) {
      absl::StrAppend(&out, first ? "" : margin, "- ");
      Append(item, indent + 2, true, out);
      first = false;
    }
    return;
  }
  for (const json::key_value_pair& pair : value.as_object()) {
    absl::StrAppend(&out, first ? "" : margin, FormatScalar(json::value(pair.key())), ":");
    first = false;
    if (IsScalar(pair.value())) {
      absl::StrAppend(&out, " ", FormatScalar(pair.value()), "\n");
    } else {
      out += '\n';
      Append(pair.value(), indent + 2, false, out);
    }
  }
}

}  // namespace

absl::StatusOr<std::string> ConvertJsonToYaml(absl::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) return absl::InternalError(absl::StrCat("the answer is not JSON: ", error.message()));
  std::string yaml;
  Append(value, 0, false, yaml);
  return yaml;
}

absl::StatusOr<std::string> FormatAnswer(absl::string_view json, OutputFormat format) {
  if (format == OutputFormat::kYaml) return ConvertJsonToYaml(json);
  return absl::StrCat(absl::StripTrailingAsciiWhitespace(json), "\n");
}

}  // namespace placer
