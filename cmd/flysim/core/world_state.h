// The parts that make up a World; private to this folder.
#pragma once

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "cmd/flysim/core/demand.h"
#include "cmd/flysim/core/edge_region.h"
#include "cmd/flysim/core/fleet.h"
#include "cmd/flysim/core/router.h"
#include "cmd/flysim/core/step_history.h"
#include "cmd/flysim/core/world.h"

namespace placer::flysim {

struct World::State {
  explicit State(WorldOptions the_options);

  void RunStep();
  absl::Time TimeOf(std::int64_t step) const { return options.start + options.step * step; }
  // The steps whose end lies within (from, to], as [first, last]; empty where first > last.
  std::pair<std::int64_t, std::int64_t> FindSteps(absl::Time from, absl::Time to) const;

  WorldOptions options;
  absl::Time now;
  Demand demand;
  Fleet fleet;
  Router router;
  std::vector<EdgeRegion> edges;  // as demand.edges()
  StepHistory history;
};

}  // namespace placer::flysim
