// World: a local Fly platform in virtual time. Users in many cities, with day and night, noise and flash
// crowds, send requests that are routed as Fly Proxy routes them; what Fly would export and answer can be
// read off at any time. Deterministic: equal options and equal calls give equal worlds. No clock, socket or
// global generator in here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/machine.h"
#include "api/region.h"

namespace placer::flysim {

struct WorldOptions {
  std::uint64_t seed = 1;
  absl::Time start;                // the world begins here, with its initial machines started
  double day_speed = 1;            // how much faster the users' day runs than time; touches no time stamp
  double requests_per_second = 5;  // of the whole world in the mean
  std::string app = "demo";
  std::string process_group = "app";
  std::vector<std::string> initial_regions = {"fra"};  // one started machine in each
  absl::Duration step = absl::Seconds(1);              // arrivals are drawn per step
  absl::Duration history = absl::Hours(3);             // how far back CountEdgeRequests reaches
};

// Which machines a list shows, as the query parameters of the Machines API say.
struct MachineFilter {
  bool include_deleted = false;
  std::string region;               // "" = any
  std::vector<std::string> states;  // empty = any
  bool summary = false;             // leaves out config, checks, events and host_status
};

class World {
 public:
  explicit World(WorldOptions options);
  ~World();

  const WorldOptions& options() const;
  absl::Time now() const;
  // Moves the world forward (never back), step by step.
  void AdvanceTo(absl::Time now);

  // Requests that entered in each region within (from, to], at steps; regions that never saw one are absent,
  // and so are regions whose first request came later than `to`. Empty also where (from, to] reaches back
  // further than `history`: forgotten is not zero. Every request comes over a TCP connection of its own, so
  // that these are the connects as well.
  std::map<std::string, double> CountEdgeRequests(absl::Time from, absl::Time to) const;
  // Whether a machine was up at a step within (from, to], as far back as `history`.
  bool HadMachineUp(absl::Time from, absl::Time to) const;

  std::vector<Machine> machines() const;  // sorted by id, without destroyed ones
  std::vector<Region> regions() const;    // sorted by code
  // For tests and later for the write calls.
  std::string AddMachine(const std::string& region, const std::string& state);
  void SetMachineState(const std::string& id, const std::string& state);
  void SetCordoned(const std::string& id, bool cordoned);
  void RemoveMachine(const std::string& id);
  // Multiplies the traffic that enters in `region` from now on (0 silences it), for scripted tests.
  void SetTrafficFactor(const std::string& region, double factor);

  std::string RenderMetrics() const;  // the page that Fly's exporters would show, Prometheus' text format
  // JSON bodies of the Machines API. A destroyed machine is listed only on demand, but can be asked for by
  // its id until some hundred others are destroyed.
  std::string RenderMachineList(const MachineFilter& filter = {}) const;
  absl::StatusOr<std::string> RenderMachine(const std::string& id) const;  // NotFound
  std::string RenderRegions() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace placer::flysim
