// Ownership: one controller per app. A controller that means to act writes "<owner id> <unix seconds>
// <since>" into the metadata of one of the app's machines (kMetadataOwner), and into each machine that it
// makes. The newest claim rules; a foreign one younger than kClaimLives is a live controller's. Easy to get
// wrong: a claim counts only once it has stood for kClaimSettles, so that of two controllers which claim at
// once the later one is seen by both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/machine.h"

namespace placer {

inline constexpr absl::Duration kClaimLives = absl::Minutes(10);
inline constexpr absl::Duration kClaimSettles = absl::Seconds(30);  // longer than any call may take
inline constexpr absl::Duration kClaimRenewed =
    absl::Minutes(5);  // when acting, an older claim is written again

struct Claim {
  std::string owner_id;
  absl::Time time;
  absl::Time since;  // of the first of an unbroken row of claims
  std::string machine_id;
};

std::string FormatClaim(const std::string& owner_id, absl::Time time, absl::Time since);
// The newest claim on any of the machines; ties by owner id. No value: nobody's.
std::optional<Claim> FindNewestClaim(const std::vector<Machine>& machines);

}  // namespace placer
