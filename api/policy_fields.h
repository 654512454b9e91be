// The fields of a policy file in one table: name, type, bounds and meaning, in the order of the policy
// reference. What reads a file (api/policy_parse.h), judges it (api/policy_validate.h), prints it
// (api/policy_format.h) and tells editors about it (api/policy_schema.h) walks this table, so that none
// differs from the others. Defaults are not in it: they are those of PlacementPolicy. Rules between fields
// are in api/policy_validate.cc.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "api/policy.h"

namespace placer {

// Where in a policy the value of a field lives.
template <typename T>
struct Member {
  T& (*write)(PlacementPolicy&);
  const T& (*read)(const PlacementPolicy&);
};

// Required, with this one text.
struct ConstantField {
  const char* text;
};

// At most kMaxNameBytes of a-z, 0-9 and, not at either end, `-`.
struct NameField {
  Member<std::string> of;
  const char* kind;               // "is not a DNS label"
  const char* missing = nullptr;  // required, and what to say without it; null: has a default
  bool more_characters = false;   // A-Z and _ as well
};

struct TextField {
  Member<std::string> of;
  std::size_t most_bytes;
};

struct DurationField {
  Member<absl::Duration> of;
  absl::Duration least;  // 0 or 1s: all that a pattern in the schema can tell
  absl::Duration most;
  bool whole_seconds = false;
};

struct IntegerField {
  Member<int> of;
  int least;
  int most;
  const char* unit;
};

// A whole number, or null for none.
struct LimitField {
  Member<std::optional<int>> of;
  int least;
  int most;
  const char* unit;
};

struct NumberField {
  Member<double> of;
  double least;
  double most;
  bool above_least = false;  // `least` itself is out of range
  bool below_most = false;   // `most` itself is out of range
  const char* unit = nullptr;
};

// Region codes, none twice.
struct CodesField {
  Member<std::vector<std::string>> of;
};

// One of some words.
struct WordField {
  std::vector<const char*> words;
  const char* later = nullptr;                    // a word that is known, and not available yet
  int (*read)(const PlacementPolicy&) = nullptr;  // index into `words`
  void (*write)(PlacementPolicy&, int) = nullptr;
};

struct PolicyField;
struct MappingField {
  std::vector<PolicyField> fields;
};

struct OpenField {};      // a mapping whose content is not ours to judge
struct IgnoredField {};   // known, without effect
struct ReservedField {};  // known, and an error for now

using PolicyFieldType =
    std::variant<ConstantField, NameField, TextField, DurationField, IntegerField, LimitField, NumberField,
                 CodesField, WordField, MappingField, OpenField, IgnoredField, ReservedField>;

struct PolicyField {
  const char* key;
  PolicyFieldType type;
  const char* meaning = "";  // one sentence; unit and bounds are in the type
};

inline constexpr std::size_t kMaxNameBytes = 63;
inline constexpr char kWrittenByController[] = "is written by the controller, and never read";

// The fields of a document.
const std::vector<PolicyField>& PolicyFields();

// A file without the field is an error; for a mapping: one of its fields is required.
bool IsRequired(const PolicyField& field);

bool IsName(const NameField& field, absl::string_view text);
// "at most 63 of a-z, 0-9 and -"
std::string DescribeName(const NameField& field);

bool IsRegionCode(absl::string_view text);

}  // namespace placer
