// The rules about region codes in a policy: how a code looks, whether the platform has it, and which lists
// may share one. In a flat config an overlap is a warning and `excluded` wins; in a policy it is an error.
#pragma once

#include "api/field_reader.h"
#include "api/policy.h"
#include "api/policy_codec.h"

namespace placer {

// The lists must still be as they were read.
void ValidateRegions(const PlacementPolicy& policy, const PolicyContext& context, DocumentReport& report);

// Takes codes that are also excluded out of the other two lists, with a warning each, and repeated ones; for
// flat configs. An error if that leaves nothing of a list of allowed regions.
void ResolveOverlaps(PlacementPolicy& policy, DocumentReport& report);

}  // namespace placer
