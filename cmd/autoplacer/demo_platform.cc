#include "cmd/autoplacer/demo_platform.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace placer {

absl::Status DemoMachines::CheckApp(const std::string& app) const {
  if (app == world_.options().app) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("the demo platform has no app ", app, ", only ", world_.options().app));
}

Task<absl::StatusOr<std::vector<Machine>>> DemoMachines::List(std::string app) {
  world_.AdvanceTo(clock_.Now());
  if (absl::Status status = CheckApp(app); !status.ok()) co_return status;
  co_return world_.machines();
}

Task<absl::StatusOr<Machine>> DemoMachines::Get(std::string app, std::string machine_id) {
  world_.AdvanceTo(clock_.Now());
  if (absl::Status status = CheckApp(app); !status.ok()) co_return status;
  for (Machine& machine : world_.machines()) {
    if (machine.id == machine_id) co_return std::move(machine);
  }
  co_return absl::NotFoundError(absl::StrCat("the demo platform has no machine ", machine_id));
}

Task<absl::StatusOr<std::vector<Region>>> DemoMachines::ListRegions() {
  world_.AdvanceTo(clock_.Now());
  co_return world_.regions();
}

Task<absl::StatusOr<Traffic>> DemoTraffic::Fetch(PlacementPolicy policy, absl::Time end, int points) {
  world_.AdvanceTo(clock_.Now());
  if (policy.traffic.source == TrafficSource::kQuery) {
    co_return absl::InvalidArgumentError(
        "the demo platform answers no PromQL; use traffic.source Edge or EdgeTcp");
  }
  Traffic traffic{.end = end, .resolution = policy.traffic.resolution, .points = points};
  traffic.witnessed.assign(points, false);
  traffic.instance_up.assign(points, false);
  if (policy.app != world_.options().app) co_return traffic;
  for (int i = 0; i < points; ++i) {
    const absl::Time to = end - traffic.resolution * (points - 1 - i);
    const absl::Time from = to - traffic.resolution;
    for (const auto& [region, count] : world_.CountEdgeRequests(from, to)) {
      auto [values, is_new] = traffic.regions.try_emplace(region);
      if (is_new) values->second.resize(points);
      values->second[i] = count;
      traffic.witnessed[i] = true;
    }
    traffic.instance_up[i] = world_.HadMachineUp(from, to);
  }
  co_return traffic;
}

}  // namespace placer
