// Judge: what must never be seen, told by the platform's own records and not by the controller. No machine
// twice, none left behind, nobody else's touched, never above a ceiling, never below a floor.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/machine_name.h"
#include "api/ownership.h"
#include "api/policy.h"
#include "cmd/flysim/core/world.h"

namespace placer {

class Judge {
 public:
  Judge(flysim::World& world, const PlacementPolicy& policy) : world_(world), policy_(policy) { TakeStock(); }

  const std::vector<std::string>& crimes() const { return crimes_; }
  void set_floor(int floor) { floor_ = floor; }
  void AddForeign(const std::string& id) { foreign_.insert(id); }
  // What came before is judged by the policy before. Where a ceiling falls below what stands, take stock
  // again.
  void set_policy(const PlacementPolicy& policy) {
    Look();
    policy_ = policy;
  }
  // What is there now was so before the controller came, and is not its doing.
  void TakeStock() {
    most_at_start_ = 0;
    crimes_.clear();
    judged_ = world_.writes().size();
    most_in_region_.clear();
    slots_at_start_.clear();
    in_transit_.clear();
    always_.clear();
    present_ = 0;
    for (const Machine& machine : world_.machines()) {
      if (!IsMadeBy(machine, policy_.name)) foreign_.insert(machine.id);
      if (machine.cordoned) in_transit_.insert(machine.id);
      if (!Counts(machine)) continue;
      ++most_at_start_;
      ++most_in_region_[machine.region];
      ++slots_at_start_[SlotOf(machine)];
    }
  }

  // After each moment in which something may have happened.
  void Look() {
    for (; judged_ < world_.writes().size(); ++judged_) JudgeWrite(world_.writes()[judged_]);
    std::map<std::string, int> names;
    std::map<std::string, int> slots;
    std::map<std::string, int> open;  // machines that neither enter nor leave, by region
    int machines = 0;
    int healthy = 0;
    int present = 0;
    for (const Machine& machine : world_.machines()) {
      if (!Counts(machine)) continue;
      ++machines;
      healthy += IsHealthy(machine);
      if (!in_transit_.contains(machine.id)) {
        ++present;
        ++open[machine.region];
      }
      if (!IsMadeBy(machine, policy_.name)) continue;
      if (++names[machine.name] > 1) Charge("a name twice: ", machine.name);
      const std::string slot = SlotOf(machine);
      if (!slot.empty() && machine.host_status == "ok" && ++slots[slot] > std::max(1, slots_at_start_[slot]))
        Charge("a slot twice: ", machine.name);
      JudgeLease(machine);
    }
    if (machines > std::max(policy_.capacity.total_max, most_at_start_))
      Charge("above total.max: ", machines);
    if (healthy < floor_) Charge("below the floor: ", healthy);
    if (present < policy_.capacity.total_min && present < present_) Charge("below total.min: ", present);
    present_ = present;
    JudgeRegions(open);
  }

  // When all is quiet: nothing of ours is left in between.
  void LookAtRest() {
    Look();
    for (const Machine& machine : world_.machines()) {
      if (!Counts(machine)) continue;
      if (machine.lease) Charge("a lease is left: ", absl::StrCat(machine.id, " ", machine.name));
      if (!IsMadeBy(machine, policy_.name) || machine.host_status != "ok") continue;
      if (machine.cordoned && !IsParked(machine))
        Charge("an orphan: ", absl::StrCat(machine.name, " is cordoned and ", machine.state));
    }
  }

 private:
  bool Counts(const Machine& machine) const {
    return Exists(machine) && IsServiceMachine(machine) && machine.process_group == policy_.process_group &&
           !IsParked(machine);
  }
  std::string SlotOf(const Machine& machine) const {
    const auto parts = ParseMachineName(machine.name, policy_.name, machine.region);
    return parts ? absl::StrCat(machine.region, "/", parts->slot) : "";
  }
  void JudgeLease(const Machine& machine) {
    const absl::Duration longest = policy_.behavior.drain_timeout + absl::Minutes(2) + absl::Seconds(2);
    if (machine.lease && machine.lease->expires_at > world_.now() + longest)
      Charge("a lease for too long: ", machine.name);
  }
  void JudgeRegions(const std::map<std::string, int>& open) {
    for (const auto& [region, count] : open) {
      if (!policy_.capacity.per_region_max) continue;
      if (count > std::max(*policy_.capacity.per_region_max, most_in_region_[region]))
        Charge("above perRegion.max: ", absl::StrCat(count, " in ", region));
    }
    for (const std::string& region : policy_.regions.always_running) {
      const auto found = open.find(region);
      const int now = found == open.end() ? 0 : found->second;
      int& before = always_[region];
      if (now < before && now < policy_.capacity.per_region_min)
        Charge("below alwaysRunning: ", absl::StrCat(now, " in ", region));
      before = now;
    }
  }
  void JudgeWrite(const flysim::WriteRecord& write) {
    if (write.ok && (write.kind == "create" || write.kind == "cordon")) in_transit_.insert(write.machine_id);
    if (write.ok && write.kind == "uncordon") in_transit_.erase(write.machine_id);
    const bool harmless = write.kind == "set_metadata" || write.kind == "create_volume";
    if (write.ok && !harmless && foreign_.contains(write.machine_id) && policy_.adopt == Adopt::kCreated) {
      Charge("a foreign machine touched: ", absl::StrCat(write.kind, " ", write.machine_id));
    }
  }
  template <typename T>
  void Charge(const char* what, const T& detail) {
    if (crimes_.size() < 20) {
      crimes_.push_back(
          absl::StrCat(absl::FormatTime("%H:%M:%S", world_.now(), absl::UTCTimeZone()), " ", what, detail));
    }
  }

  flysim::World& world_;
  PlacementPolicy policy_;
  std::set<std::string> foreign_;
  std::vector<std::string> crimes_;
  std::size_t judged_ = 0;
  int floor_ = 1;
  int most_at_start_ = 0;
  int present_ = 0;
  std::map<std::string, int> most_in_region_;
  std::map<std::string, int> slots_at_start_;
  std::map<std::string, int> always_;
  std::set<std::string> in_transit_;  // cordoned, or created and not uncordoned yet
};

}  // namespace placer
