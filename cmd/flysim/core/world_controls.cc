// What tests do to a World.
#include <algorithm>
#include <utility>

#include "cmd/flysim/core/world_state.h"

namespace placer::flysim {

std::string World::AddMachine(const std::string& region, const std::string& state) {
  return AddMachine(MachineSpec{.region = region, .state = state});
}

std::string World::AddMachine(const MachineSpec& spec) {
  std::optional<MachineConfig> config;
  if (!spec.config.empty()) config = ReadMachineConfig(spec.config).value();
  FleetMachine& added = state_->fleet.Add(spec, config ? &*config : nullptr, state_->now);
  state_->volumes.Attach(added);
  return added.machine.id;
}

void World::SetMachineState(const std::string& id, const std::string& state) {
  FleetMachine* machine = state_->fleet.Find(id);
  if (machine == nullptr) return;
  machine->transitions.clear();
  state_->fleet.SetState(*machine, state, "user", state_->now);
}

void World::SetCordoned(const std::string& id, bool cordoned) {
  if (FleetMachine* machine = state_->fleet.Find(id))
    state_->fleet.SetCordoned(*machine, cordoned, state_->now);
}

void World::RemoveMachine(const std::string& id) {
  state_->fleet.Remove(id, state_->now);
  state_->volumes.FreeLeftovers(state_->fleet);
}

void World::SetHostStatus(const std::string& id, const std::string& status, bool hides_group) {
  FleetMachine* machine = state_->fleet.Find(id);
  if (machine == nullptr) return;
  machine->machine.host_status = status;
  machine->hides_its_group = hides_group;
  state_->fleet.Touch();
}

void World::SetChecksPassing(const std::string& id, bool passing) {
  FleetMachine* machine = state_->fleet.Find(id);
  if (machine == nullptr) return;
  machine->made_critical = !passing;
  state_->fleet.RefreshHealth();
}

void World::SetImageHealthy(const std::string& image, bool healthy) {
  state_->fleet.SetImageHealthy(image, healthy);
}

void World::SetTrafficFactor(const std::string& region, double factor) {
  state_->demand.SetFactor(region, factor);
}

void World::SetFaults(const Faults& faults) {
  state_->faults = faults;
}
const Faults& World::faults() const {
  return state_->faults;
}

void World::SetCapacity(const std::string& region, std::optional<int> machines) {
  state_->capacity.erase(region);
  if (machines) state_->capacity[region] = *machines;
}

void World::FailCreates(const std::string& region, int http_status, const std::string& body, int times) {
  state_->create_errors[region].push_back({.http_status = http_status, .body = body, .times = times});
}

void World::Release(const ReleaseOptions& options) {
  state_->release.emplace(options, ++state_->releases, state_->fleet, state_->lifecycle);
}

bool World::ReleaseUnderWay() const {
  return state_->release.has_value();
}

}  // namespace placer::flysim
