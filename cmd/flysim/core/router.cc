#include "cmd/flysim/core/router.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace placer::flysim {
namespace {

// How many of the requests numbered (before, after] are every `period`-th, counted from `offset`.
std::int64_t CountEvery(std::int64_t period, std::int64_t offset, std::int64_t before, std::int64_t after) {
  return (after + offset) / period - (before + offset) / period;
}

// Of a thousand requests ten ask for what is not there, and one breaks.
StatusCounts AnswerWith(FleetMachine& machine, std::int64_t requests) {
  const std::int64_t before = machine.served.total();
  const std::int64_t after = before + requests;
  StatusCounts answers{.not_found = CountEvery(100, 50, before, after),
                       .error = CountEvery(1000, 1, before, after)};
  answers.ok = requests - answers.not_found - answers.error;
  machine.served += answers;
  machine.step_requests += requests;
  machine.step_errors += answers.error;
  return answers;
}

}  // namespace

Router::Router(Platform platform, Fleet& fleet, absl::Duration step)
    : platform_(std::move(platform)), fleet_(fleet), step_seconds_(absl::ToDoubleSeconds(step)) {}

void Router::BeginStep() {
  for (const auto& [id, machine] : fleet_.machines()) {
    machine->step_requests = 0;
    machine->step_errors = 0;
  }
}

void Router::EndStep() {
  for (const auto& [id, machine] : fleet_.machines()) {
    machine->concurrency = static_cast<double>(machine->step_requests) * kServiceTimeSeconds / step_seconds_;
    machine->peak_concurrency = std::max(machine->peak_concurrency, machine->concurrency);
  }
}

const std::vector<Router::Machines>& Router::OrderFrom(const std::string& edge) {
  if (orders_generation_ != fleet_.generation()) {
    orders_.clear();
    orders_generation_ = fleet_.generation();
  }
  auto [entry, is_new] = orders_.try_emplace(edge);
  if (!is_new) return entry->second;
  std::map<std::string, Machines> by_region;
  for (const auto& [id, machine] : fleet_.machines())
    by_region[machine->machine.region].push_back(machine.get());
  std::multimap<double, Machines> ranked;  // by RTT; equal keys keep the order of insertion
  for (auto& [region, machines] : by_region) {
    double rtt_ms = region == edge ? 0 : std::numeric_limits<double>::infinity();
    if (const auto known = ComputeRttMs(platform_, edge, region); region != edge && known) rtt_ms = *known;
    ranked.emplace(rtt_ms, std::move(machines));
  }
  for (auto& [rtt_ms, machines] : ranked) entry->second.push_back(std::move(machines));
  return entry->second;
}

std::int64_t Router::ComputeStepCapacity(int limit) const {
  return std::llround(std::floor(limit * step_seconds_ / kServiceTimeSeconds + 1e-9));
}

std::int64_t Router::Fill(const Machines& machines, std::int64_t requests, bool to_hard_limit,
                          StatusCounts& answers) const {
  while (requests > 0) {
    FleetMachine* idlest = nullptr;
    std::int64_t room = 0;
    for (FleetMachine* machine : machines) {
      if (!IsRoutable(*machine)) continue;
      const std::int64_t left =
          ComputeStepCapacity(to_hard_limit ? machine->hard_limit : machine->soft_limit) -
          machine->step_requests;
      if (left > room) {
        room = left;
        idlest = machine;
      }
    }
    if (idlest == nullptr) return requests;
    const std::int64_t even_share = requests / static_cast<std::int64_t>(machines.size());
    const std::int64_t chunk = std::min({requests, room, std::max<std::int64_t>(1, even_share)});
    answers += AnswerWith(*idlest, chunk);
    requests -= chunk;
  }
  return 0;
}

bool Router::StartOne(const Machines& machines, absl::Time now) {
  for (FleetMachine* machine : machines) {
    if (!IsStartable(*machine)) continue;
    fleet_.SetState(*machine, "started", "proxy", now);
    return true;
  }
  return false;
}

StatusCounts Router::Serve(const std::string& edge, std::int64_t requests, absl::Time now) {
  StatusCounts answers;
  if (requests == 0) return answers;
  const std::vector<Machines>& order = OrderFrom(edge);
  const auto is_routable = [](const FleetMachine* machine) { return IsRoutable(*machine); };
  const auto serves = [&](const Machines& machines) {
    return std::any_of(machines.begin(), machines.end(), is_routable);
  };
  if (std::none_of(order.begin(), order.end(), serves)) {
    // Nobody runs: the nearest machine that may be started is woken, and the requests wait for it.
    for (const Machines& machines : order) {
      if (StartOne(machines, now)) break;
    }
  }
  for (const Machines& machines : order) {
    if (requests == 0) break;
    if (!serves(machines)) continue;
    requests = Fill(machines, requests, /*to_hard_limit=*/false, answers);
    if (requests == 0) break;
    if (StartOne(machines, now)) requests = Fill(machines, requests, /*to_hard_limit=*/false, answers);
    requests = Fill(machines, requests, /*to_hard_limit=*/true, answers);
    overflowed_ += requests;
  }
  answers.unavailable = requests;
  return answers;
}

}  // namespace placer::flysim
