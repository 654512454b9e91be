// DemoMachines and DemoTraffic: the local platform of cmd/flysim/core inside this process, behind the
// interfaces through which the controller sees Fly and Prometheus. Both share one world, which each call
// first moves to the clock's present; so world, clock and controller share one time.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/policy.h"
#include "api/traffic.h"
#include "cmd/flysim/core/world.h"
#include "controller/effects/clock.h"
#include "controller/effects/machines.h"
#include "controller/effects/traffic.h"

namespace placer {

class DemoMachines final : public MachinesApi {
 public:
  // `world` and `clock` outlive this object and its calls.
  DemoMachines(flysim::World& world, const Clock& clock) : world_(world), clock_(clock) {}

  // NotFound: another app, or an unknown machine.
  Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) override;
  Task<absl::StatusOr<Machine>> Get(std::string app, std::string machine_id) override;
  Task<absl::StatusOr<std::vector<Region>>> ListRegions() override;

 private:
  absl::Status CheckApp(const std::string& app) const;

  flysim::World& world_;
  const Clock& clock_;
};

class DemoTraffic final : public TrafficApi {
 public:
  // `world` and `clock` outlive this object and its calls.
  DemoTraffic(flysim::World& world, const Clock& clock) : world_(world), clock_(clock) {}

  // Exactly what was sent, where a real Prometheus would extrapolate. An app that the world does not run has
  // no series. InvalidArgument: traffic.source Query, since nothing here understands PromQL.
  Task<absl::StatusOr<Traffic>> Fetch(PlacementPolicy policy, absl::Time end, int points) override;

 private:
  flysim::World& world_;
  const Clock& clock_;
};

}  // namespace placer
