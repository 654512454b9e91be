// World: a local Fly platform in virtual time. Users in many cities, with day and night, noise and flash
// crowds, send requests that are routed as Fly Proxy routes them to machines that are created, started and
// destroyed through the Machines API; what Fly would export and answer can be read off at any time, and what
// goes wrong there is made to. Deterministic: equal options and equal calls give equal worlds. No clock,
// socket or global generator in here.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/machine.h"
#include "api/machine_calls.h"
#include "api/region.h"
#include "cmd/flysim/core/faults.h"
#include "cmd/flysim/core/records.h"

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
  bool rate_limits = false;                            // of the Machines API, as Fly documents them
};

// A machine as a test, or flyctl, puts it there: at once, in any state.
struct MachineSpec {
  std::string region;
  std::string state = "started";
  std::string name;                             // "": drawn
  std::string process_group;                    // "": the world's
  std::map<std::string, std::string> metadata;  // besides what flyctl writes
  bool from_flyctl = true;                      // false: without flyctl's metadata, for flyctl not to manage
  std::string config;                           // JSON object instead of all that; "": a small web app's
  bool cordoned = false;
};

// What flyctl does on a deploy: leases on all machines that it manages, then one after another is updated and
// waited for. Where it stops early it is as if killed: leases run out by themselves.
struct ReleaseOptions {
  std::string image;
  int max_machines = -1;             // stops after so many; -1: all
  bool drops_foreign_marks = false;  // metadata that flyctl did not write does not survive
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

  // ---- What is there ----
  std::string FindInstance(const std::string& machine_id) const;  // "": unknown machine
  std::vector<Machine> machines() const;  // sorted by id, without destroyed ones; whatever the faults
  std::vector<Region> regions() const;    // sorted by code
  std::vector<Volume> volumes() const;    // sorted by id

  // Requests that entered in each region within (from, to], at steps; regions that never saw one are absent,
  // and so are regions whose first request came later than `to`. Empty also where (from, to] reaches back
  // further than `history`: forgotten is not zero. Every request comes over a TCP connection of its own, so
  // that these are the connects as well.
  std::map<std::string, double> CountEdgeRequests(absl::Time from, absl::Time to) const;
  // What the machines of each region answered within (from, to]; absent and empty likewise.
  std::map<std::string, Served> CountServed(absl::Time from, absl::Time to) const;
  // Whether a machine was up at a step within (from, to], as far back as `history`.
  bool HadMachineUp(absl::Time from, absl::Time to) const;

  // ---- The Machines API's calls, with its rules, limits and faults ----
  // A refusal carries an ErrorScope and the HTTP answer (core/refusal.h). DeadlineExceeded without a scope:
  // the answer was lost, and a write happened.
  absl::StatusOr<std::vector<Machine>> List();
  absl::StatusOr<Machine> Get(const std::string& id);  // also a destroyed one that is remembered
  absl::StatusOr<Machine> Create(const CreateMachine& request, bool skip_launch = false);
  absl::StatusOr<Machine> Update(const UpdateMachine& request);
  absl::Status Apply(const MachineChange& change, bool force = false);  // force: of a destroy
  absl::StatusOr<Lease> Take(const TakeLease& request);
  absl::StatusOr<Lease> GetLease(const std::string& id);  // NotFound: nobody holds one
  // Ok: reached. Refused with 408: not yet, so a caller with patience asks again.
  absl::Status CheckState(const WaitForState& request) const;
  absl::StatusOr<std::vector<Volume>> ListVolumes();
  absl::StatusOr<Volume> Create(const CreateVolume& request);
  std::vector<RegionRoom> FindRoom(const PlacementsQuery& query) const;
  // Counts a call that only reads: refused by a fault or a limit, or ok.
  absl::Status Admit(const std::string& action, const std::string& machine_id);
  // How long the next call takes.
  absl::Duration DrawDelay();

  // JSON bodies of the Machines API. A destroyed machine is listed only on demand, but can be asked for by
  // its id until some hundred others are destroyed. The list is as old, or as empty, as the faults say.
  std::string RenderMachineList(const MachineFilter& filter = {});
  absl::StatusOr<std::string> RenderMachine(const std::string& id) const;  // NotFound
  std::string RenderRegions() const;
  std::string RenderVolumes() const;
  std::string RenderVolume(const std::string& id) const;  // of one that exists
  std::string RenderApp() const;
  std::string RenderMetrics() const;  // the page that Fly's exporters would show, Prometheus' text format

  // ---- What tests do ----
  std::string AddMachine(const std::string& region, const std::string& state);
  std::string AddMachine(const MachineSpec& spec);
  void SetMachineState(const std::string& id, const std::string& state);
  void SetCordoned(const std::string& id, bool cordoned);
  void RemoveMachine(const std::string& id);
  // ok | unknown | unreachable: the machine serves only while ok, and its config is shown only then.
  void SetHostStatus(const std::string& id, const std::string& status, bool hides_group = false);
  // Fails the checks of one machine, or of all that run an image (by name or digest), or ends that.
  void SetChecksPassing(const std::string& id, bool passing);
  void SetImageHealthy(const std::string& image, bool healthy);
  // Multiplies the traffic that enters in `region` from now on (0 silences it), for scripted tests.
  void SetTrafficFactor(const std::string& region, double factor);
  void SetFaults(const Faults& faults);
  const Faults& faults() const;
  // At most so many machines find room in the region; no value: any number.
  void SetCapacity(const std::string& region, std::optional<int> machines);
  // The next `times` creates in the region are answered so, and nothing happens.
  void FailCreates(const std::string& region, int http_status, const std::string& body, int times);
  void Release(const ReleaseOptions& options);
  bool ReleaseUnderWay() const;

  // ---- What happened ----
  const std::deque<WriteRecord>& writes() const;     // oldest first, the newest 100,000
  std::vector<MachineRecord> machines_ever() const;  // in the order of creation
  Totals totals() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace placer::flysim
