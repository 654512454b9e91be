// The rules of a policy (but for region codes, see api/region_rules.h) that go beyond the type of one field:
// bounds, and fields that must fit together. All broken rules are reported at once, each at the field that a
// person would change. A flat config is judged by the same rules under its own names.
#pragma once

#include "api/field_reader.h"
#include "api/policy.h"

namespace placer {

// No rule judges a field that report.broken names.
void ValidatePolicy(const PlacementPolicy& policy, DocumentReport& report);

// What the policy's file calls the field with this path: in the proof of concept's config.yml it has a key of
// its own.
std::string NameInFile(const PlacementPolicy& policy, absl::string_view field);

}  // namespace placer
