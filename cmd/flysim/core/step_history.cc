#include "cmd/flysim/core/step_history.h"

#include <algorithm>

namespace placer::flysim {

StepHistory::StepHistory(std::size_t steps, std::size_t edges)
    : steps_(std::max<std::size_t>(steps, 1)),
      edges_(edges),
      requests_(steps_ * edges),
      machine_up_(steps_),
      first_requests_(edges) {}

void StepHistory::Append(const std::vector<std::int64_t>& requests, bool machine_up) {
  ++newest_;
  const std::size_t slot = Slot(newest_);
  for (std::size_t edge = 0; edge < edges_; ++edge) {
    requests_[slot * edges_ + edge] =
        static_cast<std::uint32_t>(std::min<std::int64_t>(requests[edge], UINT32_MAX));
    if (first_requests_[edge] == 0 && requests[edge] > 0) first_requests_[edge] = newest_;
  }
  machine_up_[slot] = machine_up;
}

std::int64_t StepHistory::oldest() const {
  return std::max<std::int64_t>(1, newest_ - static_cast<std::int64_t>(steps_) + 1);
}

std::int64_t StepHistory::requests(std::int64_t step, std::size_t edge) const {
  return requests_[Slot(step) * edges_ + edge];
}

bool StepHistory::machine_up(std::int64_t step) const {
  return machine_up_[Slot(step)];
}

}  // namespace placer::flysim
