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
  // `world` and `clock` outlive this object and its calls. A call takes as long as the world's faults say, of
  // the clock's time; a write happens in the middle of that. Once cancelled a call answers Cancelled, and a
  // write may have happened.
  DemoMachines(flysim::World& world, Clock& clock) : world_(world), clock_(clock) {}

  // NotFound: another app, or an unknown machine. Errors carry the scope that the real platform's would.
  Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) override;
  Task<absl::StatusOr<Machine>> Get(std::string app, std::string machine_id) override;
  Task<absl::StatusOr<std::vector<Region>>> ListRegions() override;

  Task<absl::StatusOr<Machine>> Create(std::string app, CreateMachine request) override;
  Task<absl::StatusOr<Machine>> Update(std::string app, UpdateMachine request) override;
  Task<absl::Status> Apply(std::string app, MachineChange change) override;
  Task<absl::StatusOr<Lease>> Take(std::string app, TakeLease request) override;
  Task<absl::Status> Wait(std::string app, WaitForState request) override;
  Task<absl::StatusOr<std::vector<Volume>>> ListVolumes(std::string app) override;
  Task<absl::StatusOr<Volume>> Create(std::string app, CreateVolume request) override;

 private:
  absl::Status CheckApp(const std::string& app) const;
  Task<absl::Status> Pass(absl::Duration time);
  // The call in the middle of the time that it takes. `call` is kept until it was made.
  template <typename Result, typename Call>
  Task<Result> Make(std::string app, Call call);

  flysim::World& world_;
  Clock& clock_;
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
