// Random: the only source of chance (jitter of timers and retries). The simulated one is seeded.
#pragma once

#include <cstdint>
#include <random>

namespace placer {

class Random {
 public:
  virtual ~Random() = default;
  virtual double Uniform() = 0;  // in [0, 1)
};

class SystemRandom final : public Random {
 public:
  SystemRandom();
  double Uniform() override;

 private:
  std::mt19937_64 engine_;
};

class SimulatedRandom final : public Random {
 public:
  explicit SimulatedRandom(std::uint64_t seed);
  double Uniform() override;

 private:
  std::mt19937_64 engine_;
};

}  // namespace placer
