// Rebuild: what the platform still tells when the store was lost: when we last made a machine in each region,
// from the machines themselves. Cooldowns and the hourly limit then go on as if nothing had happened.
#pragma once

#include "api/reconciler.h"

namespace placer {

// Adds what is missing to a history in which nothing was decided yet; any other is left as it is.
void RebuildFromPlatform(const ReconcileInput& input, History& history);

}  // namespace placer
