#include "reconcilers/placement/region_state.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace placer {
namespace {

bool Contains(const std::vector<std::string>& list, const std::string& code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

bool MayRemove(const PassState& pass, const Machine& machine) {
  if (pass.own_group || machine.id == pass.input.seen.self.machine_id) return false;
  if (pass.input.policy.adopt == Adopt::kAll) return true;
  const auto owner = machine.metadata.find(kMetadataPolicy);
  return owner != machine.metadata.end() && owner->second == pass.input.policy.name;
}

// Unhealthy machines go first, then the youngest.
bool IsRemovedBefore(const Machine* a, const Machine* b) {
  return std::tuple(IsHealthy(*a), b->created_at, b->id) < std::tuple(IsHealthy(*b), a->created_at, a->id);
}

RegionState GatherRegion(const PassState& pass, const std::string& code, const RegionDemand& demand,
                         const Assessment& newest, const History& history) {
  const PlacementPolicy& policy = pass.input.policy;
  RegionState region{.code = code, .hosting = demand.hosting, .demand = &demand};
  region.always_running = region.may_host() && Contains(policy.regions.always_running, code);
  region.primary = code == pass.input.seen.platform.primary_region;
  const auto stored = history.regions.find(code);
  if (stored != history.regions.end()) region.history = &stored->second;
  region.traffic = newest;
  region.grade = GradeRegion(policy, pass.grade, demand, pass.demand.points);
  return region;
}

// Where a closed region holds what the floors keep, the nearest host without a machine may have to take over,
// also one that has no traffic, or whose traffic nobody can see.
void AddReplacements(const ReconcileInput& input, std::vector<std::string>& codes) {
  const Platform& platform = input.seen.platform;
  std::set<std::string> open;
  std::set<std::string> closed;
  int staying = 0;
  int healthy = 0;
  for (const Machine& machine : input.seen.machines) {
    if (!IsOfGroup(input.policy, machine)) continue;
    if (ComputeHosting(input.policy, platform, machine.region) != Hosting::kMayHost) {
      closed.insert(machine.region);
      continue;
    }
    open.insert(machine.region);
    ++staying;
    healthy += IsHealthy(machine);
  }
  if (closed.empty() || (healthy > 0 && staying >= input.policy.capacity.total_min)) return;
  std::vector<std::string> hosts = ListHosts(input.policy, platform);
  std::erase_if(hosts, [&](const std::string& code) { return open.contains(code); });
  if (hosts.empty()) return;
  for (const std::string& code : closed) {
    const std::string nearest = FindNearestHost(platform, hosts, code);
    codes.push_back(nearest.empty() ? hosts.front() : nearest);
  }
}

}  // namespace

bool IsOfGroup(const PlacementPolicy& policy, const Machine& machine) {
  return Exists(machine) && IsServiceMachine(machine) && machine.process_group == policy.process_group;
}

bool RanksBefore(const RegionState& a, const RegionState& b) {
  if (a.always_running != b.always_running) return a.always_running;
  if (a.primary != b.primary) return a.primary;
  const std::optional<double>& x = a.traffic.long_average;
  const std::optional<double>& y = b.traffic.long_average;
  if (x.has_value() != y.has_value()) return !x.has_value();
  if (x && *x != *y) return *x > *y;
  return a.code < b.code;
}

std::vector<std::string> ListRegions(const ReconcileInput& input) {
  const RegionsSpec& named = input.policy.regions;
  std::vector<std::string> codes = named.allowed;
  codes.insert(codes.end(), named.excluded.begin(), named.excluded.end());
  codes.insert(codes.end(), named.always_running.begin(), named.always_running.end());
  for (const Machine& machine : input.seen.machines) {
    if (IsOfGroup(input.policy, machine)) codes.push_back(machine.region);
  }
  for (const auto& [code, stored] : input.history.regions) codes.push_back(code);
  AddReplacements(input, codes);
  return codes;
}

PassState GatherState(const ReconcileInput& input, DemandTable demand, const std::vector<Assessment>& newest,
                      const History& history) {
  PassState pass{.input = input, .demand = std::move(demand)};
  pass.grade = GradeTraffic(input.policy, input.seen.traffic, input.now);
  const Self& self = input.seen.self;
  pass.own_group = !self.machine_id.empty() && self.process_group == input.policy.process_group;
  pass.regions.reserve(pass.demand.regions.size());
  auto assessment = newest.begin();
  for (const auto& [code, served] : pass.demand.regions) {
    pass.regions.push_back(GatherRegion(pass, code, served, *assessment++, history));
  }
  for (const Machine& machine : input.seen.machines) {
    if (Exists(machine) && machine.process_group.empty())
      ++pass.total;  // of unknown group: counts, never touched
    if (!IsOfGroup(input.policy, machine)) continue;
    ++pass.total;
    const auto region =
        std::lower_bound(pass.regions.begin(), pass.regions.end(), machine.region,
                         [](const RegionState& state, const std::string& code) { return state.code < code; });
    ++region->observed;
    region->healthy += IsHealthy(machine);
    if (MayRemove(pass, machine)) region->removable.push_back(&machine);
  }
  for (RegionState& region : pass.regions) {
    std::sort(region.removable.begin(), region.removable.end(), IsRemovedBefore);
    const bool stored = region.history != nullptr && region.history->placed.has_value();
    region.placed = region.may_host() && (stored ? *region.history->placed : region.observed > 0);
  }
  return pass;
}

}  // namespace placer
