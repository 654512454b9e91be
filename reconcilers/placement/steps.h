// Steps: what comes next for each open intent, at most one call. A function of the intent, of the machine as
// it is now and of the time; what is repeated after a lost answer or a restart is harmless.
//
//   enter   Creating -> Starting -> done
//   leave   Cordoning -> Draining -> Stopping -> Watching -> Destroying -> done
//                 \____________\_________\__________\____ -> Returning -> undone
//   update  Updating -> Starting -> done
//
// Easy to get wrong: floors bind here too. A machine that was to leave comes back as soon as no other is
// healthy, or its region is wanted again, or those who took over do not bear it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "reconcilers/placement/budget.h"
#include "reconcilers/placement/region_state.h"

namespace placer {

inline constexpr absl::Duration kEnterDeadline = absl::Minutes(5);  // from the intent to the first request

struct StepContext {
  const PassState& pass;
  Budget& budget;                          // what the plan has left; creates that are tried again spend it
  const std::set<std::string>& returning;  // machines that are wanted back
  int healthy = 0;                         // that no intent works on
  int staying = 0;                         // machines for capacity.total.min
};

std::vector<IntentStep> PlanSteps(const StepContext& context);

}  // namespace placer
