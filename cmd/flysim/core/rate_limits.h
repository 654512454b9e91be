// RateLimits: the platform's: one request per second of each action on each machine (or on the app), in
// bursts of three; GET of a machine five per second in bursts of ten.
#pragma once

#include <map>
#include <string>

#include "absl/time/time.h"

namespace placer::flysim {

class RateLimits {
 public:
  // Zero: the call may be made, and counts. Else when it may be tried again.
  absl::Duration Take(const std::string& action, const std::string& machine_id, absl::Time now);

 private:
  struct Bucket {
    double tokens = 0;
    absl::Time filled;
  };
  std::map<std::string, Bucket> buckets_;  // by action and machine
};

}  // namespace placer::flysim
