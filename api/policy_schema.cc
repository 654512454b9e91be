#include "api/policy_schema.h"

#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/json_writer.h"
#include "api/policy_fields.h"

namespace placer {
namespace {

// What ParsePolicyDuration takes, but for the longest.
std::string MakeDurationPattern(const DurationField& field) {
  // At least one unit above milliseconds that is not zero, or a thousand of them.
  const bool from_zero = field.least == absl::ZeroDuration();
  const char* const enough = from_zero ? "(?=.)" : "(?=.*[1-9][0-9]*(h|m(?!s)|s)|.*[1-9][0-9]{3,}ms)";
  const std::string units = absl::StrCat(enough, "([0-9]+h)?([0-9]+m)?([0-9]+s)?(",
                                         field.whole_seconds ? "([0-9]*000|00?)" : "[0-9]+", "ms)?");
  return from_zero ? absl::StrCat("^(0|", units, ")$") : absl::StrCat("^", units, "$");
}

// What IsName takes.
std::string MakeNamePattern(const NameField& field) {
  const char* const ends = field.more_characters ? "A-Za-z0-9_" : "a-z0-9";
  return absl::StrCat("^[", ends, "]([", ends, "-]{0,", kMaxNameBytes - 2, "}[", ends, "])?$");
}

class SchemaPrinter {
 public:
  std::string Print() {
    writer_.BeginObject();
    Text("$schema", "http://json-schema.org/draft-07/schema#");
    Text("title", "PlacementPolicy of fly-autoplacer");
    PrintMapping(PolicyFields(), true);
    writer_.EndObject();
    return writer_.text();
  }

 private:
  void Text(const char* key, absl::string_view text) { writer_.String(key, text); }
  void Number(const char* key, double number) { writer_.Number(key, number); }
  // `other`: a second type; "" if there is none.
  void Type(const char* type, const char* other = "") {
    if (*other == '\0') return Text("type", type);
    writer_.Key("type");
    writer_.BeginArray();
    writer_.String(type);
    writer_.String(other);
    writer_.EndArray();
  }
  void Describe(const char* meaning, const char* unit) {
    Text("description", unit == nullptr ? meaning : absl::StrCat(meaning, " Unit: ", unit, "."));
  }

  void PrintField(const PolicyField& field) {
    writer_.Key(field.key);
    if (std::holds_alternative<ReservedField>(field.type)) return writer_.Bool(false);
    writer_.BeginObject();
    std::visit([&](const auto& type) { PrintType(field, type); }, field.type);
    writer_.EndObject();
  }

  // Absent and emptied are the same for a mapping, unless something in it is required.
  void PrintMapping(const std::vector<PolicyField>& fields, bool required) {
    Type("object", required ? "" : "null");
    writer_.Bool("additionalProperties", false);
    if (required) {
      writer_.Key("required");
      writer_.BeginArray();
      for (const PolicyField& field : fields) {
        if (IsRequired(field)) writer_.String(field.key);
      }
      writer_.EndArray();
    }
    writer_.Key("properties");
    writer_.BeginObject();
    for (const PolicyField& field : fields) PrintField(field);
    writer_.EndObject();
  }

  void PrintType(const PolicyField& field, const MappingField& type) {
    Describe(field.meaning, nullptr);
    PrintMapping(type.fields, IsRequired(field));
  }
  void PrintType(const PolicyField& field, const ConstantField& type) {
    Describe(field.meaning, nullptr);
    Type("string");
    Text("const", type.text);
  }
  void PrintType(const PolicyField& field, const NameField& type) {
    Describe(field.meaning, nullptr);
    Type("string");
    if (type.missing == nullptr) Text("default", type.of.read(defaults_));
    Text("pattern", MakeNamePattern(type));
    Text("errorMessage", absl::StrCat("Write ", DescribeName(type)));
  }
  void PrintType(const PolicyField& field, const TextField& type) {
    Describe(field.meaning, nullptr);
    Type("string");
    Text("default", type.of.read(defaults_));
    Number("maxLength", static_cast<double>(type.most_bytes));
  }
  void PrintType(const PolicyField& field, const DurationField& type) {
    const bool from_zero = type.least == absl::ZeroDuration();
    Describe(field.meaning, nullptr);
    Type("string", from_zero ? "integer" : "");
    Text("default", FormatPolicyDuration(type.of.read(defaults_)));
    Text("pattern", MakeDurationPattern(type));
    if (from_zero) {  // a zero needs no unit
      Number("minimum", 0);
      Number("maximum", 0);
    }
    Text("errorMessage",
         absl::StrCat("Write a duration such as 15s, 5m or 1h30m, from ", FormatPolicyDuration(type.least),
                      " to ", FormatPolicyDuration(type.most),
                      type.whole_seconds ? ", in whole seconds" : ""));
  }
  void PrintType(const PolicyField& field, const IntegerField& type) {
    Describe(field.meaning, type.unit);
    Type("integer");
    Number("default", type.of.read(defaults_));
    Number("minimum", type.least);
    Number("maximum", type.most);
  }
  void PrintType(const PolicyField& field, const LimitField& type) {
    Describe(field.meaning, type.unit);
    Type("integer", "null");
    writer_.Key("default");
    const std::optional<int>& limit = type.of.read(defaults_);
    limit.has_value() ? writer_.Integer(*limit) : writer_.Null();
    Number("minimum", type.least);
    Number("maximum", type.most);
  }
  void PrintType(const PolicyField& field, const NumberField& type) {
    Describe(field.meaning, type.unit);
    Type("number");
    Number("default", type.of.read(defaults_));
    Number(type.above_least ? "exclusiveMinimum" : "minimum", type.least);
    Number(type.below_most ? "exclusiveMaximum" : "maximum", type.most);
  }
  void PrintType(const PolicyField& field, const CodesField&) {
    Describe(field.meaning, nullptr);
    Type("array", "null");
    writer_.Key("default");
    writer_.BeginArray();
    writer_.EndArray();
    writer_.Bool("uniqueItems", true);
    writer_.Key("items");
    writer_.BeginObject();
    Type("string");
    Text("pattern", "^[a-z]{3}$");  // IsRegionCode
    Text("errorMessage", "Write a region code: three lower-case letters");
    writer_.EndObject();
  }
  void PrintType(const PolicyField& field, const WordField& type) {
    Describe(field.meaning, nullptr);
    Type("string");
    Text("default", type.words[static_cast<std::size_t>(type.read(defaults_))]);
    writer_.Key("enum");
    writer_.BeginArray();
    for (const char* word : type.words) writer_.String(word);
    writer_.EndArray();
  }
  void PrintType(const PolicyField& field, const OpenField&) {
    Describe(field.meaning, nullptr);
    Type("object", "null");
  }
  void PrintType(const PolicyField&, const IgnoredField&) {
    Text("deprecationMessage", kWrittenByController);  // a warning, as the parser's is
  }
  void PrintType(const PolicyField&, const ReservedField&) {}

  const PlacementPolicy defaults_;
  JsonWriter writer_{true};
};

}  // namespace

std::string FormatPolicySchema() {
  return SchemaPrinter().Print();
}

}  // namespace placer
