// PlatformSource: the platform's regions, asked for once an hour and shared by every policy. Until it has
// answered, or where the token may not ask, the embedded table stands in. An answer that opens other regions
// than the one before is asked for again a minute later: see Platform::confirmed.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "api/region.h"
#include "controller/effects/clock.h"
#include "controller/effects/machines.h"
#include "controller/telemetry/log.h"

namespace placer {

class PlatformSource {
 public:
  PlatformSource(Clock& clock, MachinesApi& machines, Log& log,
                 std::map<std::pair<std::string, std::string>, double> rtt_ms);

  // Asks if an answer is due. Never fails: on error the last known regions stay.
  Task<void> Refresh();
  // Never null. What is held stays as it was.
  std::shared_ptr<const Platform> last() const { return platform_; }

 private:
  Clock& clock_;
  MachinesApi& machines_;
  Log& log_;
  std::shared_ptr<const Platform> platform_;
  absl::Time next_ = absl::InfinitePast();
  bool asking_ = false;
};

}  // namespace placer
