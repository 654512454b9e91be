// RandomStream: the world's only chance. splitmix64 with samplers of its own, since the distributions of the
// standard library may differ from one library to the next, and a seed must mean the same world everywhere.
// Each purpose has a stream of its own, so that one region's traffic does not depend on how much another
// draws.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace placer::flysim {

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, absl::string_view purpose);

  std::uint64_t Next();
  double Uniform();                          // in [0, 1)
  std::uint64_t Below(std::uint64_t bound);  // in [0, bound), bound > 0
  double Exponential(double mean);
  // A count with this mean; from a mean of 30 on its normal approximation.
  std::int64_t Poisson(double mean);

 private:
  std::uint64_t state_;
};

}  // namespace placer::flysim
