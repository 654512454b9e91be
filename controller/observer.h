// Observer: gathers one Observation. It decides nothing, but believes nothing lightly either: a machine that
// was seen before leaves the view only when the platform confirms, by its id, that it is gone, so an
// unexpectedly empty or stale list takes nothing away.
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
  Observer(Clock& clock, MachinesApi& machines, TrafficApi& traffic, PlatformSource& platform,
           std::string self_machine_id);

  // `last_seen` (machine id -> region) is what was believed last, across restarts; it is brought up to date.
  // Failures are part of the result: Observation::machines_error, Traffic::error.
  Task<Observation> Observe(PlacementPolicy policy, std::map<std::string, std::string>& last_seen);

 private:
  Task<absl::StatusOr<std::vector<Machine>>> ReadMachines(const std::string& app,
                                                          std::map<std::string, std::string>& last_seen);
  Task<void> ReadTraffic(const PlacementPolicy& policy);

  Clock& clock_;
  MachinesApi& machines_;
  TrafficApi& traffic_;
  PlatformSource& platform_;
  std::string self_machine_id_;
  std::string app_;             // that the two below belong to
  std::string query_;           // the traffic spec that traffic_seen_ answers
  std::vector<Machine> known_;  // the last believed list
  bool known_once_ = false;
  Traffic traffic_seen_;
};

}  // namespace placer
