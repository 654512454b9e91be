#include "cmd/flysim/core/served_history.h"

namespace placer::flysim {

void ServedHistory::Append(const Fleet& fleet) {
  ++newest_;
  const std::size_t slot = static_cast<std::size_t>(newest_) % steps_;
  for (auto& [region, ring] : rings_) ring.steps[slot] = {};
  for (const auto& [id, machine] : fleet.machines()) {
    if (machine->step_requests == 0) continue;
    Ring& ring = rings_[machine->machine.region];
    if (ring.steps.empty()) {
      ring.steps.resize(steps_);
      ring.first_step = newest_;
    }
    Step& step = ring.steps[slot];
    step.requests += static_cast<std::uint32_t>(machine->step_requests);
    step.errors += static_cast<std::uint32_t>(machine->step_errors);
    step.concurrency += static_cast<float>(machine->concurrency);
  }
}

std::map<std::string, Served> ServedHistory::Count(std::int64_t first, std::int64_t last) const {
  std::map<std::string, Served> counts;
  for (const auto& [region, ring] : rings_) {
    if (ring.first_step > last) continue;
    Served& served = counts[region];
    for (std::int64_t number = first; number <= last; ++number) {
      const Step& step = ring.steps[static_cast<std::size_t>(number) % steps_];
      served.requests += step.requests;
      served.errors += step.errors;
      served.concurrency += static_cast<double>(step.concurrency);
    }
    served.concurrency /= static_cast<double>(last - first + 1);
  }
  return counts;
}

}  // namespace placer::flysim
