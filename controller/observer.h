// Observer: keeps one policy's Observation up to date. It decides nothing, but believes nothing lightly
// either: a machine that was seen before leaves the view only when the platform confirms, by its id, that it
// is gone, so an unexpectedly empty or stale list takes nothing away.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/observation.h"
#include "api/policy.h"
#include "controller/effects/clock.h"
#include "controller/effects/machines.h"
#include "controller/effects/traffic.h"
#include "controller/platform_source.h"

namespace placer {

class Observer {
 public:
  Observer(Clock& clock, MachinesApi& machines, TrafficApi& traffic, PlatformSource& platform, Self self,
           std::string own_app);

  // `last_seen` (machine id -> region) is what was believed last of policy.app, across restarts; it is
  // brought up to date.
  // Failures are part of the result: Observation::machines_error, Traffic::error.
  Task<void> Observe(PlacementPolicy policy, std::map<std::string, std::string>& last_seen);

  // Reads each machine of the observation again by its id, which no stale list can hide or invent. What is
  // gone leaves the view; one that cannot be read makes the whole observation unknown.
  Task<void> Refresh(std::string app, std::map<std::string, std::string>& last_seen);

  // The same object for the observer's life: a copy would cost as much as reading it.
  const Observation& seen() const { return seen_; }

 private:
  Task<void> FindSibling(const PlacementPolicy& policy);
  Task<absl::StatusOr<std::vector<Machine>>> ReadMachines(const std::string& app,
                                                          std::map<std::string, std::string>& last_seen);
  Task<void> ReadTraffic(const PlacementPolicy& policy);

  Clock& clock_;
  MachinesApi& machines_;
  TrafficApi& traffic_;
  PlatformSource& platform_;
  std::string own_app_;  // that we run in; "" when not on Fly
  absl::Time next_sibling_check_ = absl::InfinitePast();
  std::string app_;    // that seen_ is about
  std::string query_;  // the traffic spec that seen_.traffic answers
  Observation seen_;
};

}  // namespace placer
