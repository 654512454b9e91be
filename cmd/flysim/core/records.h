// Records: what happened in the world, for tests that judge a controller by what it did.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "api/machine_calls.h"

namespace placer::flysim {

// One write call of the Machines API, answered or not. What tests, flyctl or Fly Proxy do is no call.
struct WriteRecord {
  absl::Time time;
  // create, update, start, stop, suspend, destroy, cordon, uncordon, take_lease, renew_lease, release_lease,
  // set_metadata, create_volume
  std::string kind;
  std::string machine_id;                   // "" of a create that failed
  std::string region;                       // of the machine
  std::string name;                         // of the machine
  bool ok = false;                          // it happened, though its answer may have been lost
  ErrorScope scope = ErrorScope::kUnknown;  // why not
};

struct MachineRecord {
  std::string id;
  std::string name;
  std::string region;
  absl::Time created_at;
  absl::Time destroyed_at = absl::InfiniteFuture();
  std::map<std::string, std::string> metadata;  // when it was created: says who made it
  double peak_concurrency = 0;                  // requests at a time
  int hard_limit = 0;
};

struct Totals {
  std::int64_t requests = 0;    // that entered
  std::int64_t dropped = 0;     // of those, answered 503: nobody had room
  std::int64_t cut_off = 0;     // under way on a machine when it was told to go
  std::int64_t overflowed = 0;  // passed on by a region whose machines were at their hard limits
  int most_machines = 0;        // that existed at once
};

// What machines of one region answered.
struct Served {
  double requests = 0;
  double errors = 0;       // of those, 5xx
  double concurrency = 0;  // of all machines, mean over time
};

}  // namespace placer::flysim
