#include "cmd/flysim/core/lifecycle.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cmd/flysim/core/refusal.h"

namespace placer::flysim {
namespace {

absl::Duration LongestGrace(const FleetMachine& machine) {
  absl::Duration grace;
  for (const ConfiguredCheck& check : machine.config.checks) grace = std::max(grace, check.grace);
  return grace;
}

bool IsOnItsWayUp(const FleetMachine& machine) {
  return std::any_of(machine.transitions.begin(), machine.transitions.end(),
                     [](const Transition& next) { return next.state == "started"; });
}

}  // namespace

Lifecycle::Lifecycle(Fleet& fleet, std::uint64_t seed) : fleet_(fleet), random_(seed, "lifecycle") {}

double Lifecycle::Draw(double min_seconds, double max_seconds) {
  return min_seconds + (max_seconds - min_seconds) * random_.Uniform();
}

void Lifecycle::Plan(FleetMachine& machine, absl::Time due, const std::string& state) {
  machine.transitions.push_back({.due = due, .state = state});
  next_due_ = std::min(next_due_, due);
}

void Lifecycle::PlanStart(FleetMachine& machine, absl::Time from, double min_seconds, double max_seconds) {
  const absl::Time started = from + absl::Seconds(Draw(min_seconds, max_seconds));
  Plan(machine, started, "started");
  if (!machine.config.checks.empty())
    Plan(machine, started + LongestGrace(machine) + absl::Seconds(Draw(0.5, 2)), "");
}

void Lifecycle::CutOff(const FleetMachine& machine) {
  if (machine.machine.state == "started") cut_off_ += std::llround(std::ceil(machine.concurrency));
}

void Lifecycle::Launch(FleetMachine& machine, absl::Time now) {
  const absl::Time starting = now + absl::Seconds(Draw(0.2, 1));
  Plan(machine, starting, "starting");
  PlanStart(machine, starting, 1.8, 7);
}

absl::Status Lifecycle::Start(FleetMachine& machine, absl::Time now) {
  const std::string& state = machine.machine.state;
  if (state == "started" || state == "starting") return absl::OkStatus();
  const bool is_at_rest = machine.transitions.empty() && (state == "stopped" || state == "suspended" ||
                                                          state == "failed" || state == "created");
  if (!is_at_rest) return RefuseState("start", state);
  fleet_.SetState(machine, "starting", "user", now);
  PlanStart(machine, now, 2, 8);
  return absl::OkStatus();
}

absl::Status Lifecycle::Stop(FleetMachine& machine, absl::Time now) {
  const std::string& state = machine.machine.state;
  if (state == "stopped" || state == "stopping") return absl::OkStatus();
  if (state != "started" && state != "starting" && state != "failed" && state != "suspended")
    return RefuseState("stop", state);
  CutOff(machine);
  machine.transitions.clear();
  fleet_.SetState(machine, "stopping", "user", now);
  Plan(machine, now + absl::Seconds(Draw(1, 3)), "stopped");
  return absl::OkStatus();
}

absl::Status Lifecycle::Suspend(FleetMachine& machine, absl::Time now) {
  const std::string& state = machine.machine.state;
  if (state == "suspended" || state == "suspending") return absl::OkStatus();
  if (state != "started") return RefuseState("suspend", state);
  CutOff(machine);
  machine.transitions.clear();
  fleet_.SetState(machine, "suspending", "user", now);
  Plan(machine, now + absl::Seconds(Draw(1, 3)), "suspended");
  return absl::OkStatus();
}

absl::Status Lifecycle::Destroy(FleetMachine& machine, bool force, absl::Time now) {
  const std::string& state = machine.machine.state;
  if (state == "destroying" || state == "destroyed") return absl::OkStatus();
  const bool is_at_rest = state == "stopped" || state == "suspended" || state == "failed" ||
                          (state == "created" && machine.transitions.empty());
  if (!force && !is_at_rest) return RefuseState("destroy", state);
  CutOff(machine);
  machine.transitions.clear();
  fleet_.SetState(machine, "destroying", "user", now);
  Plan(machine, now + absl::Seconds(Draw(0.3, 1.5)), "destroyed");
  return absl::OkStatus();
}

absl::Status Lifecycle::Update(FleetMachine& machine, MachineConfig config, bool skip_launch,
                               absl::Time now) {
  const std::string state = machine.machine.state;
  if (state == "replacing")
    return MakeRefusal(409, "aborted: machine update failed due to concurrent update", "");
  if (state == "destroying" || state == "stopping" || state == "suspending")
    return RefuseState("update", state);
  const bool comes_up = state == "started" || IsOnItsWayUp(machine);
  CutOff(machine);
  machine.transitions.clear();
  fleet_.SetConfig(machine, std::move(config));
  fleet_.DrawInstance(machine, now);
  machine.machine.state = "replacing";
  fleet_.SetHealth(machine, Health::kWaiting);
  fleet_.AddEvent(machine, "update", "user", now);
  if (comes_up && !skip_launch) {
    PlanStart(machine, now, 1, 4);
  } else {
    Plan(machine, now + absl::Seconds(Draw(1, 4)), comes_up || state == "suspended" ? "stopped" : state);
  }
  return absl::OkStatus();
}

absl::Time Lifecycle::NextDue() const {
  return next_due_;
}

void Lifecycle::RunNext() {
  const absl::Time due = next_due_;
  next_due_ = absl::InfiniteFuture();
  std::vector<std::string> gone;
  for (const auto& [id, machine] : fleet_.machines()) {
    while (!machine->transitions.empty() && machine->transitions.front().due <= due) {
      const std::string state = machine->transitions.front().state;
      machine->transitions.erase(machine->transitions.begin());
      if (state.empty()) {
        fleet_.SetHealth(*machine, fleet_.IsBad(*machine) ? Health::kFailing : Health::kPassing);
      } else if (state == "destroyed") {
        gone.push_back(id);
      } else {
        fleet_.SetState(*machine, state, "flyd", due);
        if (!machine->transitions.empty()) fleet_.SetHealth(*machine, Health::kWaiting);
      }
    }
    if (!machine->transitions.empty()) next_due_ = std::min(next_due_, machine->transitions.front().due);
  }
  for (const std::string& id : gone) fleet_.Remove(id, due);
}

}  // namespace placer::flysim
