#include "cmd/flysim/core/fleet_past.h"

#include <algorithm>

namespace placer::flysim {
namespace {

constexpr absl::Duration kRemembered = absl::Minutes(2);

}  // namespace

FleetPast::Snapshot MakeSnapshot(const Fleet& fleet) {
  auto machines = std::make_shared<std::vector<FleetMachine>>();
  machines->reserve(fleet.machines().size() + fleet.destroyed().size());
  for (const auto* part : {&fleet.machines(), &fleet.destroyed()}) {
    for (const auto& [id, machine] : *part) machines->push_back(*machine);
  }
  return machines;
}

void FleetPast::Keep(const Fleet& fleet, absl::Time now) {
  if (!kept_.empty() && revision_ == fleet.revision()) return;
  revision_ = fleet.revision();
  kept_.push_back({.since = now, .machines = MakeSnapshot(fleet)});
  // The last one from before what is remembered tells how it was at its beginning.
  while (kept_.size() > 1 && kept_[1].since <= now - kRemembered) kept_.pop_front();
}

FleetPast::Snapshot FleetPast::Find(const Fleet& fleet, absl::Time time) const {
  if (kept_.empty()) return MakeSnapshot(fleet);
  const auto later =
      std::find_if(kept_.begin(), kept_.end(), [time](const Kept& kept) { return kept.since > time; });
  return later == kept_.begin() ? kept_.front().machines : std::prev(later)->machines;
}

}  // namespace placer::flysim
