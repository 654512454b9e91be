#include "api/ownership.h"

#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace placer {

std::string FormatClaim(const std::string& owner_id, absl::Time time, absl::Time since) {
  return absl::StrCat(owner_id, " ", absl::ToUnixSeconds(time), " ", absl::ToUnixSeconds(since));
}

std::optional<Claim> FindNewestClaim(const std::vector<Machine>& machines) {
  std::optional<Claim> newest;
  for (const Machine& machine : machines) {
    const auto text = machine.metadata.find(kMetadataOwner);
    if (!Exists(machine) || text == machine.metadata.end()) continue;
    const std::vector<std::string> parts = absl::StrSplit(text->second, ' ');
    std::int64_t time = 0;
    std::int64_t since = 0;
    if (parts.size() != 3 || parts[0].empty() || !absl::SimpleAtoi(parts[1], &time) ||
        !absl::SimpleAtoi(parts[2], &since) || since > time) {
      continue;
    }
    Claim claim{parts[0], absl::FromUnixSeconds(time), absl::FromUnixSeconds(since), machine.id};
    if (!newest || std::tie(newest->time, newest->owner_id) < std::tie(claim.time, claim.owner_id))
      newest = std::move(claim);
  }
  return newest;
}

}  // namespace placer
