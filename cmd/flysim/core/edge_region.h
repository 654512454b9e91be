// EdgeRegion: the proxies of one region through which requests enter, and what they count. A proxy that
// restarts forgets its counters and comes back in the other colour; a series appears with its first request,
// never before.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cmd/flysim/core/fleet.h"
#include "cmd/flysim/core/random_stream.h"

namespace placer::flysim {

struct EdgeProxy {
  std::string host;
  bool is_green = false;
  StatusCounts responses;  // since its last restart
  absl::Time restarts;     // next time

  const char* proxy_id() const { return is_green ? "green" : "blue"; }
};

class EdgeRegion {
 public:
  EdgeRegion(const std::string& code, std::uint64_t seed, absl::Time now);

  // Restarts the proxies that are due.
  void RestartProxies(absl::Time now);
  // Counts the answers of one step, spread over the proxies.
  void Count(const StatusCounts& answers);

  const std::string& code() const { return code_; }
  const std::vector<EdgeProxy>& proxies() const { return proxies_; }

 private:
  std::string code_;
  RandomStream random_;
  std::vector<EdgeProxy> proxies_;  // one or two
  std::size_t turn_ = 0;            // who gets the odd request
};

}  // namespace placer::flysim
