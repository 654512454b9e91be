#include "cmd/autoplacer/demo_platform.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cmd/flysim/core/refusal.h"

namespace placer {
namespace {

constexpr absl::Duration kWaitPoll = absl::Milliseconds(500);

// One value per point; none so far where the region is new.
PointValues& FindRow(std::map<std::string, PointValues>& rows, const std::string& region, int points) {
  auto [row, is_new] = rows.try_emplace(region);
  if (is_new) row->second.resize(static_cast<std::size_t>(points));
  return row->second;
}

}  // namespace

absl::Status DemoMachines::CheckApp(const std::string& app) const {
  if (app == world_.options().app) return absl::OkStatus();
  return WithScope(absl::NotFoundError(
                       absl::StrCat("the demo platform has no app ", app, ", only ", world_.options().app)),
                   ErrorScope::kGone);
}

Task<absl::Status> DemoMachines::Pass(absl::Duration time) {
  if (time > absl::ZeroDuration() && !co_await clock_.SleepUntil(clock_.Now() + time))
    co_return absl::CancelledError("the call was given up");
  co_return absl::OkStatus();
}

template <typename Result, typename Call>
Task<Result> DemoMachines::Make(std::string app, Call call) {
  world_.AdvanceTo(clock_.Now());
  if (absl::Status status = CheckApp(app); !status.ok()) co_return status;
  const absl::Duration half = world_.DrawDelay() / 2;
  if (absl::Status status = co_await Pass(half); !status.ok()) co_return status;
  world_.AdvanceTo(clock_.Now());
  Result result = call(world_);
  if (absl::Status status = co_await Pass(half); !status.ok()) co_return status;
  co_return result;
}

Task<absl::StatusOr<std::vector<Machine>>> DemoMachines::List(std::string app) {
  co_return co_await Make<absl::StatusOr<std::vector<Machine>>>(
      std::move(app), [](flysim::World& world) { return world.List(); });
}

Task<absl::StatusOr<Machine>> DemoMachines::Get(std::string app, std::string machine_id) {
  co_return co_await Make<absl::StatusOr<Machine>>(
      std::move(app), [id = std::move(machine_id)](flysim::World& world) -> absl::StatusOr<Machine> {
        absl::StatusOr<Machine> machine = world.Get(id);
        if (machine.ok() && machine->state == "destroyed") return flysim::RefuseUnknownMachine();
        return machine;
      });
}

Task<absl::StatusOr<std::vector<Region>>> DemoMachines::ListRegions() {
  world_.AdvanceTo(clock_.Now());
  co_return world_.regions();
}

Task<absl::StatusOr<Machine>> DemoMachines::Create(std::string app, CreateMachine request) {
  co_return co_await Make<absl::StatusOr<Machine>>(
      std::move(app), [request = std::move(request)](flysim::World& world) { return world.Create(request); });
}

Task<absl::StatusOr<Machine>> DemoMachines::Update(std::string app, UpdateMachine request) {
  co_return co_await Make<absl::StatusOr<Machine>>(
      std::move(app), [request = std::move(request)](flysim::World& world) { return world.Update(request); });
}

Task<absl::Status> DemoMachines::Apply(std::string app, MachineChange change) {
  co_return co_await Make<absl::Status>(
      std::move(app), [change = std::move(change)](flysim::World& world) -> absl::Status {
        absl::Status status = world.Apply(change);
        // As our client reads it: what is to be gone, and is not there, is gone.
        const bool takes_away = change.kind == MachineChange::Kind::kReleaseLease ||
                                (change.kind == MachineChange::Kind::kSetMetadata && change.value.empty());
        return takes_away && absl::IsNotFound(status) ? absl::OkStatus() : status;
      });
}

Task<absl::StatusOr<Lease>> DemoMachines::Take(std::string app, TakeLease request) {
  co_return co_await Make<absl::StatusOr<Lease>>(
      std::move(app), [request = std::move(request)](flysim::World& world) { return world.Take(request); });
}

Task<absl::Status> DemoMachines::Wait(std::string app, WaitForState request) {
  world_.AdvanceTo(clock_.Now());
  if (absl::Status status = CheckApp(app); !status.ok()) co_return status;
  if (absl::Status status = world_.Admit("wait", request.machine_id); !status.ok()) co_return status;
  const absl::Time deadline = clock_.Now() + std::clamp(request.timeout, absl::Seconds(1), absl::Seconds(60));
  for (;;) {
    const absl::Status status = world_.CheckState(request);
    if (status.ok() || ScopeOf(status) == ErrorScope::kGone) co_return status;
    if (clock_.Now() >= deadline) co_return absl::DeadlineExceededError(status.message());
    const absl::Duration pause = std::min(kWaitPoll, deadline - clock_.Now());
    if (absl::Status given_up = co_await Pass(pause); !given_up.ok()) co_return given_up;
    world_.AdvanceTo(clock_.Now());
  }
}

Task<absl::StatusOr<std::vector<Volume>>> DemoMachines::ListVolumes(std::string app) {
  co_return co_await Make<absl::StatusOr<std::vector<Volume>>>(
      std::move(app), [](flysim::World& world) { return world.ListVolumes(); });
}

Task<absl::StatusOr<Volume>> DemoMachines::Create(std::string app, CreateVolume request) {
  co_return co_await Make<absl::StatusOr<Volume>>(
      std::move(app), [request = std::move(request)](flysim::World& world) { return world.Create(request); });
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
      FindRow(traffic.regions, region, points)[i] = count;
      traffic.witnessed[i] = true;
    }
    for (const auto& [region, served] : world_.CountServed(from, to)) {
      FindRow(traffic.served, region, points)[i] = served.requests;
      FindRow(traffic.served_errors, region, points)[i] = served.errors;
      FindRow(traffic.concurrency, region, points)[i] = served.concurrency;
    }
    traffic.instance_up[i] = world_.HadMachineUp(from, to);
  }
  co_return traffic;
}

}  // namespace placer
