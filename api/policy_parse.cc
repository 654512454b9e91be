#include "api/policy_parse.h"

#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/policy_fields.h"

namespace placer {
namespace {

void ReadFields(FieldReader reader, const std::vector<PolicyField>& fields, PlacementPolicy& policy);

// Reads one field, whatever its type.
struct FieldTaker {
  FieldReader& reader;
  const char* key;
  PlacementPolicy& policy;

  void operator()(const ConstantField& field) const {
    DocumentReport& report = reader.report();
    if (!reader.Has(key)) {
      report.Break(report.root.at, key, absl::StrCat("is missing; add ", key, ": ", field.text));
    }
    std::string found = field.text;
    reader.String(key, found);
    if (found != field.text) {
      report.Break(report.Find(key), key,
                   absl::StrCat(QuoteFound(found), " is not known here; write ", field.text));
    }
  }
  void operator()(const NameField& field) const { reader.String(key, field.of.write(policy)); }
  void operator()(const TextField& field) const { reader.String(key, field.of.write(policy)); }
  void operator()(const DurationField& field) const { reader.Duration(key, field.of.write(policy)); }
  void operator()(const IntegerField& field) const { reader.Int(key, field.of.write(policy)); }
  void operator()(const LimitField& field) const { reader.OptionalInt(key, field.of.write(policy)); }
  void operator()(const NumberField& field) const { reader.Double(key, field.of.write(policy)); }
  void operator()(const CodesField& field) const { reader.Strings(key, field.of.write(policy)); }
  void operator()(const WordField& field) const {
    std::vector<const char*> words = field.words;
    if (field.later != nullptr) words.push_back(field.later);
    int index = -1;
    reader.Enum(key, words, index);
    if (index < 0) return;
    if (index < static_cast<int>(field.words.size())) return field.write(policy, index);
    const std::string path = reader.Path(key);
    reader.report().Break(reader.report().Find(path), path,
                          absl::StrCat(field.later, " is not available yet; write ", field.words.front()));
  }
  void operator()(const MappingField& field) const { ReadFields(reader.Map(key), field.fields, policy); }
  void operator()(const OpenField&) const { reader.Map(key); }
  void operator()(const IgnoredField&) const { reader.Ignored(key, kWrittenByController); }
  void operator()(const ReservedField&) const { reader.Reserved(key); }
};

void ReadFields(FieldReader reader, const std::vector<PolicyField>& fields, PlacementPolicy& policy) {
  for (const PolicyField& field : fields) std::visit(FieldTaker{reader, field.key, policy}, field.type);
  reader.Finish();
}

}  // namespace

PlacementPolicy ParsePolicyDocument(DocumentReport& report) {
  PlacementPolicy policy;
  ReadFields(FieldReader(&report.root, "", report), PolicyFields(), policy);
  return policy;
}

}  // namespace placer
