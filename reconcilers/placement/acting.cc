#include "reconcilers/placement/acting.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/ownership.h"
#include "reconcilers/placement/region_state.h"

namespace placer {
namespace {

constexpr absl::Duration kChangeSettles = absl::Minutes(1);
constexpr absl::Duration kLaunchTakes = absl::Seconds(2);

std::string ReadMetadata(const Machine& machine, const char* key) {
  const auto found = machine.metadata.find(key);
  return found == machine.metadata.end() ? "" : found->second;
}

// What a release leaves on each machine: its id where Fly's tools wrote one, else the image.
std::string ReleaseOf(const Machine& machine) {
  const std::string id = ReadMetadata(machine, kMetadataReleaseId);
  return id.empty() ? machine.image : id;
}

Hold MakeReleaseHold(const Machine& machine, const std::string& what) {
  return {Reason::kReleaseInProgress, absl::StrCat("A deploy seems to be in progress: machine ", machine.id,
                                                   " in ", machine.region, " ", what)};
}

bool HasForeignLease(const ReconcileInput& input, const Machine& machine) {
  if (!machine.lease || machine.lease->expires_at <= input.now) return false;
  const std::string& owner = input.seen.self.owner_id;  // "": of one pass that writes nothing
  const bool is_ours = !owner.empty() && absl::StrContains(machine.lease->description, owner);
  const auto holds = [&](const Intent& intent) {
    return intent.machine_id == machine.id && !intent.lease_nonce.empty() &&
           intent.lease_nonce == machine.lease->nonce;
  };
  return !is_ours && std::none_of(input.history.intents.begin(), input.history.intents.end(), holds);
}

std::optional<Hold> FindMixedRelease(const ReconcileInput& input) {
  const bool no_ids =
      std::none_of(input.seen.machines.begin(), input.seen.machines.end(), [&](const Machine& machine) {
        return IsOfGroup(input.policy, machine) && !IsMadeByAnyPolicy(machine) &&
               !ReadMetadata(machine, kMetadataReleaseId).empty();
      });
  std::string release;
  std::int64_t newest = 0;
  bool any = false;
  for (const Machine& machine : input.seen.machines) {
    if (!IsOfGroup(input.policy, machine) || IsMadeByAnyPolicy(machine) || !machine.has_config) continue;
    // A dead host takes part in no deploy, nor does a machine that Fly's tools did not make.
    if (machine.host_status != "ok" || ReadMetadata(machine, kMetadataReleaseId).empty() != no_ids) continue;
    if (any && ReleaseOf(machine) != release) {
      return MakeReleaseHold(machine, "is on another release than the others");
    }
    any = true;
    release = ReleaseOf(machine);
    newest = std::max(newest, ReleaseVersionOf(machine));
  }
  if (!any) return std::nullopt;
  for (const Machine& machine : input.seen.machines) {
    if (IsOfGroup(input.policy, machine) && ReleaseVersionOf(machine) > newest) {
      return MakeReleaseHold(machine, "is on a newer release than the others");
    }
  }
  return std::nullopt;
}

// Both say nothing of a machine without checks.
bool AllPass(const Machine& machine) {
  return !machine.checks.empty() && std::all_of(machine.checks.begin(), machine.checks.end(),
                                                [](const Check& check) { return check.status == "passing"; });
}
bool AnyFails(const Machine& machine) {
  return std::any_of(machine.checks.begin(), machine.checks.end(),
                     [](const Check& check) { return check.status == "critical"; });
}

// The last machine that was to become healthy there in what the template says did not.
bool Rests(const ReconcileInput& input, const std::string& region) {
  const auto stored = input.history.regions.find(region);
  return stored != input.history.regions.end() && stored->second.retry_at > input.now;
}

const Machine* FindAnchor(const ReconcileInput& input) {
  const auto may_carry = [&](const Machine& machine) {
    return IsOfGroup(input.policy, machine) && machine.has_config && machine.host_status == "ok";
  };
  const Machine* anchor = nullptr;
  for (const Machine& machine : input.seen.machines) {
    if (may_carry(machine) && (anchor == nullptr || machine.id < anchor->id)) anchor = &machine;
  }
  return anchor;
}

}  // namespace

Ownership AssessOwnership(const ReconcileInput& input) {
  const Self& self = input.seen.self;
  if (!self.sibling.empty()) {
    return {Hold{
        Reason::kNotOwner,
        absl::StrCat("Machine ", self.sibling,
                     " runs beside this one in the controller's own app: only one may act. Destroy one, and "
                     "deploy with --ha=false")}};
  }
  if (self.owner_id.empty()) return {};
  absl::Time foreign = absl::InfinitePast();
  std::string foreign_owner;
  std::vector<Claim> ours;
  for (const Machine& machine : input.seen.machines) {
    const std::optional<Claim> claim = FindNewestClaim({machine});
    if (!claim || claim->time > input.now + kClaimLives) continue;  // a clock far ahead says nothing
    if (claim->owner_id == self.owner_id) {
      ours.push_back(*claim);
    } else if (claim->time > foreign) {
      foreign = claim->time;
      foreign_owner = claim->owner_id;
    }
  }
  std::erase_if(ours, [&](const Claim& claim) { return claim.time <= foreign; });
  if (ours.empty() && input.now - foreign < kClaimLives) {
    return {Hold{
        Reason::kNotOwner,
        absl::StrCat("Controller ", foreign_owner, " acts on this app (seen ",
                     absl::FormatDuration(absl::Trunc(input.now - foreign, absl::Seconds(1))), " ago)")}};
  }
  const Machine* anchor = FindAnchor(input);
  if (anchor == nullptr) return {};
  if (ours.empty()) return {Hold{Reason::kNotOwner, "Claiming the app"}, anchor->id, input.now};
  absl::Time since = input.now;
  absl::Time newest = absl::InfinitePast();
  for (const Claim& claim : ours) {
    since = std::min(since, claim.since > foreign ? claim.since : claim.time);  // else the row was broken
    newest = std::max(newest, claim.time);
  }
  Ownership ownership{.claim_since = since};
  if (input.now - since < kClaimSettles) {
    ownership.hold =
        Hold{Reason::kNotOwner, "The claim on the app is young; another controller may have made one too"};
  } else if (input.now - newest >= kClaimRenewed) {
    ownership.claim_machine_id = anchor->id;
  }
  return ownership;
}

std::optional<Hold> FindRelease(const ReconcileInput& input) {
  for (const Machine& machine : input.seen.machines) {
    if (!IsOfGroup(input.policy, machine)) continue;
    if (HasForeignLease(input, machine)) return MakeReleaseHold(machine, "is leased by somebody else");
    // Being made is no change: a deploy that makes machines shows as mixed releases.
    const bool is_new = machine.config_changed_at - machine.created_at < kLaunchTakes;
    if (!IsMadeByAnyPolicy(machine) && !is_new && machine.config_changed_at > input.now - kChangeSettles &&
        machine.config_changed_at <= input.now + kChangeSettles) {
      return MakeReleaseHold(machine, "was changed within the last minute");
    }
  }
  return FindMixedRelease(input);
}

bool IsOnRelease(const MachineTemplate& current, const Machine& machine) {
  const std::string release = ReadMetadata(machine, kMetadataReleaseId);
  return current.release.empty() || release.empty() ? machine.image == current.image
                                                    : release == current.release;
}

const Machine* FindStraggler(const ReconcileInput& input) {
  const auto& current = input.history.machine_template;
  if (current == nullptr) return nullptr;
  const Machine* straggler = nullptr;
  bool bears = false;
  bool suffers = false;
  for (const Machine& machine : input.seen.machines) {
    if (!IsOfGroup(input.policy, machine) || !machine.has_config || machine.host_status != "ok") continue;
    if (IsOnRelease(*current, machine)) {
      bears |= IsHealthy(machine) && AllPass(machine);
      suffers |= AnyFails(machine);
      continue;
    }
    if (!IsMadeBy(machine, input.policy.name) || Rests(input, machine.region)) continue;
    const auto works_on = [&](const Intent& intent) { return intent.machine_id == machine.id; };
    if (std::any_of(input.history.intents.begin(), input.history.intents.end(), works_on)) continue;
    const bool is_better = straggler == nullptr || std::tuple(IsHealthy(machine), machine.id) <
                                                       std::tuple(IsHealthy(*straggler), straggler->id);
    if (is_better) straggler = &machine;
  }
  return suffers && !bears ? nullptr : straggler;
}

}  // namespace placer
