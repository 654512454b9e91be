#include "cmd/flysim/core/leases.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cmd/flysim/core/refusal.h"

namespace placer::flysim {
namespace {

constexpr absl::Duration kShortestLease = absl::Seconds(1);
constexpr absl::Duration kLongestLease = absl::Hours(24);
constexpr int kNonceDigits = 12;

}  // namespace

bool IsLeased(const FleetMachine& machine, absl::Time now) {
  return machine.lease && machine.lease->expires_at > now;
}

absl::Status CheckLease(const FleetMachine& machine, const std::string& nonce, absl::Time now) {
  if (!IsLeased(machine, now) || machine.lease->nonce == nonce) return absl::OkStatus();
  return MakeRefusal(
      409,
      absl::StrCat("aborted: lease currently held by ", machine.lease->owner, ", expires at ",
                   absl::FormatTime(absl::RFC3339_sec, machine.lease->expires_at, absl::UTCTimeZone())),
      "");
}

absl::StatusOr<Lease> TakeLeaseOn(Fleet& fleet, FleetMachine& machine, const TakeLease& request,
                                  const std::string& owner, absl::Time now) {
  if (absl::Status status = CheckLease(machine, request.nonce, now); !status.ok()) return status;
  // The platform tells it in whole seconds.
  const absl::Time expires_at =
      absl::UnixEpoch() +
      absl::Ceil(now + std::clamp(request.ttl, kShortestLease, kLongestLease) - absl::UnixEpoch(),
                 absl::Seconds(1));
  if (IsLeased(machine, now) && !request.nonce.empty()) {
    machine.lease->expires_at = expires_at;
  } else {
    machine.lease = Lease{.nonce = fleet.DrawHex(kNonceDigits),
                          .owner = owner,
                          .description = request.description,
                          .expires_at = expires_at};
  }
  fleet.Touch();
  return *machine.lease;
}

absl::Status ReleaseLeaseOn(Fleet& fleet, FleetMachine& machine, const std::string& nonce, absl::Time now) {
  if (absl::Status status = CheckLease(machine, nonce, now); !status.ok()) return status;
  if (!IsLeased(machine, now)) return MakeRefusal(404, "lease not found", "unknown");
  machine.lease.reset();
  fleet.Touch();
  return absl::OkStatus();
}

}  // namespace placer::flysim
