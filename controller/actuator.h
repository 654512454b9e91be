// Actuator: makes the one platform call of a step and says what came of it. It decides nothing and repeats
// nothing: what an outcome means is the reconciler's matter, and a call whose answer was lost is made again
// by a later pass. Easy to get wrong: a lease that was taken for a call which then failed is given back at
// once.
#pragma once

#include <string>

#include "api/history.h"
#include "api/observation.h"
#include "api/plan.h"
#include "api/policy.h"
#include "controller/effects/clock.h"
#include "controller/effects/machines.h"

namespace placer {

class Actuator {
 public:
  // Both outlive the actuator. `owner_id` stands in leases and in the metadata of what is made.
  Actuator(Clock& clock, MachinesApi& machines, std::string owner_id);

  // `intent` as it stood before the step; `seen` is where its machine's config is read from. Never throws.
  Task<CallOutcome> Perform(PlacementPolicy policy, IntentStep step, Intent intent, const Observation& seen,
                            std::shared_ptr<const MachineTemplate> source);
  // Writes our claim into a machine's metadata.
  Task<absl::Status> Claim(std::string app, std::string machine_id, absl::Time since);
  Task<absl::Status> ReleaseLease(std::string app, std::string machine_id, std::string nonce);

  // After a call that starts or stops a machine: until it has, or for a moment. The next pass looks anyway,
  // and then need not be repeated for it.
  // `intent` as for Perform; `seen` names the version that was stopped, and outlives the task.
  Task<void> AwaitChange(PlacementPolicy policy, CallOutcome outcome, Intent intent, const Observation& seen);

 private:
  Task<absl::StatusOr<Machine>> CreateClone(const PlacementPolicy& policy, const Intent& intent,
                                            const std::shared_ptr<const MachineTemplate>& source);
  Task<absl::StatusOr<std::vector<std::string>>> FindVolumes(const PlacementPolicy& policy,
                                                             const Intent& intent,
                                                             const MachineTemplate& source);
  Task<absl::Status> Cordon(const PlacementPolicy& policy, const Intent& intent, const Observation& seen,
                            Lease* kept);
  Task<absl::Status> Uncordon(const PlacementPolicy& policy, const Intent& intent, const Observation& seen);
  Task<absl::Status> Update(const PlacementPolicy& policy, const Intent& intent, const Observation& seen,
                            const std::shared_ptr<const MachineTemplate>& source);
  Task<absl::StatusOr<Lease>> TakeLeaseFor(const PlacementPolicy& policy, const std::string& machine_id,
                                           const std::string& nonce);
  // Takes a lease, or renews that of change.lease_nonce, and makes the change under it; keeps the lease for
  // `kept`, or gives it back where that is null.
  Task<absl::Status> ChangeUnderLease(const PlacementPolicy& policy, MachineChange change, Lease* kept);

  Clock& clock_;
  MachinesApi& machines_;
  std::string owner_id_;
};

}  // namespace placer
