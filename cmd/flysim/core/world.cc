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
      lifecycle(fleet, options.seed),
      router(MakePlatform(), fleet, options.step),
      autostop(fleet, options.initial_regions.empty() ? "" : options.initial_regions.front(), options.start),
      history(static_cast<std::size_t>(options.history / options.step), demand.edges().size()),
      served(static_cast<std::size_t>(options.history / options.step)),
      volumes(options.seed),
      fault_stream(options.seed, "faults") {
  for (const std::string& code : demand.edges()) edges.emplace_back(code, options.seed, now);
  // They have run for a while: their deploy is over.
  for (const std::string& region : options.initial_regions) fleet.Add(region, "started", now - absl::Hours(1));
}

void World::State::MoveTo(absl::Time time) {
  while (lifecycle.NextDue() <= time) {
    past.Keep(fleet, now);
    now = std::max(now, lifecycle.NextDue());
    lifecycle.RunNext();
    volumes.FreeLeftovers(fleet);
  }
  if (time <= now) return;
  past.Keep(fleet, now);
  now = time;
}

void World::State::RunStep() {
  const absl::Time end = TimeOf(history.newest() + 1);
  MoveTo(end);
  if (release && !release->Run(end)) release.reset();
  std::vector<std::int64_t> arrivals = demand.DrawStep(end);
  router.BeginStep();
  for (std::size_t i = 0; i < edges.size(); ++i) {
    edges[i].RestartProxies(end);
    if (arrivals[i] == 0) continue;
    const StatusCounts answers = router.Serve(edges[i].code(), arrivals[i], end);
    requests += arrivals[i];
    dropped += answers.unavailable;
    if (faults.frozen_edges) {
      arrivals[i] = 0;
    } else {
      edges[i].Count(answers);
    }
  }
  router.EndStep();
  autostop.Run(end);
  served.Append(fleet);
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
  state_->MoveTo(now);
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

std::map<std::string, Served> World::CountServed(absl::Time from, absl::Time to) const {
  const auto [first, last] = state_->FindSteps(from, to);
  if (first > last || first < state_->history.oldest()) return {};
  return state_->served.Count(first, last);
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
  for (const auto& [id, known] : state_->fleet.machines()) machines.push_back(MakeShown(*known, state_->now));
  return machines;
}

std::string World::FindInstance(const std::string& machine_id) const {
  const FleetMachine* machine = state_->fleet.Find(machine_id);
  return machine == nullptr ? "" : machine->machine.instance_id;
}

std::vector<Region> World::regions() const {
  std::vector<Region> regions;
  for (const auto& [code, region] : EmbeddedRegions()) regions.push_back(region);
  return regions;
}

std::vector<Volume> World::volumes() const {
  std::vector<Volume> volumes;
  for (const auto& [id, known] : state_->volumes.all()) volumes.push_back(known.volume);
  return volumes;
}

const std::deque<WriteRecord>& World::writes() const {
  return state_->writes;
}

std::vector<MachineRecord> World::machines_ever() const {
  return state_->fleet.ListEver();
}

Totals World::totals() const {
  return {.requests = state_->requests,
          .dropped = state_->dropped,
          .cut_off = state_->lifecycle.cut_off(),
          .overflowed = state_->router.overflowed(),
          .most_machines = state_->fleet.most_machines()};
}

}  // namespace placer::flysim
