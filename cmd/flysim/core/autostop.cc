#include "cmd/flysim/core/autostop.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace placer::flysim {
namespace {

constexpr absl::Duration kPeriod = absl::Minutes(5);

}  // namespace

Autostop::Autostop(Fleet& fleet, std::string primary_region, absl::Time start)
    : fleet_(fleet), primary_region_(std::move(primary_region)), next_(start + kPeriod) {}

void Autostop::Run(absl::Time now) {
  if (now < next_) return;
  next_ = now + kPeriod;
  std::map<std::string, std::vector<FleetMachine*>> running;
  std::map<std::string, std::int64_t> served;
  for (const auto& [id, machine] : fleet_.machines()) {
    served[id] = machine->served.total();
    if (IsRoutable(*machine)) running[machine->machine.region].push_back(machine.get());
  }
  for (const auto& [region, machines] : running) {
    const auto count = static_cast<int>(machines.size());
    const auto over =
        static_cast<int>(std::count_if(machines.begin(), machines.end(), [](const auto* machine) {
          return machine->concurrency > machine->soft_limit;
        }));
    const auto stoppable = std::find_if(machines.begin(), machines.end(), [&](const FleetMachine* machine) {
      const int kept = region == primary_region_ ? machine->config.min_machines_running : 0;
      if (machine->config.autostop.empty() || count <= kept) return false;
      return count > 1 ? count > over + 1 : served[machine->machine.id] == served_[machine->machine.id];
    });
    if (stoppable == machines.end()) continue;
    FleetMachine& machine = **stoppable;
    fleet_.SetState(machine, machine.config.autostop == "suspend" ? "suspended" : "stopped", "proxy", now);
  }
  served_ = std::move(served);
}

}  // namespace placer::flysim
