// One PlacementPolicy document, field by field. Knows names and types; the rules that bind values together
// are in api/policy_validate.h.
#pragma once

#include "api/field_reader.h"
#include "api/policy.h"

namespace placer {

// Reads what can be read and reports the rest; fields that are absent keep their defaults.
PlacementPolicy ParsePolicyDocument(DocumentReport& report);

}  // namespace placer
