// Doubt: data points that are complete and yet not believed. The measuring can fail so that it shows zeros:
// counters that freeze at the edge, series that vanish. Two things give it away: traffic that is gone
// everywhere at once, and machines that go on counting what the edge no longer sees. Functions of one
// answer's points up to `end`, an index into the grid, so that nothing is stored and each data point is
// judged alike whoever asks, and when.
#pragma once

#include <optional>

#include "api/policy.h"
#include "api/traffic.h"
#include "reconcilers/placement/demand.h"

namespace placer {

// At least three regions had traffic in a short window, and all that had any lost more than 80 % of it from
// one point to the next, while the app is up. Expires once two short windows of points (at most a long
// window) have been witnessed since: then it is what it looks like.
bool IsCollapsed(const PlacementPolicy& policy, const Traffic& traffic, int end);

// The newest point within the long window that ends at `end` up to which the edge counted exactly nothing in
// any region, for a short window at least, while the machines answered more than threshold.remove: the two
// contradict each other. Those zeros are worth no more than a gap once the edge counts again. Only where the
// edge's HTTP responses are what is counted.
std::optional<int> FindContradiction(const PlacementPolicy& policy, const Traffic& traffic, int end);

// The same of one region: its edges had traffic within the grid and then counted nothing, while its own
// machines answered more than threshold.remove and did not lose half of what the edges did. Machines that
// answer for other regions all the time contradict nothing.
std::optional<int> FindContradiction(const PlacementPolicy& policy, const RegionDemand& demand, int end);

}  // namespace placer
