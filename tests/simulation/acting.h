// ActingScene: an app on the local platform with a controller in mode Active that really creates and destroys
// its machines, in virtual time. After every write the platform's own records are judged: no machine twice,
// none left behind, nobody else's touched, never above a ceiling, never below a floor.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/ownership.h"
#include "cmd/autoplacer/demo_platform.h"
#include "cmd/flysim/core/world.h"
#include "reconcilers/placement/placement_reconciler.h"
#include "tests/simulated/virtual_run.h"
#include "tests/simulation/judge.h"
#include "tests/simulation/story.h"

namespace placer {

// A policy that acts fast: the figures of an impatient operator.
inline PlacementPolicy MakeActingPolicy() {
  PlacementPolicy policy = MakePolicy();
  policy.mode = Mode::kActive;
  policy.behavior.scale_down.cooldown = absl::Minutes(2);
  policy.behavior.scale_down.stabilization_window = absl::Minutes(1);
  policy.threshold.short_window = 3;
  policy.threshold.long_window = 5;
  return policy;
}

struct ActingOptions {
  std::uint64_t seed = 1;
  PlacementPolicy policy = MakeActingPolicy();
  double requests_per_second = 20;
  std::vector<std::string> initial_regions = {"fra"};
  absl::Duration past = absl::Minutes(30);  // the world's, before the controller starts: windows are covered
};

class ActingScene {
 public:
  explicit ActingScene(const ActingOptions& options)
      : policy_(options.policy),
        run_(options.seed),
        world_({.seed = options.seed,
                .start = VirtualStart() - options.past,
                .requests_per_second = options.requests_per_second,
                .app = options.policy.app,
                .initial_regions = options.initial_regions}),
        machines_(world_, run_.clock()),
        traffic_(world_, run_.clock()),
        judge_(Advance(), policy_) {}

  VirtualRun& run() { return run_; }
  flysim::World& world() { return world_; }
  Judge& judge() { return judge_; }
  MachinesApi& machines() { return machines_; }
  TrafficApi& traffic() { return traffic_; }
  const PlacementPolicy& policy() const { return policy_; }

  void Start(const std::string& owner = "controller-1") {
    run_.Start(machines_, traffic_, reconciler_, {.owner_id = owner});
    Apply(policy_);
  }
  // Starts where only these regions have users, and every window that a decision reads knows it.
  void StartWithTrafficIn(const std::vector<std::string>& regions) {
    WaitWithTrafficIn(regions);
    Start();
  }
  void WaitWithTrafficIn(const std::vector<std::string>& regions) {
    OnlyTrafficIn(regions);
    RunFor(absl::Minutes(12), absl::Seconds(10));
  }
  void Apply(const PlacementPolicy& policy) {
    policy_ = policy;
    judge_.set_policy(policy);
    run_.controller().Apply({policy});
    run_.time().Settle();
  }
  // Time passes in small steps, each of them judged.
  void RunFor(absl::Duration duration, absl::Duration step = absl::Seconds(1)) {
    const absl::Time until = run_.now() + duration;
    while (run_.now() < until) {
      run_.RunFor(std::min(step, until - run_.now()));
      world_.AdvanceTo(run_.now());
      judge_.Look();
    }
  }
  // True as soon as the condition holds; false after `bound`.
  bool RunUntil(const std::function<bool()>& condition, absl::Duration bound = absl::Minutes(60)) {
    const absl::Time until = run_.now() + bound;
    while (run_.now() < until) {
      if (condition()) return true;
      RunFor(absl::Seconds(1));
    }
    return condition();
  }

  // Only these regions have users from now on.
  void OnlyTrafficIn(const std::vector<std::string>& regions) {
    for (const Region& region : world_.regions()) {
      const bool on = std::find(regions.begin(), regions.end(), region.code) != regions.end();
      world_.SetTrafficFactor(region.code, on ? 1 : 0);
    }
  }
  // Machines that serve, by region.
  std::map<std::string, int> Serving() const { return CountServing(world_, policy_); }
  bool Serves(const std::string& region) const { return Serving().contains(region); }
  std::vector<Machine> MachinesIn(const std::string& region) const {
    std::vector<Machine> machines = world_.machines();
    std::erase_if(machines, [&](const Machine& machine) { return machine.region != region; });
    return machines;
  }
  std::size_t CountWrites() const { return world_.writes().size(); }
  std::string Story() { return TellWrites(world_) + TellStatus(run_.StatusOf(), "controller"); }

 private:
  flysim::World& Advance() {
    world_.AdvanceTo(run_.now());
    return world_;
  }

  PlacementPolicy policy_;
  PlacementReconciler reconciler_;
  VirtualRun run_;
  flysim::World world_;
  DemoMachines machines_;
  DemoTraffic traffic_;
  Judge judge_;
};

}  // namespace placer
