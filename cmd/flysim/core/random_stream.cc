#include "cmd/flysim/core/random_stream.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace placer::flysim {

RandomStream::RandomStream(std::uint64_t seed, absl::string_view purpose) : state_(14695981039346656037u) {
  for (const char c : purpose) {  // FNV-1a
    state_ = (state_ ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  state_ ^= seed * 0x9e3779b97f4a7c15u;
  Next();
}

std::uint64_t RandomStream::Next() {
  state_ += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

double RandomStream::Uniform() {
  return static_cast<double>(Next() >> 11) * 0x1p-53;
}

std::uint64_t RandomStream::Below(std::uint64_t bound) {
  return std::min(static_cast<std::uint64_t>(Uniform() * static_cast<double>(bound)), bound - 1);
}

double RandomStream::Exponential(double mean) {
  return -mean * std::log1p(-Uniform());
}

std::int64_t RandomStream::Poisson(double mean) {
  if (!(mean > 0)) return 0;
  if (mean < 30) {
    // Counts how many uniform factors fit until their product falls below exp(-mean).
    const double limit = std::exp(-mean);
    std::int64_t count = 0;
    for (double product = Uniform(); product > limit; product *= Uniform()) ++count;
    return count;
  }
  const double radius = std::sqrt(-2 * std::log1p(-Uniform()));
  const double normal = radius * std::cos(2 * std::numbers::pi * Uniform());
  return std::max<std::int64_t>(0, std::llround(mean + std::sqrt(mean) * normal));
}

}  // namespace placer::flysim
