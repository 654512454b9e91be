// Guards: what holds an action although traffic or policy wants it. Pure questions about one region, asked by
// the planner before it begins something new, and by the steps of a leave that is under way. Easy to get
// wrong: what is not known (no fly_app_* series, no hard limit) never holds anything, so that an app without
// these metrics is steered as before.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/history.h"
#include "api/machine.h"
#include "api/observation.h"
#include "api/policy.h"
#include "api/traffic.h"

namespace placer {

// The region's last target changed at least twice within the long window that ends at `data_point`: nothing
// new begins there (Reason::kReversal), except for alwaysRunning and by policy.
bool IsReversing(const PlacementPolicy& policy, const RegionHistory& region, absl::Time data_point);

// The machines of `region` still served, in the mean of the short window, as much as places a region
// (Reason::kStillServing): holds removals by traffic. Never in DryRun, where the shadow diverts no request
// from the real machines: what those serve says nothing of the placement that is decided about.
bool IsStillServing(const PlacementPolicy& policy, const Traffic& traffic, const std::string& region);

// Whether those who take over `machine`'s requests have room for them (else Reason::kReceiverBusy). They are
// the healthy machines that stay in its region or, where none does, in the region nearest by round-trip time
// that has one. `going` are machines that leave as well (of this pass, or under way), in any order, `machine`
// among them or not; pointers into seen.machines. True where a concurrency or a hard limit is not known, and
// where nobody stays.
bool HasRoom(const PlacementPolicy& policy, const Observation& seen, const Machine& machine,
             const std::vector<const Machine*>& going);

struct Worsening {
  bool worse = false;
  std::string why;  // one sentence without a full stop; empty when not worse
};

// While a leave of `region` is watched: whether the region that took over since `since` bears it badly. It is
// the nearest one with started, uncordoned machines of the group (`region` itself where others stay there).
// Its machines' checks are judged as they are now; errors and concurrency by the data points that lie wholly
// after `since`. With `since` = now only the checks are left: asked before a leave begins, it tells whether
// that leave would be undone for a reason that is there already.
// `going` do not count as machines that take over.
Worsening IsReceiverWorse(const PlacementPolicy& policy, const Observation& seen, const std::string& region,
                          absl::Time since, const std::vector<const Machine*>& going = {});

}  // namespace placer
