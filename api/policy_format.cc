#include "api/policy_format.h"

#include <optional>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "api/policy_codec.h"
#include "api/policy_fields.h"

namespace placer {
namespace {

// Both printers offer: Begin(key), End(), Text, Number, Integer, Null, List.
class JsonPrinter {
 public:
  explicit JsonPrinter(JsonWriter& writer) : writer_(writer) {}

  void Begin(const char* key) {
    writer_.Key(key);
    writer_.BeginObject();
  }
  void End() { writer_.EndObject(); }
  void Text(const char* key, const std::string& text) { writer_.String(key, text); }
  void Number(const char* key, double number) { writer_.Number(key, number); }
  void Integer(const char* key, std::int64_t number) { writer_.Integer(key, number); }
  void Null(const char* key) {
    writer_.Key(key);
    writer_.Null();
  }
  void List(const char* key, const std::vector<std::string>& items) {
    writer_.Key(key);
    writer_.BeginArray();
    for (const std::string& item : items) writer_.String(item);
    writer_.EndArray();
  }

 private:
  JsonWriter& writer_;
};

// Names that no YAML reader takes for anything but a string stand as they are; the rest is quoted as in JSON.
std::string FormatYamlString(const std::string& text) {
  static constexpr const char* kNotStrings[] = {"y",    "n",     "yes",  "no",  "on", "off",
                                                "true", "false", "null", "nan", "inf"};
  bool plain = !text.empty() && absl::ascii_isalpha(text.front());
  for (char c : text)
    plain = plain && (absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '/');
  for (const char* word : kNotStrings) plain = plain && absl::AsciiStrToLower(text) != word;
  return plain ? text : FormatJsonString(text);
}

class YamlPrinter {
 public:
  void Begin(const char* key) {
    Line(key, "");
    ++depth_;
  }
  void End() { --depth_; }
  void Text(const char* key, const std::string& text) { Line(key, " " + FormatYamlString(text)); }
  // Durations: a digit in front, yet no reader takes them for a number.
  void Plain(const char* key, const std::string& text) { Line(key, " " + text); }
  void Number(const char* key, double number) { Plain(key, FormatJsonNumber(number)); }
  void Integer(const char* key, std::int64_t number) { Plain(key, absl::StrCat(number)); }
  void Null(const char* key) { Plain(key, "null"); }
  void List(const char* key, const std::vector<std::string>& items) {
    std::string line;
    for (const std::string& item : items)
      absl::StrAppend(&line, line.empty() ? "" : ", ", FormatYamlString(item));
    Plain(key, absl::StrCat("[", line, "]"));
  }

  const std::string& text() const { return text_; }

 private:
  void Line(const char* key, const std::string& rest) {
    absl::StrAppend(&text_, std::string(2 * depth_, ' '), key, ":", rest, "\n");
  }

  std::string text_;
  std::size_t depth_ = 0;
};

void PrintDuration(JsonPrinter& out, const char* key, absl::Duration duration) {
  out.Text(key, FormatPolicyDuration(duration));
}
void PrintDuration(YamlPrinter& out, const char* key, absl::Duration duration) {
  out.Plain(key, FormatPolicyDuration(duration));
}

template <typename Printer>
void PrintFields(Printer& out, const std::vector<PolicyField>& fields, const PlacementPolicy& policy,
                 bool with_generation);

// Prints one field, whatever its type. What a policy does not hold is left out.
template <typename Printer>
struct FieldPrinter {
  Printer& out;
  const char* key;
  const PlacementPolicy& policy;
  bool with_generation;

  void operator()(const ConstantField& field) const { out.Text(key, field.text); }
  void operator()(const NameField& field) const { out.Text(key, field.of.read(policy)); }
  void operator()(const TextField& field) const { out.Text(key, field.of.read(policy)); }
  void operator()(const DurationField& field) const { PrintDuration(out, key, field.of.read(policy)); }
  void operator()(const IntegerField& field) const { out.Integer(key, field.of.read(policy)); }
  void operator()(const LimitField& field) const {
    const std::optional<int>& limit = field.of.read(policy);
    limit.has_value() ? out.Integer(key, *limit) : out.Null(key);
  }
  void operator()(const NumberField& field) const { out.Number(key, field.of.read(policy)); }
  void operator()(const CodesField& field) const { out.List(key, field.of.read(policy)); }
  void operator()(const WordField& field) const {
    out.Text(key, field.words[static_cast<std::size_t>(field.read(policy))]);
  }
  void operator()(const MappingField& field) const {
    out.Begin(key);
    PrintFields(out, field.fields, policy, with_generation);
    out.End();
  }
  void operator()(const OpenField&) const {}
  void operator()(const IgnoredField&) const {
    if (with_generation && key == absl::string_view("generation")) out.Integer(key, policy.generation);
  }
  void operator()(const ReservedField&) const {}
};

template <typename Printer>
void PrintFields(Printer& out, const std::vector<PolicyField>& fields, const PlacementPolicy& policy,
                 bool with_generation) {
  for (const PolicyField& field : fields) {
    std::visit(FieldPrinter<Printer>{out, field.key, policy, with_generation}, field.type);
  }
}

}  // namespace

void WritePolicyMembers(JsonWriter& writer, const PlacementPolicy& policy, bool with_generation) {
  JsonPrinter printer(writer);
  PrintFields(printer, PolicyFields(), policy, with_generation);
}

std::string FormatPolicyYaml(const PlacementPolicy& policy) {
  YamlPrinter printer;
  PrintFields(printer, PolicyFields(), policy, false);
  return printer.text();
}

std::string FormatPolicyJson(const PlacementPolicy& policy, bool pretty) {
  JsonWriter writer(pretty);
  writer.BeginObject();
  WritePolicyMembers(writer, policy, false);
  writer.EndObject();
  return writer.text();
}

}  // namespace placer
