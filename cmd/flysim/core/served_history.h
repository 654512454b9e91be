// ServedHistory: what machines answered in the last steps, by their region, in rings of fixed size. A region
// takes room from its first request on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cmd/flysim/core/fleet.h"
#include "cmd/flysim/core/records.h"

namespace placer::flysim {

class ServedHistory {
 public:
  explicit ServedHistory(std::size_t steps) : steps_(steps == 0 ? 1 : steps) {}

  // Reads off what each machine did in the step that has just been routed.
  void Append(const Fleet& fleet);
  // Steps from `first` to `last`, numbered from 1, both remembered. Regions whose first request came later
  // are absent.
  std::map<std::string, Served> Count(std::int64_t first, std::int64_t last) const;

 private:
  struct Step {
    std::uint32_t requests = 0;
    std::uint32_t errors = 0;
    float concurrency = 0;
  };
  struct Ring {
    std::int64_t first_step = 0;
    std::vector<Step> steps;
  };

  std::size_t steps_;
  std::int64_t newest_ = 0;
  std::map<std::string, Ring> rings_;  // by region
};

}  // namespace placer::flysim
