// Scene: a platform, its traffic and a controller with the real decision code, in one virtual time. Calls
// take a random while, so that kills and triggers also fall into the middle of a pass.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "cmd/autoplacer/demo_platform.h"
#include "cmd/flysim/core/world.h"
#include "controller/effects/forwarding_machines.h"
#include "reconcilers/placement/placement_reconciler.h"
#include "tests/simulated/fake_machines.h"
#include "tests/simulated/fake_traffic.h"
#include "tests/simulated/virtual_run.h"
#include "tests/simulation/trace.h"

namespace placer {

// Delays every call of another platform and Prometheus by up to `most`, and lets Prometheus fail on demand.
class SlowPlatform final : public ForwardingMachines, public TrafficApi {
 public:
  SlowPlatform(MachinesApi& machines, TrafficApi& traffic, Clock& clock, absl::Duration most,
               std::uint64_t seed)
      : ForwardingMachines(machines), traffic_(traffic), clock_(clock), most_(most), random_(seed) {}

  absl::Status traffic_error;
  int calls = 0;  // of both
  // What becomes of each answer of Prometheus, if set.
  std::function<absl::StatusOr<Traffic>(Traffic answer)> alter_traffic;

  Task<absl::StatusOr<Traffic>> Fetch(PlacementPolicy policy, absl::Time end, int points) override {
    co_await Delay();
    if (!traffic_error.ok()) co_return traffic_error;
    absl::StatusOr<Traffic> answer = co_await traffic_.Fetch(std::move(policy), end, points);
    if (answer.ok() && alter_traffic) answer = alter_traffic(*std::move(answer));
    co_return answer;
  }

 private:
  Task<absl::Status> Intercept(MachinesCall, Forward forward) override {
    co_await Delay();
    co_return co_await forward();
  }
  Task<void> Delay() {
    ++calls;
    if (most_ > absl::ZeroDuration()) co_await clock_.SleepUntil(clock_.Now() + most_ * random_.Uniform());
  }

  TrafficApi& traffic_;
  Clock& clock_;
  absl::Duration most_;
  SimulatedRandom random_;
};

// A platform whose list never changes, and traffic that is a pure function of seed, region and data point:
// regimes that last for a while on either side of the thresholds, noise, and data as bad as servers give:
// gaps, and NaN.
class SyntheticPlatform final {
 public:
  explicit SyntheticPlatform(std::uint64_t seed) : seed_(seed) {
    machines.Add("m1", "fra");
    machines.Add("m2", "iad");
    traffic.regions = {"ams", "fra", "iad", "nrt", "syd", "xxx"};  // xxx has no coordinates
    traffic.count = [this](const std::string& region, absl::Time end) { return Count(region, end); };
  }

  FakeMachines machines;
  FakeTraffic traffic;

 private:
  // In [0, 1), a hash of its arguments and the seed.
  double Draw(const std::string& what, std::int64_t when) const {
    std::uint64_t mixed = seed_ * 1'000'003 + static_cast<std::uint64_t>(when);
    const auto mix = [&mixed] {
      mixed ^= mixed >> 31;
      mixed *= 0x9E3779B97F4A7C15u;
      mixed ^= mixed >> 29;
    };
    mix();
    for (const char c : what) {
      mixed += static_cast<unsigned char>(c);
      mix();
    }
    return static_cast<double>(mixed >> 11) * 0x1.0p-53;
  }
  std::optional<double> Count(const std::string& region, absl::Time end) const {
    const std::int64_t minute = absl::ToUnixSeconds(end) / 60;
    if (Draw("blind", minute / 11) < 0.1) return std::nullopt;  // nothing anywhere
    if (Draw("gap" + region, minute / 5) < 0.1) return std::nullopt;
    if (Draw("nan" + region, minute / 3) < 0.01) return std::nan("");
    constexpr double kLevels[] = {0, 1, 2, 3, 8, 12, 20, 40};  // per minute; thresholds are 2 and 10
    const double level = kLevels[static_cast<int>(8 * Draw("level" + region, minute / 17))];
    return std::floor(level * (0.6 + 0.8 * Draw("noise" + region, minute)));
  }

  std::uint64_t seed_;
};

struct SceneOptions {
  bool synthetic = false;             // else the world
  std::uint64_t seed = 1;             // of the world
  std::uint64_t controller_seed = 1;  // of jitter and latency
  absl::Duration latency;             // of each call, at most
  PlacementPolicy policy;
  double requests_per_second = 4;
  double day_speed = 6;
  std::vector<std::string> initial_regions = {"fra", "iad"};
};

class Scene {
 public:
  explicit Scene(const SceneOptions& options)
      : policy_(options.policy),
        run_(options.controller_seed),
        world_({.seed = options.seed,
                .start = VirtualStart(),
                .day_speed = options.day_speed,
                .requests_per_second = options.requests_per_second,
                .app = options.policy.app,
                .initial_regions = options.initial_regions}),
        machines_(world_, run_.clock()),
        traffic_(world_, run_.clock()),
        synthetic_(options.seed),
        slow_(options.synthetic ? static_cast<MachinesApi&>(synthetic_.machines) : machines_,
              options.synthetic ? static_cast<TrafficApi&>(synthetic_.traffic) : traffic_, run_.clock(),
              options.latency, options.controller_seed) {
    run_.store().on_commit = [this](const PassRecord& record) {
      trace_.Take(record);
      if (on_pass) on_pass(record);
    };
    Start();
  }

  std::function<void(const PassRecord&)> on_pass;

  void Start() {
    run_.Start(slow_, slow_, reconciler_);
    Apply(policy_);
  }
  void Apply(const PlacementPolicy& policy) {
    policy_ = policy;
    run_.controller().Apply({policy});
    run_.time().Settle();
  }
  VirtualRun& run() { return run_; }
  flysim::World& world() { return world_; }
  SlowPlatform& platform() { return slow_; }
  const PlacementPolicy& policy() const { return policy_; }
  const Trace& trace() const { return trace_; }

 private:
  PlacementPolicy policy_;
  Trace trace_;
  PlacementReconciler reconciler_;
  VirtualRun run_;
  flysim::World world_;
  DemoMachines machines_;
  DemoTraffic traffic_;
  SyntheticPlatform synthetic_;
  SlowPlatform slow_;
};

}  // namespace placer
