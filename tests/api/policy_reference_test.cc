// docs/policy-reference.md against the schema: each must have every field of the other, with the same type,
// unit, default and bound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "api/json_writer.h"
#include "api/policy_schema.h"

namespace placer {
namespace {

namespace json = boost::json;
using ::testing::ContainerEq;

// By path: "type | default | bound", as in the reference.
using Fields = std::map<std::string, std::string>;

std::string Text(const json::value& value) {
  return std::string(value.as_string());
}

std::string NumberText(const json::value& value) {
  return absl::StrReplaceAll(FormatJsonNumber(value.to_number<double>()), {{"e+", "e"}});
}

std::string AfterPrefix(const std::string& text, absl::string_view prefix) {
  EXPECT_TRUE(absl::StartsWith(text, prefix)) << text;
  return std::string(absl::StripPrefix(text, prefix));
}

std::string DescribeRange(const json::object& field) {
  const std::string most =
      NumberText(field.contains("maximum") ? field.at("maximum") : field.at("exclusiveMaximum"));
  if (field.contains("exclusiveMinimum")) {
    return absl::StrCat("above ", NumberText(field.at("exclusiveMinimum")), ", to ", most);
  }
  const std::string least = NumberText(field.at("minimum"));
  return field.contains("maximum") ? absl::StrCat(least, " to ", most)
                                   : absl::StrCat("from ", least, ", below ", most);
}

std::string DescribeDefault(const json::object& field) {
  if (!field.contains("default")) return "-";
  const json::value& value = field.at("default");
  std::string text = value.is_string()   ? Text(value)
                     : value.is_number() ? NumberText(value)
                                         : serialize(value);
  return absl::StrCat("`", text.empty() ? "\"\"" : text, "`");
}

// ", machines", or nothing.
std::string DescribeUnit(const json::object& field) {
  const std::vector<std::string> parts = absl::StrSplit(Text(field.at("description")), " Unit: ");
  return parts.size() < 2 ? "" : ", " + std::string(absl::StripSuffix(parts[1], "."));
}

struct TypeAndBound {
  std::string type;
  std::string bound;
};

TypeAndBound Describe(const json::object& field) {
  if (field.contains("deprecationMessage")) return {"not read", "-"};
  if (field.contains("const")) return {"text", absl::StrCat("`", Text(field.at("const")), "`")};
  if (field.contains("enum")) {
    std::vector<std::string> words;
    for (const json::value& word : field.at("enum").as_array()) {
      words.push_back(absl::StrCat("`", Text(word), "`"));
    }
    return {"word", absl::StrJoin(words, ", ")};
  }
  if (field.contains("maxLength"))
    return {"text", absl::StrCat("at most ", NumberText(field.at("maxLength")), " bytes")};
  if (field.contains("pattern")) {
    const std::string message = Text(field.at("errorMessage"));
    if (!absl::StrContains(message, "duration")) return {"text", AfterPrefix(message, "Write ")};
    return {"duration", AfterPrefix(message, "Write a duration such as 15s, 5m or 1h30m, from ")};
  }
  const json::value& type = field.at("type");
  const std::string first = Text(type.is_array() ? type.as_array()[0] : type);
  if (first == "array") return {"region codes", field.at("uniqueItems").as_bool() ? "none twice" : "-"};
  if (first == "object") return {"mapping", "-"};
  return {absl::StrCat(first, type.is_array() ? " or null" : "", DescribeUnit(field)), DescribeRange(field)};
}

// The fields of a mapping, and in `reserved` those that are not available yet.
void CollectSchema(const json::object& mapping, const std::string& prefix, Fields& fields,
                   std::set<std::string>& reserved) {
  std::set<std::string> required;
  if (mapping.contains("required")) {
    for (const json::value& name : mapping.at("required").as_array()) required.insert(Text(name));
  }
  for (const auto& [key, value] : mapping.at("properties").as_object()) {
    const std::string path = prefix + std::string(key);
    if (value.is_bool()) {
      reserved.insert(path);
    } else if (value.as_object().contains("properties")) {
      CollectSchema(value.as_object(), path + ".", fields, reserved);
    } else {
      const auto [type, bound] = Describe(value.as_object());
      fields[path] =
          absl::StrCat(type, " | ", required.contains(key) ? "required" : DescribeDefault(value.as_object()),
                       " | ", bound);
    }
  }
}

// The sections of the reference by heading.
std::map<std::string, std::vector<std::string>> ReadSections() {
  std::ifstream file(PLACER_DOCS "/policy-reference.md");
  std::map<std::string, std::vector<std::string>> sections;
  std::string heading;
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, "## ")) heading = line.substr(3);
    sections[heading].push_back(line);
  }
  return sections;
}

std::string PrefixOf(const std::string& heading) {
  if (heading == "Document") return "";
  if (heading == "What, and how") return "spec.";
  return absl::StrCat("spec.", absl::StrReplaceAll(heading, {{"`", ""}}), ".");
}

Fields ReadReference() {
  Fields fields;
  for (const auto& [heading, lines] : ReadSections()) {
    const bool has_fields =
        heading == "Document" || heading == "What, and how" || absl::StartsWith(heading, "`");
    for (const std::string& line : lines) {
      if (!has_fields || !absl::StartsWith(line, "| `")) continue;
      std::vector<std::string> cells = absl::StrSplit(line, " | ");
      EXPECT_EQ(cells.size(), 5u) << line;
      cells.resize(5);
      const std::string field = absl::StrReplaceAll(cells[0], {{"| `", ""}, {"`", ""}});
      const auto [unused, is_new] =
          fields.emplace(PrefixOf(heading) + field, absl::StrCat(cells[1], " | ", cells[2], " | ", cells[3]));
      EXPECT_TRUE(is_new) << "twice: " << line;
    }
  }
  return fields;
}

// What stands between backticks.
std::set<std::string> ReadCode(const std::vector<std::string>& lines) {
  std::set<std::string> code;
  const std::vector<std::string> parts = absl::StrSplit(absl::StrJoin(lines, " "), '`');
  for (std::size_t i = 1; i < parts.size(); i += 2) code.insert(parts[i]);
  return code;
}

TEST(PolicyReference, HasTheFieldsOfTheSchemaWithTypeDefaultAndBound) {
  Fields in_schema;
  std::set<std::string> reserved;
  CollectSchema(json::parse(FormatPolicySchema()).as_object(), "", in_schema, reserved);
  EXPECT_GT(in_schema.size(), 40u);
  EXPECT_THAT(ReadReference(), ContainerEq(in_schema));
}

TEST(PolicyReference, ListsWhatIsReserved) {
  Fields fields;
  std::set<std::string> reserved;
  CollectSchema(json::parse(FormatPolicySchema()).as_object(), "", fields, reserved);
  std::set<std::string> expected = {"strategy: CostLatency"};
  for (const std::string& path : reserved) expected.insert(AfterPrefix(path, "spec."));
  EXPECT_THAT(ReadCode(ReadSections()["Reserved"]), ContainerEq(expected));
}

}  // namespace
}  // namespace placer
