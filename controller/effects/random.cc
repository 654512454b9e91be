#include "controller/effects/random.h"

namespace placer {
namespace {

double UniformOf(std::mt19937_64& engine) {
  return static_cast<double>(engine() >> 11) * 0x1.0p-53;
}

}  // namespace

SystemRandom::SystemRandom() : engine_(std::random_device{}()) {}
double SystemRandom::Uniform() {
  return UniformOf(engine_);
}

SimulatedRandom::SimulatedRandom(std::uint64_t seed) : engine_(seed) {}
double SimulatedRandom::Uniform() {
  return UniformOf(engine_);
}

}  // namespace placer
