// Evidence: the grade of what was observed. Removals by traffic need Fresh; additions need less. Bad data is
// never zero traffic; what makes zeros themselves doubtful stands in doubt.h.
#pragma once

#include <string>

#include "api/decision.h"
#include "api/policy.h"
#include "api/traffic.h"
#include "reconcilers/placement/demand.h"

namespace placer {

struct Grade {
  Evidence evidence = Evidence::kMissing;
  std::string message;  // why it is not Fresh; empty when Fresh
};

// Of the whole observation, over the long window that ends at traffic.end.
Grade GradeTraffic(const PlacementPolicy& policy, const Traffic& traffic, absl::Time now);

// Of one region: the whole's, or Missing where a code that counts here has a value that is no number of
// requests, or Collapsed where its own machines contradict its edges.
Grade GradeRegion(const PlacementPolicy& policy, const Grade& whole, const RegionDemand& demand, int points);

}  // namespace placer
