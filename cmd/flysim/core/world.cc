#include "cmd/flysim/core/world.h"

#include <algorithm>

#include "cmd/flysim/core/world_state.h"

namespace placer::flysim {
namespace {

Platform MakePlatform() {
  return {.regions = EmbeddedRegions()};
}

// Number of whole steps from `start` to `time`, rounded down.
std::int64_t CountSteps(absl::Time start, absl::Time time, absl::Duration step) {
  absl::Duration rest;
  const std::int64_t steps = absl::IDivDuration(time - start, step, &rest);
  return rest < absl::ZeroDuration() ? steps - 1 : steps;
}

}  // namespace

World::State::State(WorldOptions the_options)
    : options(std::move(the_options)),
      now(options.start),
      demand(options),
      fleet(options),
      router(MakePlatform(), fleet, options.step),
      history(static_cast<std::size_t>(options.history / options.step), demand.edges().size()) {
  for (const std::string& code : demand.edges()) edges.emplace_back(code, options.seed, now);
  for (const std::string& region : options.initial_regions) fleet.Add(region, "started", now);
}

void World::State::RunStep() {
  const absl::Time end = TimeOf(history.newest() + 1);
  const std::vector<std::int64_t>& arrivals = demand.DrawStep(end);
  router.BeginStep();
  for (std::size_t i = 0; i < edges.size(); ++i) {
    edges[i].RestartProxies(end);
    if (arrivals[i] > 0) edges[i].Count(router.Serve(edges[i].code(), arrivals[i], end));
  }
  router.EndStep();
  history.Append(arrivals, fleet.CountStarted() > 0);
}

std::pair<std::int64_t, std::int64_t> World::State::FindSteps(absl::Time from, absl::Time to) const {
  const absl::Time until = std::min(to, now);
  if (from >= until) return {1, 0};
  const absl::Time since = std::max(from, options.start);  // nothing happened before
  return {CountSteps(options.start, since, options.step) + 1, CountSteps(options.start, until, options.step)};
}

World::World(WorldOptions options) : state_(std::make_unique<State>(std::move(options))) {}
World::~World() = default;

const WorldOptions& World::options() const {
  return state_->options;
}
absl::Time World::now() const {
  return state_->now;
}

void World::AdvanceTo(absl::Time now) {
  if (now <= state_->now) return;
  while (state_->TimeOf(state_->history.newest() + 1) <= now) state_->RunStep();
  state_->now = now;
}

std::map<std::string, double> World::CountEdgeRequests(absl::Time from, absl::Time to) const {
  std::map<std::string, double> counts;
  const StepHistory& history = state_->history;
  const auto [first, last] = state_->FindSteps(from, to);
  if (first > last || first < history.oldest()) return counts;
  for (std::size_t edge = 0; edge < state_->edges.size(); ++edge) {
    const std::int64_t first_request = history.first_request(edge);
    if (first_request == 0 || first_request > last) continue;
    double& count = counts[state_->edges[edge].code()];
    for (std::int64_t step = first; step <= last; ++step)
      count += static_cast<double>(history.requests(step, edge));
  }
  return counts;
}

bool World::HadMachineUp(absl::Time from, absl::Time to) const {
  const auto [first, last] = state_->FindSteps(from, to);
  for (std::int64_t step = std::max(first, state_->history.oldest()); step <= last; ++step) {
    if (state_->history.machine_up(step)) return true;
  }
  return false;
}

std::vector<Machine> World::machines() const {
  std::vector<Machine> machines;
  for (const auto& [id, known] : state_->fleet.machines()) {
    machines.push_back(known->machine);
    machines.back().checks = {MakeServiceCheck(known->machine.state)};
  }
  return machines;
}

std::vector<Region> World::regions() const {
  std::vector<Region> regions;
  for (const auto& [code, region] : EmbeddedRegions()) regions.push_back(region);
  return regions;
}

std::string World::AddMachine(const std::string& region, const std::string& state) {
  return state_->fleet.Add(region, state, state_->now).machine.id;
}

void World::SetMachineState(const std::string& id, const std::string& state) {
  if (FleetMachine* machine = state_->fleet.Find(id))
    state_->fleet.SetState(*machine, state, "user", state_->now);
}

void World::SetCordoned(const std::string& id, bool cordoned) {
  if (FleetMachine* machine = state_->fleet.Find(id))
    state_->fleet.SetCordoned(*machine, cordoned, state_->now);
}

void World::RemoveMachine(const std::string& id) {
  state_->fleet.Remove(id, state_->now);
}

void World::SetTrafficFactor(const std::string& region, double factor) {
  state_->demand.SetFactor(region, factor);
}

}  // namespace placer::flysim
