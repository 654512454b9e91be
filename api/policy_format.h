// The fields of a policy written as JSON, for everything that prints one inside something larger.
#pragma once

#include "api/json_writer.h"
#include "api/policy.h"

namespace placer {

// The members apiVersion, kind, metadata and spec of an object that is open in `writer`. The generation
// counts changes in one process, so a file has none.
void WritePolicyMembers(JsonWriter& writer, const PlacementPolicy& policy, bool with_generation);

}  // namespace placer
