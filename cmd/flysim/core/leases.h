// Leases on machines: who holds one may change the machine, others are refused with 409 until it is released
// or expires.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/machine_calls.h"
#include "cmd/flysim/core/fleet.h"

namespace placer::flysim {

bool IsLeased(const FleetMachine& machine, absl::Time now);
// Ok: nobody holds a lease, or the nonce is its own. Else a refusal.
absl::Status CheckLease(const FleetMachine& machine, const std::string& nonce, absl::Time now);
// Takes a lease, or renews the one of the request's nonce; where that has expired meanwhile, a new one is
// taken, with a new nonce.
absl::StatusOr<Lease> TakeLeaseOn(Fleet& fleet, FleetMachine& machine, const TakeLease& request,
                                  const std::string& owner, absl::Time now);
absl::Status ReleaseLeaseOn(Fleet& fleet, FleetMachine& machine, const std::string& nonce, absl::Time now);

}  // namespace placer::flysim
