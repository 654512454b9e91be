// The parts that make up a World; private to this folder.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "cmd/flysim/core/autostop.h"
#include "cmd/flysim/core/demand.h"
#include "cmd/flysim/core/edge_region.h"
#include "cmd/flysim/core/fleet.h"
#include "cmd/flysim/core/fleet_past.h"
#include "cmd/flysim/core/lifecycle.h"
#include "cmd/flysim/core/rate_limits.h"
#include "cmd/flysim/core/release.h"
#include "cmd/flysim/core/router.h"
#include "cmd/flysim/core/served_history.h"
#include "cmd/flysim/core/step_history.h"
#include "cmd/flysim/core/volumes.h"
#include "cmd/flysim/core/world.h"

namespace placer::flysim {

// An answer to creates in one region.
struct ScriptedError {
  int http_status = 500;
  std::string body;
  int times = 0;  // that are left
};

struct World::State {
  explicit State(WorldOptions the_options);

  void RunStep();
  // Lets what is due by then happen, each at its own time, and makes it that time.
  void MoveTo(absl::Time time);
  absl::Time TimeOf(std::int64_t step) const { return options.start + options.step * step; }
  // The steps whose end lies within (from, to], as [first, last]; empty where first > last.
  std::pair<std::int64_t, std::int64_t> FindSteps(absl::Time from, absl::Time to) const;

  // The machines that a list shows, as old as the faults say.
  FleetPast::Snapshot TakeListed();
  // Records the write; a lost reply where it went well and the faults want it, else `status`.
  absl::Status Finish(WriteRecord record, const absl::Status& status);
  WriteRecord MakeRecord(const std::string& kind, const std::string& machine_id) const;
  // Whether a create may go ahead in this region, by script and capacity.
  absl::Status CheckRoom(const std::string& region);
  // The machine that a write is about, or a refusal: unknown, or its host does not answer.
  absl::StatusOr<FleetMachine*> FindForWrite(const std::string& id);

  WorldOptions options;
  absl::Time now;
  Demand demand;
  Fleet fleet;
  Lifecycle lifecycle;
  Router router;
  Autostop autostop;
  std::vector<EdgeRegion> edges;  // as demand.edges()
  StepHistory history;
  ServedHistory served;
  FleetPast past;
  Volumes volumes;
  RateLimits limits;
  Faults faults;
  RandomStream fault_stream;
  std::map<std::string, int> capacity;                             // machines, by region
  std::map<std::string, std::deque<ScriptedError>> create_errors;  // by region
  std::optional<ReleaseRun> release;
  int releases = 1;  // the app's so far
  std::deque<WriteRecord> writes;
  std::int64_t requests = 0;
  std::int64_t dropped = 0;
};

}  // namespace placer::flysim
