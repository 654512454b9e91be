// Acting: whether this controller may change anything on the platform now: one controller per app, no deploy
// in progress, a token that is allowed to. What it says holds the whole policy, whatever the traffic asks
// for.
#pragma once

#include <optional>
#include <string>

#include "api/plan.h"
#include "api/reconciler.h"

namespace placer {

struct Ownership {
  std::optional<Hold> hold;      // not ours, or not yet
  std::string claim_machine_id;  // where to write our claim; "" = no need
  absl::Time claim_since;        // of the claim that stands, or is to be written
};

// Of the app, by the claims in the metadata of its machines. Where it has no machine, there is nothing to
// claim: the names of what we make keep two controllers from making it twice.
Ownership AssessOwnership(const ReconcileInput& input);

// A deploy changes the app's machines: a foreign lease, mixed releases or images among machines that are not
// ours, or a config changed in the last minute by somebody else.
std::optional<Hold> FindRelease(const ReconcileInput& input);

// Whether the machine runs what the template does: release and image.
bool IsOnRelease(const MachineTemplate& current, const Machine& machine);

// Machine of ours that is not on the current release, the template's; null: none, or those that are on it
// fail their checks, so that nothing more is entrusted to it. One that does not serve first, then by id.
const Machine* FindStraggler(const ReconcileInput& input);

}  // namespace placer
