// Explain: a region's state and plan as a decision with a reason code, one sentence, and the numbers behind
// it. Last step of a decision; nothing is decided here. The proof of concept's sentences stand word for word
// where its rule is the one that bound.
#pragma once

#include "api/decision.h"
#include "reconcilers/placement/budget.h"
#include "reconcilers/placement/region_state.h"

namespace placer {

RegionDecision ExplainRegion(const PassState& pass, const RegionState& region, const Budget& budget);

}  // namespace placer
