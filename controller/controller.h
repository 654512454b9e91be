// Controller: one loop per policy (observe, decide, act, record), and what the outside may ask of them.
// Everything runs on the one thread of the io_context. Events never act: a trigger or a policy change only
// makes the next pass come earlier.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/diagnostic.h"
#include "api/reconciler.h"
#include "api/status.h"
#include "api/status_codec.h"
#include "controller/effects/clock.h"
#include "controller/effects/machines.h"
#include "controller/effects/random.h"
#include "controller/effects/store.h"
#include "controller/effects/traffic.h"
#include "controller/telemetry/log.h"
#include "controller/telemetry/metrics.h"

namespace placer {

// The five effects. Each outlives the controller.
struct Effects {
  Clock& clock;
  Random& random;
  MachinesApi& machines;
  TrafficApi& traffic;
  Store& store;
};

struct ControllerOptions {
  std::string self_machine_id;  // FLY_MACHINE_ID
  std::string own_app;          // FLY_APP_NAME on Fly: the app that we run in
  std::string owner_id;         // of this controller, the same across restarts
  std::map<std::pair<std::string, std::string>, double> rtt_ms;  // --rtt-file
};

class PolicyLoop;

class Controller {
 public:
  // `metrics` may be null (plan, tests). Everything outlives the controller.
  Controller(asio::io_context& io, Effects effects, const Reconciler& reconciler, Log& log, Metrics* metrics,
             ControllerOptions options);
  ~Controller();
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  // The policies that are in force from now on: starts new loops, stops those that are gone, and lets changed
  // ones run a pass at once. A policy whose spec is unchanged is left alone.
  void Apply(std::vector<PlacementPolicy> policies);
  // The policy file is broken: the last good policies stay, and PolicyAccepted=False says why.
  void Reject(const std::vector<Diagnostic>& diagnostics);

  // Runs one whole pass and reports it. NotFound: no such policy. InvalidArgument: no name given and several
  // policies. Cancelled: stopping.
  Task<absl::StatusOr<PassReport>> Trigger(std::string policy);

  // Sorted by name.
  std::vector<PolicySnapshot> Snapshot() const;
  // None: no such policy.
  std::optional<PolicySnapshot> Find(const std::string& policy) const;
  // True once policies are loaded and their loops run.
  bool Ready() const;
  // Newest first. DataLoss, Unavailable: the store cannot be read.
  absl::StatusOr<std::vector<Event>> RecentEvents(const std::string& policy, int limit) const;
  // The last rejection's diagnostics; empty if the file as it stands is in force.
  const std::vector<Diagnostic>& Rejected() const;

  // The platform's regions as last known, for validating policies.
  const Platform& platform() const;

  // Ends every loop after its current pass, or drops a pass that waits too long for an answer (2.5 s).
  Task<void> Stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace placer
