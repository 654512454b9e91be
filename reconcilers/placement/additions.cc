// The planner's additions: placed and always-running regions that lack machines, swaps at the ceiling, and
// the region that takes over before policy empties the last healthy one.
#include <algorithm>

#include "api/machine_name.h"
#include "reconcilers/placement/guards.h"
#include "reconcilers/placement/planner.h"

namespace placer {
namespace {

// Additions go from the top of the rank, by what the traffic is now.
bool IsAddedBefore(const RegionState* a, const RegionState* b) {
  if (a->always_running != b->always_running) return a->always_running;
  if (a->primary != b->primary) return a->primary;
  const double x = a->traffic.short_average.value_or(0);
  const double y = b->traffic.short_average.value_or(0);
  if (x != y) return x > y;
  return a->code < b->code;
}

bool HasStartingMachine(const PassState& pass, const RegionState& region) {
  return std::any_of(pass.input.seen.machines.begin(), pass.input.seen.machines.end(),
                     [&](const Machine& machine) {
                       return machine.region == region.code && IsOfGroup(pass.input.policy, machine) &&
                              (machine.state == "created" || machine.state == "starting");
                     });
}

}  // namespace

int Planner::CountMissing(const RegionState& region) const {
  if (!region.may_host() || pass_.own_group || !(region.always_running || region.placed)) return 0;
  const int missing = policy_.capacity.per_region_min - (region.observed - region.lost);
  const int room = policy_.capacity.per_region_max.value_or(region.observed + missing) - region.observed;
  return std::max(0, std::min(missing, room));
}

void Planner::PlanAdditions() {
  std::vector<RegionState*> order;
  for (RegionState& region : pass_.regions) {
    if (CountMissing(region) > 0) order.push_back(&region);
  }
  std::sort(order.begin(), order.end(), IsAddedBefore);
  for (RegionState* region : order) PlanAddition(*region);
}

void Planner::PlanAddition(RegionState& region) {
  if (!region.removing.empty()) return;  // a swap of this plan takes it out
  region.wanted = Action::kDeploy;
  const Reason why = region.always_running  ? Reason::kAlwaysRunningMissing
                     : region.observed == 0 ? Reason::kTrafficAboveThreshold
                                            : Reason::kBelowPerRegionMin;
  if (!region.always_running &&
      budget_.CooldownRemaining(region.history, Action::kDeploy) > absl::ZeroDuration()) {
    region.reason = Reason::kCooldown;
    return;
  }
  for (int missing = CountMissing(region); missing > 0; --missing) {
    if (!TryAdd(region, why)) return;
  }
}

// What speaks against one more machine here, before ceilings and budgets.
std::optional<Reason> Planner::FindCreateHold(const RegionState& region) const {
  if (IsFailing(region, pass_.input.now)) return Reason::kCreateFailing;
  const bool flips = region.history != nullptr && !region.always_running &&
                     IsReversing(policy_, *region.history, pass_.input.seen.traffic.end);
  if (flips) return Reason::kReversal;
  const bool acts = policy_.mode == Mode::kActive;
  const auto& source = history_.machine_template;
  if (source == nullptr) return acts ? std::optional(Reason::kNoTemplate) : std::nullopt;
  if (source->has_volumes && policy_.volumes == Volumes::kRefuse) return Reason::kVolumesRefused;
  return std::nullopt;
}

// The name of the next machine: of those that are there or planned, none bears it.
std::string Planner::PickName(const RegionState& region) const {
  std::vector<std::string> reserved;
  for (const Intent& intent : history_.intents) reserved.push_back(intent.machine_name);
  for (const PlannedAction& action : additions_) reserved.push_back(action.machine_name);
  for (const PlannedAction& action : swaps_) reserved.push_back(action.machine_name);
  return PickMachineName(policy_.name, region.code, pass_.input.seen.machines, reserved);
}

bool Planner::TryAdd(RegionState& region, Reason reason) {
  region.wanted = Action::kDeploy;
  if (TryReturn(region, reason)) return true;
  if (const std::optional<Reason> held = FindCreateHold(region)) {
    if (region.adding == 0) region.reason = held;
    return false;
  }
  if (claimed_ >= policy_.capacity.total_max) {
    // A place that is being vacated is waited for; a stand-in displaces nobody.
    const bool may_swap = reason != Reason::kReplacesExcluded && reason != Reason::kStandsIn &&
                          region.observed == 0 && region.adding == 0 &&
                          claimed_ - pass_.leaving >= policy_.capacity.total_max;
    if (may_swap && TrySwap(region)) return true;
    if (region.adding == 0) region.reason = Reason::kTotalMax;
    return false;
  }
  const bool may_act = budget_.CanAct(Action::kDeploy);
  if (!may_act || !budget_.CanCreate()) {
    if (region.adding == 0) region.reason = may_act ? Reason::kMaxCreatesPerHour : Reason::kMaxActions;
    region.unfinished = true;
    return false;
  }
  budget_.Spend(Action::kDeploy);
  ++claimed_;
  ++region.adding;
  region.reason = reason;
  additions_.push_back({.kind = PlannedAction::Kind::kCreate,
                        .region = region.code,
                        .machine_name = PickName(region),
                        .stands_in_for = region.adding_for,
                        .reason = reason});
  return true;
}

RegionState* Planner::FindSwapVictim(const RegionState& newcomer) {
  for (RegionState* region : from_bottom_) {
    if (region == &newcomer || region->removable.empty() || !region->removing.empty() || region->adding > 0)
      continue;
    if (region->always_running || region->primary || region->stands_in || !region->may_host()) continue;
    if (region->busy || static_cast<int>(region->removable.size()) != region->observed) continue;
    if (region->grade.evidence != Evidence::kFresh || !region->traffic.long_average) continue;
    // The lowest-ranked removable region decides: if its traffic is too high, so is everybody else's.
    const bool outweighed = newcomer.traffic.long_average.value_or(0) >= 2 * *region->traffic.long_average &&
                            newcomer.traffic.long_average.value_or(0) > 0;
    return outweighed ? region : nullptr;
  }
  return nullptr;
}

// Whether those who would take over from the whole region speak against it.
bool Planner::HasHeldReceiver(const RegionState& victim) {
  const std::size_t before = going_.size();
  going_.insert(going_.end(), victim.removable.begin(), victim.removable.end());
  const bool held =
      std::any_of(victim.removable.begin(), victim.removable.end(),
                  [&](const Machine* machine) { return IsHealthy(*machine) && FindReceiverHold(*machine); });
  going_.resize(before);
  return held;
}

bool Planner::TrySwap(RegionState& region) {
  RegionState* victim = FindSwapVictim(region);
  if (victim == nullptr) return false;
  if (budget_.CooldownRemaining(victim->history, Action::kRemove) > absl::ZeroDuration()) return false;
  if (claimed_ > policy_.capacity.total_max) return false;  // a lowered ceiling makes room first
  if (healthy_ - victim->healthy < 1) return false;
  if (staying_ - victim->staying < policy_.capacity.total_min) return false;
  if (HasHeldReceiver(*victim)) return false;
  if (!budget_.CanCreate() || !budget_.CanAct(Action::kDeploy)) return false;
  Budget after = budget_;
  for (int i = 0; i < victim->observed; ++i) {
    if (!after.CanAct(Action::kRemove)) return false;
    after.Spend(Action::kRemove);
  }
  budget_ = after;
  budget_.Spend(Action::kDeploy);
  for (const Machine* machine : victim->removable) {
    swaps_.push_back({.kind = PlannedAction::Kind::kRemove,
                      .region = victim->code,
                      .machine_id = machine->id,
                      .reason = Reason::kSwappedOut,
                      .served = IsHealthy(*machine)});
    victim->removing.push_back(machine);
    going_.push_back(machine);
  }
  swaps_.push_back({.kind = PlannedAction::Kind::kCreate,
                    .region = region.code,
                    .machine_name = PickName(region),
                    .reason = Reason::kSwappedIn,
                    .needs_removals = true});
  healthy_ -= victim->healthy;
  left_ -= victim->observed;
  staying_ -= victim->staying;
  victim->reason = Reason::kSwappedOut;
  victim->wanted = Action::kRemove;
  region.adding = 1;
  region.reason = Reason::kSwappedIn;
  return true;
}

// A machine that is on its way, or whose checks may still begin to pass: its cooldown is the patience for it.
bool Planner::IsComing(const RegionState& region) const {
  const auto enters = [&](const Intent& intent) {
    return intent.kind == Intent::Kind::kEnter && intent.region == region.code && !IsLeaving(intent);
  };
  return std::any_of(history_.intents.begin(), history_.intents.end(), enters) ||
         HasStartingMachine(pass_, region) ||
         (region.observed > 0 &&
          budget_.CooldownRemaining(region.history, Action::kDeploy) > absl::ZeroDuration());
}

void Planner::PlanReplacement(const RegionState& leaving) {
  if (!additions_.empty() || !swaps_.empty()) return;  // one that comes anyway will take over
  RegionState* nearest = nullptr;
  double nearest_ms = 0;
  for (RegionState& region : pass_.regions) {
    if (!region.may_host()) continue;
    if (IsComing(region)) {
      region.takes_over = true;
      return;
    }
    if (region.observed > 0 || IsFailing(region, pass_.input.now)) continue;
    const double rtt_ms = ComputeRttMs(*pass_.input.seen.platform, leaving.code, region.code).value_or(1e9);
    if (nearest == nullptr || rtt_ms < nearest_ms) {
      nearest = &region;
      nearest_ms = rtt_ms;
    }
  }
  if (nearest != nullptr) TryAdd(*nearest, Reason::kReplacesExcluded);
}

}  // namespace placer
