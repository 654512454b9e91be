// Generator: worlds for property tests, wild but legal: any state of machines, foreign ones, any history, any
// coverage of traffic. Seeded, and equal on every platform.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/reconcilers/builders.h"

namespace placer {

class Generator {
 public:
  explicit Generator(int seed) : bits_(static_cast<std::uint64_t>(seed) * 7919 + 17) {}

  double Uniform() { return static_cast<double>(bits_() >> 11) * 0x1.0p-53; }
  bool Chance(double probability) { return Uniform() < probability; }
  // Both ends included.
  int Between(int low, int high) { return low + static_cast<int>(Uniform() * (high - low + 1)); }
  template <typename T>
  const T& Pick(const std::vector<T>& list) {
    return list[Between(0, static_cast<int>(list.size()) - 1)];
  }
  template <typename T>
  void Shuffle(std::vector<T>& list) {
    for (int i = static_cast<int>(list.size()) - 1; i > 0; --i) std::swap(list[i], list[Between(0, i)]);
  }

  ThresholdSpec Threshold() {
    ThresholdSpec spec;
    spec.short_window = Between(2, 8);
    spec.long_window = Between(spec.short_window, 20);
    spec.alpha_short = Between(0, 9) / 10.0;
    spec.alpha_long = Between(0, 9) / 10.0;
    spec.deploy = Between(20, 100);
    spec.remove = Between(1, 19);
    return spec;
  }

  Scenario World() {
    Scenario world;
    world.policy = Policy();
    FillMachines(world);
    FillTraffic(world);
    FillHistory(world);
    if (Chance(0.3)) world.seen.primary_region = Pick(regions_);
    if (Chance(0.1)) world.seen.self = {Pick(regions_) + "-1", Chance(0.5) ? "app" : "autoplacer"};
    return world;
  }

 private:
  PlacementPolicy Policy() {
    PlacementPolicy policy = MakePolicy();
    policy.threshold = Threshold();
    policy.threshold.attribution = Chance(0.5) ? Attribution::kNearest : Attribution::kNone;
    policy.adopt = Chance(0.5) ? Adopt::kAll : Adopt::kCreated;
    policy.regions = {};
    for (const std::string& region : regions_) {
      if (Chance(0.2)) {
        policy.regions.excluded.push_back(region);
      } else {
        if (Chance(0.5)) policy.regions.allowed.push_back(region);
        if (Chance(0.1)) policy.regions.always_running.push_back(region);
      }
    }
    CapacitySpec& capacity = policy.capacity;
    capacity.per_region_min = Between(1, 2);
    if (Chance(0.5)) capacity.per_region_max = capacity.per_region_min + Between(0, 2);
    capacity.total_max = Between(1, 12);
    capacity.total_min = Between(1, std::min(3, capacity.total_max));
    capacity.max_creates_per_hour = Between(0, 10);
    for (ScalingBehavior* behavior : {&policy.behavior.scale_up, &policy.behavior.scale_down}) {
      behavior->max_actions.reset();
      if (Chance(0.5)) behavior->max_actions = Between(1, 4);
      behavior->cooldown = absl::Minutes(Between(0, 10));
      behavior->stabilization_window = absl::Minutes(Between(0, 5));
    }
    return policy;
  }

  void FillMachines(Scenario& world) {
    const std::vector<std::string> states = {"started",   "started",   "started",   "created",
                                             "starting",  "stopping",  "stopped",   "failed",
                                             "suspended", "replacing", "destroyed", "destroying"};
    for (const std::string& region : regions_) {
      for (int i = Chance(0.5) ? 0 : Between(1, 3); i > 0; --i) {
        Machine machine = MakeMachine(absl::StrCat(region, "-", i), region);
        machine.state = Pick(states);
        machine.created_at -= absl::Minutes(Between(0, 2));
        machine.cordoned = Chance(0.1);
        machine.is_standby = Chance(0.05);
        machine.is_release_command = Chance(0.05);
        if (Chance(0.1)) machine.host_status = "unreachable";
        if (Chance(0.1)) machine.checks = {{.name = "http", .status = "critical"}};
        if (Chance(0.3)) machine.metadata.clear();
        if (Chance(0.2)) machine.process_group = Chance(0.5) ? "" : "worker";
        world.Add(std::move(machine));
      }
    }
  }

  void FillTraffic(Scenario& world) {
    Traffic& traffic = world.seen.traffic;
    for (const std::string& region : regions_) {
      if (Chance(0.3)) continue;
      const double before = Between(0, 3) * 15;
      const double after = Between(0, 8) * 15;
      auto values = Step(before, after, Between(0, 60));
      for (PointValue& value : values) {
        if (value) *value = std::floor(*value * (0.8 + 0.4 * Uniform()));
      }
      if (Chance(0.1)) values[Between(30, 59)].reset();
      if (Chance(0.05)) values[Between(30, 59)] = -1;
      world.Requests(region, std::move(values));
    }
    if (Chance(0.1)) traffic.witnessed[Between(30, 59)] = false;
    if (Chance(0.05)) traffic.witnessed.assign(60, false);
    traffic.partial_answer = Chance(0.1);
    if (Chance(0.1)) world.PrometheusDown();
    if (Chance(0.1)) world.now += absl::Minutes(5);
  }

  void FillHistory(Scenario& world) {
    for (const std::string& region : regions_) {
      if (Chance(0.5)) world.LastTarget(region, Chance(0.5));
      if (Chance(0.3)) {
        world.LastAction(region, Chance(0.5) ? Action::kDeploy : Action::kRemove,
                         absl::Minutes(Between(0, 15)), Chance(0.8));
      }
      if (Chance(0.3)) world.history.regions[region].machines = Between(0, 2);
    }
    for (int i = Between(0, 5); i > 0; --i) {
      world.Acted(Chance(0.5) ? Action::kDeploy : Action::kRemove, absl::Seconds(Between(0, 5000)), 1,
                  Chance(0.3));
    }
    if (Chance(0.8)) world.history.decided_point = world.seen.traffic.end - absl::Minutes(Between(0, 10));
  }

  const std::vector<std::string> regions_ = {"ams", "cdg", "fra", "iad", "lhr", "mad", "nrt", "syd", "zzz"};
  std::mt19937_64 bits_;
};

}  // namespace placer
