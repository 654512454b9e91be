// Fleet: the machines of the simulated app, with what the platform knows of each: its state and history of
// events, its place, and what its proxy has counted. Removed machines are remembered for a while as
// destroyed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/machine.h"
#include "cmd/flysim/core/image_name.h"
#include "cmd/flysim/core/machine_config.h"
#include "cmd/flysim/core/random_stream.h"
#include "cmd/flysim/core/records.h"
#include "cmd/flysim/core/world.h"

namespace placer::flysim {

// Requests by the status they were answered with.
struct StatusCounts {
  std::int64_t ok = 0;           // 200
  std::int64_t not_found = 0;    // 404
  std::int64_t error = 0;        // 500
  std::int64_t unavailable = 0;  // 503: nobody served

  std::int64_t total() const { return ok + not_found + error + unavailable; }
  StatusCounts& operator+=(const StatusCounts& other);
};

struct MachineEvent {
  std::string id;
  std::string type;    // launch, start, stop, ...
  std::string status;  // the state it led to
  std::string source;  // user or flyd
  absl::Time time;
};

// What is already decided to happen to a machine.
struct Transition {
  absl::Time due;
  std::string state;  // "": its checks are asked for the first time
};

enum class Health { kWaiting, kPassing, kFailing };

struct FleetMachine {
  Machine machine;       // without checks and lease; see MakeShown
  MachineConfig config;  // what of it a Machine has, is there as well
  ImageName image;
  std::vector<MachineEvent> events;     // newest first
  std::vector<Transition> transitions;  // in the order of their times
  Health health = Health::kWaiting;
  bool made_critical = false;    // its checks fail whatever it runs
  std::optional<Lease> lease;    // may have expired
  bool hides_its_group = false;  // while the host does not answer, its incomplete config names no group
  std::string host;              // worker
  std::string private_ip;
  int soft_limit = 20;  // concurrent requests
  int hard_limit = 25;
  bool autostart = true;
  StatusCounts served;
  double concurrency = 0;          // of the last step
  double peak_concurrency = 0;     // ever
  std::int64_t step_requests = 0;  // in the step being routed
  std::int64_t step_errors = 0;    // of those
};

// The checks that the platform shows for a machine as it is.
std::vector<Check> MakeChecks(const FleetMachine& machine);
// The machine as the platform lists it at `now`: with its checks, with its lease but not the nonce, and
// without its config while its host does not answer.
Machine MakeShown(const FleetMachine& machine, absl::Time now);
bool HasConfigShown(const FleetMachine& machine);
bool IsRoutable(const FleetMachine& machine);   // started, passing its checks and not cordoned
bool IsStartable(const FleetMachine& machine);  // stopped or suspended, and Fly Proxy may start it

class Fleet {
 public:
  explicit Fleet(const WorldOptions& options);

  // The spec's config must have been read by ReadMachineConfig; `config` null: a small web app's.
  FleetMachine& Add(const MachineSpec& spec, const MachineConfig* config, absl::Time now);
  FleetMachine& Add(const std::string& region, const std::string& state, absl::Time now);
  void SetConfig(FleetMachine& machine, MachineConfig config);
  // A new version of the machine, for whoever waits for it.
  void DrawInstance(FleetMachine& machine, absl::Time now);
  void AddEvent(FleetMachine& machine, const std::string& type, const std::string& source, absl::Time now);
  // At once, with checks that pass where nothing makes them fail.
  void SetState(FleetMachine& machine, const std::string& state, const std::string& source, absl::Time now);
  void SetHealth(FleetMachine& machine, Health health);
  void SetCordoned(FleetMachine& machine, bool cordoned, absl::Time now);
  void Remove(const std::string& id, absl::Time now);
  // Asks the checks of all that run again.
  void RefreshHealth();
  // Machines with this image, by name or digest, never pass a check.
  void SetImageHealthy(const std::string& image, bool healthy);
  bool IsBad(const FleetMachine& machine) const;
  // Hexadecimal digits and the like, from the fleet's own stream.
  std::string DrawHex(int digits);
  // Every machine there ever was, in the order of creation.
  std::vector<MachineRecord> ListEver() const;
  // The most that existed at once, without those being destroyed.
  int most_machines() const { return most_machines_; }
  // Also destroyed ones that are still remembered; nullptr: unknown.
  FleetMachine* Find(const std::string& id);
  const FleetMachine* Find(const std::string& id) const;

  // Both sorted by id.
  const std::map<std::string, std::unique_ptr<FleetMachine>>& machines() const { return machines_; }
  const std::map<std::string, std::unique_ptr<FleetMachine>>& destroyed() const { return destroyed_; }
  FleetMachine* FindByName(const std::string& name);  // without destroyed ones
  int CountStarted() const;
  int CountIn(const std::string& region) const;
  // Changes whenever a machine comes or goes.
  std::uint64_t generation() const { return generation_; }
  // Changes whenever a list would show something else.
  std::uint64_t revision() const { return revision_; }
  void Touch() { ++revision_; }

 private:
  std::map<std::string, std::string> MakeMetadata(const MachineSpec& spec) const;

  std::string app_;
  std::string process_group_;
  std::string primary_region_;
  std::uint64_t seed_;
  RandomStream random_;
  std::string release_id_;
  std::map<std::string, std::unique_ptr<FleetMachine>> machines_;
  std::map<std::string, std::unique_ptr<FleetMachine>> destroyed_;
  std::vector<std::string> destroyed_order_;  // oldest first
  std::set<std::string> bad_images_;
  std::vector<MachineRecord> ever_;
  std::map<std::string, std::size_t> place_in_ever_;  // by id
  int most_machines_ = 0;
  std::uint64_t generation_ = 0;
  std::uint64_t revision_ = 0;
};

}  // namespace placer::flysim
