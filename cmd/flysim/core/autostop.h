// Autostop: Fly Proxy stops machines that nobody needs, where their config asks for it: of several in a
// region one at a time while the others have room below their soft limits, and the last one once nobody came.
// It looks every five minutes.
#pragma once

#include <map>
#include <string>

#include "absl/time/time.h"
#include "cmd/flysim/core/fleet.h"

namespace placer::flysim {

class Autostop {
 public:
  // `fleet` outlives this object.
  Autostop(Fleet& fleet, std::string primary_region, absl::Time start);
  void Run(absl::Time now);

 private:
  Fleet& fleet_;
  std::string primary_region_;
  absl::Time next_;
  std::map<std::string, std::int64_t> served_;  // by machine, when it looked last
};

}  // namespace placer::flysim
