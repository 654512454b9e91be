// StartState: an app as a controller may find it, wild but legal, with a policy and constant traffic. Seeded.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/machine_name.h"
#include "api/ownership.h"
#include "tests/simulation/stage.h"

namespace placer {

class StartState {
 public:
  explicit StartState(int seed) : seed_(seed), bits_(static_cast<std::uint64_t>(seed) * 7919 + 31) {
    DrawPolicy();
    DrawTraffic();
  }

  StageOptions MakeOptions() {
    StageOptions options{.seed = static_cast<std::uint64_t>(seed_) + 1, .policy = policy_};
    options.initial_regions.clear();
    if (!Chance(0.05)) options.initial_regions.push_back(Pick(regions_));
    if (Chance(0.2)) options.initial_regions.push_back(Pick(regions_));
    return options;
  }
  // What stands on the platform when the controller comes.
  void Fill(Stage& stage) {
    stage.SetTraffic(levels_, /*since_ever=*/true);
    for (const std::string& region : regions_) {
      for (int i = Chance(0.45) ? 0 : Between(1, 3); i > 0; --i) AddMachine(stage.world(), region, i);
    }
    if (Chance(0.8)) stage.RunFor(absl::Seconds(Between(1, 150)));
    stage.judge().TakeStock();  // whatever led to this, the controller did not do it
    int healthy = 0;
    for (const auto& [region, count] : stage.Serving()) healthy += count;
    stage.judge().set_floor(std::min(healthy, 1));
  }

  const PlacementPolicy& policy() const { return policy_; }
  const std::map<std::string, double>& levels() const { return levels_; }
  const std::vector<std::string>& regions() const { return regions_; }

 private:
  double Uniform() { return static_cast<double>(bits_() >> 11) * 0x1.0p-53; }
  bool Chance(double probability) { return Uniform() < probability; }
  int Between(int low, int high) { return low + static_cast<int>(Uniform() * (high - low + 1)); }
  template <typename T>
  const T& Pick(const std::vector<T>& list) {
    return list[Between(0, static_cast<int>(list.size()) - 1)];
  }

  void DrawPolicy() {
    policy_ = MakeHastyPolicy();
    policy_.adopt = Chance(0.3) ? Adopt::kAll : Adopt::kCreated;
    policy_.threshold.attribution = Chance(0.5) ? Attribution::kNearest : Attribution::kNone;
    policy_.behavior.method = Pick<RemovalMethod>(
        {RemovalMethod::kDestroy, RemovalMethod::kDestroy, RemovalMethod::kStop, RemovalMethod::kSuspend});
    CapacitySpec& capacity = policy_.capacity;
    capacity.per_region_min = Chance(0.7) ? 1 : 2;
    if (Chance(0.4)) capacity.per_region_max = capacity.per_region_min + Between(0, 2);
    capacity.total_max = Between(4, 12);
    capacity.total_min = Between(1, 3);
    const bool limited = Chance(0.4);
    for (const std::string& region : regions_) {
      if (Chance(0.2)) {
        policy_.regions.excluded.push_back(region);
      } else {
        if (limited && Chance(0.7)) policy_.regions.allowed.push_back(region);
        const int floors =
            static_cast<int>(policy_.regions.always_running.size() + 1) * capacity.per_region_min;
        if (Chance(0.1) && floors <= capacity.total_max) policy_.regions.always_running.push_back(region);
      }
    }
    policy_.behavior.scale_up.cooldown = absl::Seconds(Between(0, 20));
    policy_.behavior.scale_down.cooldown = absl::Seconds(Between(0, 30));
    policy_.behavior.scale_up.max_actions = Between(1, 4);
    policy_.behavior.scale_down.max_actions = Between(1, 3);
    policy_.behavior.scale_up.per = policy_.behavior.scale_down.per = absl::Seconds(20);
  }
  void DrawTraffic() {
    for (const std::string& region : regions_) {
      const double draw = Uniform();
      levels_[region] = draw < 0.5 ? 0 : draw < 0.65 ? 30 : 200 + 100 * Between(0, 8);
    }
  }
  void AddMachine(flysim::World& world, const std::string& region, int slot) {
    flysim::MachineSpec spec{.region = region};
    const bool ours = Chance(0.6);
    if (ours) {
      // One without our name is somebody's clone of ours: it carries our marks, and is not ours.
      if (Chance(0.8)) spec.name = MakeMachineName(policy_.name, region, slot, Between(1, 3));
      spec.metadata[kMetadataPolicy] = policy_.name;
      spec.metadata[kMetadataIntent] = spec.name;
      if (Chance(0.2) && !spec.name.empty()) {
        spec.metadata[kMetadataReleaseId] = "rel_old";
        spec.metadata[kMetadataReleaseVersion] = "0";
      }
    } else if (Chance(0.1)) {
      spec.metadata[kMetadataPolicy] = "another";
    }
    if (Chance(0.05)) {
      spec.metadata[kMetadataOwner] = FormatClaim(Chance(0.5) ? "controller-1" : "controller-0",
                                                  world.now() - absl::Minutes(Between(1, 30)),
                                                  world.now() - absl::Minutes(Between(1, 30)));
    }
    if (Chance(0.1)) spec.process_group = "worker";
    if (Chance(0.03)) spec.process_group = "fly_app_release_command";
    spec.state =
        Pick<std::string>({"started", "started", "started", "stopped", "suspended", "created", "failed"});
    spec.cordoned = Chance(0.15);
    if (ours && spec.state == "stopped" && Chance(0.3)) {
      spec.metadata[kMetadataParked] = policy_.name;
      spec.cordoned = true;
    }
    const std::string id = world.AddMachine(spec);
    Stir(world, id, spec.state);
  }
  // Some are found in the middle of something.
  void Stir(flysim::World& world, const std::string& id, const std::string& state) {
    const auto change = [&](MachineChange::Kind kind) {
      world.Apply({.kind = kind, .machine_id = id}).IgnoreError();
    };
    if (Chance(0.15)) {
      if (state == "started") change(MachineChange::Kind::kStop);
      if (state == "stopped") change(MachineChange::Kind::kStart);
      if (state == "suspended" || state == "failed") change(MachineChange::Kind::kDestroy);
    }
    if (Chance(0.05)) world.SetChecksPassing(id, false);
    if (Chance(0.05)) world.SetHostStatus(id, Chance(0.5) ? "unreachable" : "unknown", Chance(0.3));
  }

  int seed_;
  std::mt19937_64 bits_;
  const std::vector<std::string> regions_ = {"ams", "fra", "iad", "lhr", "nrt", "syd"};
  PlacementPolicy policy_;
  std::map<std::string, double> levels_;
};

}  // namespace placer
