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
  return IsMadeBy(machine, pass.input.policy.name);
}

// First what cannot serve, then what does not, then the youngest.
bool IsRemovedBefore(const Machine* a, const Machine* b) {
  return std::tuple(IsHealthy(*a), MayServe(*a), b->created_at, b->id) <
         std::tuple(IsHealthy(*b), MayServe(*b), a->created_at, a->id);
}

RegionState GatherRegion(const PassState& pass, const std::string& code, const RegionDemand& demand,
                         const Assessment& newest, const History& history) {
  const PlacementPolicy& policy = pass.input.policy;
  RegionState region{.code = code, .hosting = demand.hosting, .demand = &demand};
  region.always_running = region.may_host() && Contains(policy.regions.always_running, code);
  region.primary = code == pass.input.seen.primary_region;
  const auto stored = history.regions.find(code);
  if (stored != history.regions.end()) region.history = &stored->second;
  region.traffic = newest;
  region.grade = GradeRegion(policy, pass.grade, demand, pass.demand.points);
  return region;
}

// Where a closed region holds what the floors keep, the nearest host without a machine may have to take over,
// also one that has no traffic, or whose traffic nobody can see.
void AddReplacements(const ReconcileInput& input, std::vector<std::string>& codes) {
  const Platform& platform = *input.seen.platform;
  std::set<std::string> open;
  std::set<std::string> closed;
  int staying = 0;
  int healthy = 0;
  for (const Machine& machine : input.seen.machines) {
    if (!IsPresent(input, machine)) continue;
    if (ComputeHosting(input.policy, platform, machine.region) != Hosting::kMayHost) {
      closed.insert(machine.region);
      continue;
    }
    open.insert(machine.region);
    staying += MayServe(machine) ? 1 : 0;
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

RegionState& FindRegion(PassState& pass, const std::string& code) {
  return *std::lower_bound(
      pass.regions.begin(), pass.regions.end(), code,
      [](const RegionState& state, const std::string& wanted) { return state.code < wanted; });
}

void CountMachine(const Machine& machine, const History& history, PassState& pass) {
  RegionState& region = FindRegion(pass, machine.region);
  const Intent* intent = history.intents.empty() ? nullptr : FindIntent(history, machine);
  if ((intent == nullptr || intent->kind == Intent::Kind::kUpdate) && IsParked(machine)) {
    const bool by_us = machine.metadata.at(kMetadataParked) == pass.input.policy.name;
    if (intent == nullptr && by_us && MayRemove(pass, machine)) region.parked.push_back(&machine);
    return;
  }
  if (intent != nullptr && intent->kind == Intent::Kind::kLeave && IsParked(machine)) return;  // it has left
  ++pass.total;
  if (intent != nullptr && IsLeaving(*intent)) {
    ++pass.leaving;
    const bool can_return =
        intent->kind == Intent::Kind::kLeave && intent->phase != Intent::Phase::kDestroying;
    if (can_return) region.leaving.push_back(&machine);
    return;
  }
  const bool enters = intent != nullptr && intent->kind == Intent::Kind::kEnter;
  ++pass.present;
  region.staying += !enters && MayServe(machine) ? 1 : 0;
  ++region.observed;
  region.healthy += intent == nullptr && IsHealthy(machine) ? 1 : 0;
  region.lost += intent == nullptr && IsLost(machine) ? 1 : 0;
  if (intent == nullptr && MayRemove(pass, machine)) region.removable.push_back(&machine);
}

// Nothing can be done for it until the machine's host answers again, which may take days.
bool WaitsForHost(const ReconcileInput& input, const Intent& intent) {
  return std::any_of(input.seen.machines.begin(), input.seen.machines.end(), [&](const Machine& machine) {
    return machine.id == intent.machine_id && machine.host_status != "ok";
  });
}

}  // namespace

bool IsOfGroup(const PlacementPolicy& policy, const Machine& machine) {
  return Exists(machine) && IsServiceMachine(machine) && machine.process_group == policy.process_group;
}

bool MayServe(const Machine& machine) {
  return !machine.cordoned && !IsLost(machine);
}

bool WorksOn(const Intent& intent, const Machine& machine) {
  if (!intent.machine_id.empty()) return intent.machine_id == machine.id;
  return !intent.machine_name.empty() && intent.machine_name == machine.name;
}

const Intent* FindIntent(const History& history, const Machine& machine) {
  for (const Intent& intent : history.intents) {
    if (WorksOn(intent, machine)) return &intent;
  }
  return nullptr;
}

bool IsLeaving(const Intent& intent) {
  const bool undone = intent.phase == Intent::Phase::kReturning;
  const bool given_up = intent.kind == Intent::Kind::kEnter && intent.phase == Intent::Phase::kDestroying;
  return given_up || (intent.kind == Intent::Kind::kLeave && !undone);
}

bool IsPending(const ReconcileInput& input, const Intent& intent) {
  if (intent.kind != Intent::Kind::kEnter || IsLeaving(intent)) return false;
  return std::none_of(input.seen.machines.begin(), input.seen.machines.end(),
                      [&](const Machine& machine) { return WorksOn(intent, machine); });
}

bool IsPresent(const ReconcileInput& input, const Machine& machine) {
  if (!IsOfGroup(input.policy, machine)) return false;
  const Intent* intent = FindIntent(input.history, machine);
  if (intent == nullptr || intent->kind == Intent::Kind::kUpdate) return !IsParked(machine);
  return !IsLeaving(*intent);
}

bool IsFailing(const RegionState& region, absl::Time now) {
  return region.history != nullptr && region.history->retry_at > now;
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
  for (const Intent& intent : input.history.intents) codes.push_back(intent.region);
  for (const auto& [code, stored] : input.history.regions) codes.push_back(code);
  AddReplacements(input, codes);
  const auto fails = [&](const auto& entry) { return entry.second.retry_at > input.now; };
  if (std::any_of(input.history.regions.begin(), input.history.regions.end(), fails)) {
    const std::vector<std::string> hosts = ListHosts(input.policy, *input.seen.platform);
    codes.insert(codes.end(), hosts.begin(), hosts.end());  // one of them may have to stand in
  }
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
    if (Exists(machine) && machine.process_group.empty()) {  // of unknown group: counts, never touched
      ++pass.total;
      ++pass.present;
    }
    if (IsOfGroup(input.policy, machine)) CountMachine(machine, history, pass);
  }
  for (const Intent& intent : history.intents) {
    RegionState& region = FindRegion(pass, intent.region);
    region.busy = region.busy || !WaitsForHost(input, intent);
    if (!IsPending(input, intent)) continue;
    ++region.observed;
    ++pass.total;
    ++pass.present;
  }
  for (RegionState& region : pass.regions) {
    pass.staying += region.staying;
    std::sort(region.removable.begin(), region.removable.end(), IsRemovedBefore);
    const bool stored = region.history != nullptr && region.history->placed.has_value();
    region.placed = region.may_host() && (stored ? *region.history->placed : region.observed > 0);
  }
  return pass;
}

}  // namespace placer
