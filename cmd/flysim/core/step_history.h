// StepHistory: what the world remembers of its last steps, in a ring of fixed size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace placer::flysim {

class StepHistory {
 public:
  StepHistory(std::size_t steps, std::size_t edges);

  void Append(const std::vector<std::int64_t>& requests, bool machine_up);

  // Steps are numbered from 1; all below oldest() are forgotten.
  std::int64_t newest() const { return newest_; }
  std::int64_t oldest() const;
  std::int64_t requests(std::int64_t step, std::size_t edge) const;
  bool machine_up(std::int64_t step) const;
  // The step of the edge's first request; 0: none yet. Never forgotten.
  std::int64_t first_request(std::size_t edge) const { return first_requests_[edge]; }

 private:
  std::size_t Slot(std::int64_t step) const { return static_cast<std::size_t>(step) % steps_; }

  std::size_t steps_;
  std::size_t edges_;
  std::int64_t newest_ = 0;
  std::vector<std::uint32_t> requests_;  // steps x edges
  std::vector<bool> machine_up_;
  std::vector<std::int64_t> first_requests_;
};

}  // namespace placer::flysim
