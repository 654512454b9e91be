// Last targets: for each region, what the traffic asked for at the newest data point that had a clear answer.
// A function of data points alone: each is taken up once, in order, however often the loop runs in between.
#pragma once

#include <vector>

#include "api/history.h"
#include "api/reconciler.h"
#include "reconcilers/placement/demand.h"
#include "reconcilers/placement/threshold.h"

namespace placer {

// `history` of the input, with every data point up to input.seen.traffic.end taken up, the data points at
// which a target turned added to the region's flips, regions closed by policy set to not placed, and regions
// cleared whose last machine somebody else destroyed. `newest` is AssessNewest of the same demand.
History ComputeLastTargets(const ReconcileInput& input, const DemandTable& demand,
                           const std::vector<Assessment>& newest);

}  // namespace placer
