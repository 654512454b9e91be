// Fleet: the machines of the simulated app, with what the platform knows of each: its state and history of
// events, its place, and what its proxy has counted. Removed machines are remembered for a while as
// destroyed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/machine.h"
#include "cmd/flysim/core/random_stream.h"
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

struct FleetMachine {
  Machine machine;                   // without checks; those follow from the state
  std::vector<MachineEvent> events;  // newest first
  std::string host;                  // worker
  std::string private_ip;
  int soft_limit = 20;  // concurrent requests
  int hard_limit = 25;
  bool autostart = true;
  StatusCounts served;
  double concurrency = 0;          // of the last step
  std::int64_t step_requests = 0;  // in the step being routed
};

inline constexpr int kInternalPort = 8080;
inline constexpr char kServiceCheckName[] = "servicecheck-00-http-8080";
// The check that the platform shows for a machine in this state.
Check MakeServiceCheck(const std::string& state);
bool IsRoutable(const FleetMachine& machine);   // healthy and not cordoned
bool IsStartable(const FleetMachine& machine);  // stopped or suspended, and Fly Proxy may start it

class Fleet {
 public:
  explicit Fleet(const WorldOptions& options);

  FleetMachine& Add(const std::string& region, const std::string& state, absl::Time now);
  void SetState(FleetMachine& machine, const std::string& state, const std::string& source, absl::Time now);
  void SetCordoned(FleetMachine& machine, bool cordoned, absl::Time now);
  void Remove(const std::string& id, absl::Time now);
  // Also destroyed ones that are still remembered; nullptr: unknown.
  FleetMachine* Find(const std::string& id);
  const FleetMachine* Find(const std::string& id) const;

  // Both sorted by id.
  const std::map<std::string, std::unique_ptr<FleetMachine>>& machines() const { return machines_; }
  const std::map<std::string, std::unique_ptr<FleetMachine>>& destroyed() const { return destroyed_; }
  int CountStarted() const;
  // Changes whenever a machine comes or goes.
  std::uint64_t generation() const { return generation_; }

 private:
  std::string DrawHex(int digits);
  void AddEvent(FleetMachine& machine, const std::string& type, const std::string& source, absl::Time now);

  std::string app_;
  std::string process_group_;
  std::string primary_region_;
  std::string image_digest_;
  RandomStream random_;
  std::string release_id_;
  std::map<std::string, std::unique_ptr<FleetMachine>> machines_;
  std::map<std::string, std::unique_ptr<FleetMachine>> destroyed_;
  std::vector<std::string> destroyed_order_;  // oldest first
  std::uint64_t generation_ = 0;
};

}  // namespace placer::flysim
