// The policy of a fresh volume: `run --seed-policy FILE` copies FILE to where --policy points, once, if
// nothing is there. An image carries the first policy that way, and the volume keeps the one that is edited.
// Easy to get wrong: two programs that start at once, or an editor that was faster, must never be
// overwritten.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace placer {

// True if it copied, false if something stood at `policy` already, be it broken, a directory or a dangling
// link. The copy is complete and on disk before it has its name. NotFound: no such seed, or
// no directory for `policy`; InvalidArgument: the seed is no file, or too large for a policy; Unavailable:
// `policy` cannot be written, with who would have to be allowed to.
absl::StatusOr<bool> SeedPolicy(const std::string& seed, const std::string& policy);

}  // namespace placer
