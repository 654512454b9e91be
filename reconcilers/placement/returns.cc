// The planner's ways back: machines that are on their way out or parked return before new ones are made; and
// a region that cannot be entered is stood in for by the best one for its traffic, until it can.
#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "api/machine_name.h"
#include "reconcilers/placement/planner.h"

namespace placer {
namespace {

// Failures that say something of the region. One that no machine of the app survives would follow it
// anywhere.
bool IsRegionsFault(ErrorScope scope) {
  return scope == ErrorScope::kRegion || scope == ErrorScope::kQuota || scope == ErrorScope::kHost ||
         scope == ErrorScope::kVolume;
}

// Requests of the short window by the edges whose traffic counts to the region. Without any, the region's own
// place decides.
std::vector<std::pair<std::string, double>> ListEdges(const PassState& pass, const RegionState& region) {
  std::vector<std::pair<std::string, double>> edges;
  const Traffic& traffic = pass.input.seen.traffic;
  const int window = std::min(pass.input.policy.threshold.short_window, traffic.points);
  std::vector<std::string> codes = region.demand->attributed;
  codes.push_back(region.code);
  for (const std::string& code : codes) {
    const auto values = traffic.regions.find(code);
    if (values == traffic.regions.end()) continue;
    double requests = 0;
    for (int i = traffic.points - window; i < traffic.points; ++i) requests += values->second[i].value_or(0);
    if (requests > 0) edges.emplace_back(code, requests);
  }
  if (edges.empty()) edges.emplace_back(region.code, 1);
  return edges;
}

double ComputeCost(const Platform& platform, const std::vector<std::pair<std::string, double>>& edges,
                   const std::string& region) {
  double cost = 0;
  for (const auto& [edge, requests] : edges) {
    const std::optional<double> rtt_ms = edge == region ? 0 : ComputeRttMs(platform, edge, region);
    if (!rtt_ms) return std::numeric_limits<double>::infinity();
    cost += requests * *rtt_ms;
  }
  return cost;
}

}  // namespace

bool Planner::TryReturn(RegionState& region, Reason reason) {
  const auto is_free = [&](const Machine* machine) {
    return machine->host_status == "ok" && !IsLost(*machine) && !returning_.contains(machine->id);
  };
  // One that was swapped out hands its place over, that its region still has traffic was known; unless there
  // is room for both by now.
  const auto may_return = [&](const Machine* machine) {
    // Else it goes because there are too many, wherever they are wanted.
    if (left_ + static_cast<int>(additions_.size()) >= policy_.capacity.total_max) return false;
    const bool swapped = FindIntent(history_, *machine)->reason == Reason::kSwappedOut;
    return is_free(machine) && (!swapped || region.always_running || claimed_ < policy_.capacity.total_max);
  };
  // What a machine stands in for is stored when its enter begins, and one that turns back begins none.
  const auto leaving = region.adding_for.empty()
                           ? std::find_if(region.leaving.begin(), region.leaving.end(), may_return)
                           : region.leaving.end();
  if (leaving != region.leaving.end()) {
    returning_.insert((*leaving)->id);
    ++left_;
  } else {
    const auto parked = std::find_if(region.parked.begin(), region.parked.end(), is_free);
    if (parked == region.parked.end() || claimed_ >= policy_.capacity.total_max) return false;
    if (!budget_.CanAct(Action::kDeploy)) return false;
    budget_.Spend(Action::kDeploy);
    ++claimed_;
    returning_.insert((*parked)->id);
    additions_.push_back({.kind = PlannedAction::Kind::kCreate,
                          .region = region.code,
                          .machine_id = (*parked)->id,
                          .stands_in_for = region.adding_for,
                          .reason = reason});
  }
  ++region.adding;
  region.reason = reason;
  return true;
}

// A cordoned machine, ours or marked by us, that no intent works on was entering or leaving when the store
// was lost, or somebody cordoned it. It is brought into service, unless this plan removes it; from there on
// the rules see it.
void Planner::BringBack() {
  if (policy_.mode != Mode::kActive) return;
  for (RegionState& region : pass_.regions) {
    for (const Machine* machine : region.removable) {
      const bool by_us = IsMadeBy(*machine, policy_.name) || IsMarkedLeaving(*machine, policy_.name);
      if (!machine->cordoned || !by_us || machine->host_status != "ok") continue;
      const bool goes =
          std::find(region.removing.begin(), region.removing.end(), machine) != region.removing.end();
      if (goes) continue;
      updates_.push_back(
          {.kind = PlannedAction::Kind::kReturn, .region = region.code, .machine_id = machine->id});
    }
  }
}

void Planner::PlanStandIns() {
  for (RegionState& region : pass_.regions) {
    const bool fails = IsFailing(region, pass_.input.now) && IsRegionsFault(region.history->failure);
    if (fails && CountMissing(region) > region.adding) PlanStandIn(region);
  }
  for (RegionState& region : pass_.regions) EndStandIn(region);
}

void Planner::PlanStandIn(RegionState& region) {
  const std::vector<std::pair<std::string, double>> edges = ListEdges(pass_, region);
  RegionState* best = nullptr;
  double best_cost = std::numeric_limits<double>::infinity();
  for (RegionState& other : pass_.regions) {
    if (!other.may_host() || &other == &region) continue;
    const bool stands_in = other.history != nullptr && other.history->stands_in_for == region.code;
    if (stands_in && other.observed > 0) return;
    if (IsFailing(other, pass_.input.now)) continue;
    const double cost = ComputeCost(*pass_.input.seen.platform, edges, other.code);
    if (best != nullptr && cost >= best_cost) continue;
    best = &other;
    best_cost = cost;
  }
  if (best == nullptr || best->observed > 0 || best->adding > 0) return;
  best->adding_for = region.code;
  TryAdd(*best, Reason::kStandsIn);
}

const RegionState* Planner::FindHome(const RegionState& standing_in) const {
  if (standing_in.history == nullptr || standing_in.history->stands_in_for.empty()) return nullptr;
  for (const RegionState& region : pass_.regions) {
    if (region.code == standing_in.history->stands_in_for) return &region;
  }
  return nullptr;
}

// Stays while its home lacks a machine that serves; goes when it has one, unless its own traffic keeps it.
void Planner::EndStandIn(RegionState& region) {
  const RegionState* home = FindHome(region);
  if (home == nullptr || region.observed == 0 || region.placed || region.always_running || region.primary)
    return;
  const bool is_wanted = home->may_host() && (home->placed || home->always_running);
  if (is_wanted && home->healthy == 0) {
    region.stands_in = true;
    return;
  }
  if (!region.removing.empty() || region.adding > 0 || region.busy || region.removable.empty()) return;
  if (region.grade.evidence == Evidence::kMissing || region.grade.evidence == Evidence::kStale) return;
  region.wanted = Action::kRemove;
  if (budget_.CooldownRemaining(region.history, Action::kRemove) > absl::ZeroDuration()) {
    region.reason = Reason::kCooldown;
    return;
  }
  for (const Machine* machine : region.removable) {
    if (!TryRemove(region, *machine, Reason::kStandInDone)) return;
  }
}

}  // namespace placer
