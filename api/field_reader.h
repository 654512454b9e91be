// FieldReader: takes the fields of one mapping, each at most once, and says what is wrong with any of them.
// Whatever is not taken in the end is an unknown key. A field that is absent, or was reported, leaves its
// target untouched.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "api/yaml_reader.h"

namespace placer {

// Where the items of one list stand. Lives as long as the document.
struct ItemPositions {
  const YamlNode* list = nullptr;  // null: not in the file
  Position otherwise;              // of what the list lacks
  Position At(std::size_t index) const;
};

// One document while it is read: where diagnostics go, and which fields were reported. Rules between fields
// must not judge the default that stands in for a reported one.
struct DocumentReport {
  DiagnosticSink& sink;
  const YamlNode& root;
  std::set<std::string> broken;

  void Break(Position at, const std::string& field, std::string message) {
    broken.insert(field);
    sink.Error(at, field, std::move(message));
  }
  // The field or a mapping that it belongs to was reported.
  bool IsBroken(absl::string_view field) const;
  // The value of the field, or the closest part of its path that is in the file.
  Position Find(absl::string_view field) const;
  // The same of the items of a list, looked for once: a file may hold a hundred thousand of them.
  ItemPositions FindItems(absl::string_view field) const;
};

class FieldReader {
 public:
  // Reports duplicate keys. `path` is "" for the document. A null `map` reads as one without keys.
  FieldReader(const YamlNode* map, std::string path, DocumentReport& report);

  bool Has(const char* key) const { return fields_.contains(key); }
  // Null if absent. A null value counts as absent for mappings and lists, which editing may have emptied.
  const YamlNode* Take(const char* key);
  FieldReader Map(const char* key);

  void String(const char* key, std::string& out);
  void Duration(const char* key, absl::Duration& out);
  void Int(const char* key, int& out);
  void OptionalInt(const char* key, std::optional<int>& out);  // null: no value
  void Double(const char* key, double& out);
  // An item of a wrong type is reported and reads as "", so that positions in the list stay as they are.
  void Strings(const char* key, std::vector<std::string>& out);
  // `names` in the order of the enumerators.
  template <typename E>
  void Enum(const char* key, const std::vector<const char*>& names, E& out) {
    const int index = EnumIndex(key, names);
    if (index >= 0) out = static_cast<E>(index);
  }
  // The key is known, and an error for now.
  void Reserved(const char* key);
  // The key is known, and has no effect; `why` is the warning.
  void Ignored(const char* key, const char* why);

  // Reports what nobody took.
  void Finish();

  std::string Path(absl::string_view key) const;
  DocumentReport& report() { return report_; }

 private:
  const YamlNode* TakeValue(const char* key, const char* wanted);
  const YamlNode* TakeScalar(const char* key, const char* wanted);
  void ReadInt(const char* key, const YamlNode& node, int& out);
  int EnumIndex(const char* key, const std::vector<const char*>& names);
  void Break(const char* key, const YamlNode& node, std::string message);

  std::string path_;
  DocumentReport& report_;
  std::map<absl::string_view, const YamlEntry*> fields_;
  std::vector<absl::string_view> known_;
};

}  // namespace placer
