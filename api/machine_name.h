// Names of the machines that we make: "ap-<policy>-<region>-<slot>-g<generation>", the same for the same wish
// whichever controller has it. The platform refuses a name twice, so that a create whose answer was lost
// cannot be made again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "api/machine.h"

namespace placer {

// At most 63 characters of a-z, 0-9 and '-': a long policy name is cut and told apart by a hash.
std::string MakeMachineName(absl::string_view policy, absl::string_view region, int slot, int generation);

struct NameParts {
  int slot = 0;
  int generation = 1;
};
// No value: not a name of this policy and region.
std::optional<NameParts> ParseMachineName(absl::string_view name, absl::string_view policy,
                                          absl::string_view region);

// The name for one more machine in a region: the lowest free slot, in its first generation that no machine of
// the list (destroyed ones included) or of `reserved` bears.
std::string PickMachineName(absl::string_view policy, absl::string_view region,
                            const std::vector<Machine>& machines, const std::vector<std::string>& reserved);

}  // namespace placer
