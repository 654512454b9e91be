#include "controller/policy_loop.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <tuple>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "controller/shadow.h"

namespace placer {
namespace {

constexpr std::ptrdiff_t kMaxUnstoredEvents = 1000;

// What a state's facts are about: those of one app say nothing about another.
std::string TargetOf(const PlacementPolicy& policy) {
  return absl::StrCat(policy.app, "/", policy.process_group);
}

bool IsBehind(const PlacementPolicy& policy, const Machine& machine, const std::vector<Machine>& others) {
  return std::any_of(others.begin(), others.end(), [&](const Machine& other) {
    return other.process_group == policy.process_group && Exists(other) && IsServiceMachine(other) &&
           ReleaseVersionOf(other) > ReleaseVersionOf(machine);
  });
}

}  // namespace

// Somebody who waits for a whole pass that starts after they came.
struct PolicyLoop::Waiter {
  explicit Waiter(const asio::any_io_executor& executor)
      : done(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer done;
  absl::StatusOr<PassReport> report = absl::CancelledError("the controller is stopping");
};

PolicyLoop::PolicyLoop(asio::any_io_executor executor, Effects effects, const Reconciler& reconciler,
                       PlatformSource& platform, Log& log, Metrics* metrics, const ControllerOptions& options,
                       PlacementPolicy policy)
    : executor_(executor),
      effects_(effects),
      reconciler_(reconciler),
      log_(log),
      metrics_(metrics),
      observer_(effects.clock, effects.machines, effects.traffic, platform,
                {.machine_id = options.self_machine_id, .owner_id = options.owner_id}, options.own_app),
      actuator_(effects.clock, effects.machines, options.owner_id),
      waker_(executor),
      policy_(std::move(policy)) {
  SetAccepted("");
}

Task<void> PolicyLoop::Run(absl::Duration pause) {
  // However the loop ends, nobody waits for another pass.
  const auto release = absl::MakeCleanup([this] {
    stopping_ = true;
    for (const std::shared_ptr<Waiter>& waiter : std::exchange(waiters_, {})) waiter->done.cancel();
  });
  co_await LoadState();
  if (pause > absl::ZeroDuration()) {
    status_.next_reconcile = effects_.clock.Now() + pause;
    co_await waker_.SleepUntil(effects_.clock, status_.next_reconcile, /*seen=*/0);
  }
  while (!stopping_) {
    const std::uint64_t seen = waker_.count();
    pause = co_await RunPass();
    if (stopping_) break;
    // Jitter only shortens a pause, so that no data point waits longer than the interval.
    status_.next_reconcile = effects_.clock.Now() + pause * (0.9 + 0.1 * effects_.random.Uniform());
    co_await waker_.SleepUntil(effects_.clock, status_.next_reconcile, seen);
  }
  co_await ReleaseLeases();
}

Task<PassReport> PolicyLoop::RunOnce() {
  co_await LoadState();
  const auto waiter = std::make_shared<Waiter>(executor_);
  waiters_.push_back(waiter);
  co_await RunPass();
  co_return *std::move(waiter->report);
}

Task<absl::Duration> PolicyLoop::RunPass() {
  const absl::Time started = effects_.clock.Now();
  PlacementPolicy policy = policy_;  // what changes from here on is the next pass's
  const std::vector<std::shared_ptr<Waiter>> waiters = std::exchange(waiters_, {});
  // Also if the pass is dropped: then they hear that the controller is stopping.
  const auto release = absl::MakeCleanup([&waiters] {
    for (const std::shared_ptr<Waiter>& waiter : waiters) waiter->done.cancel();
  });
  co_await SwitchMode(policy);
  if (state_.target != TargetOf(policy)) {
    if (state_.history.intents.empty()) {
      state_ = PolicyState{.target = TargetOf(policy)};
    } else {  // comes to rest where it was begun
      const std::pair<std::string, std::string> before =
          absl::StrSplit(state_.target, absl::MaxSplits('/', 1));
      std::tie(policy.app, policy.process_group) = before;
    }
  }

  co_await observer_.Observe(policy, state_.last_seen);
  const Observation& real = observer_.seen();
  RefreshTemplate(policy, real);

  ReconcileResult result = co_await Decide(policy);
  const bool failed = IsFailing();  // it may have failed to read the machines again
  failures_ = failed ? failures_ + 1 : 0;
  state_.history = std::move(result.history);
  PassReport report = StartReport(policy, result);
  if (set_ == Mode::kActive) {
    co_await Act(policy, real, result.plan, report);
  } else {
    ActOnShadow(policy, result, report);
  }
  Publish(policy, real, result);
  co_await Record(policy, real.traffic, result.decision);
  if (metrics_ != nullptr) {
    metrics_->CountDecisions(policy.name, result.decision);
    metrics_->CountReconcile(policy.name, failed ? "error" : "requeue_after", effects_.clock.Now() - started);
  }
  for (const std::shared_ptr<Waiter>& waiter : waiters) waiter->report = report;
  co_return result.requeue_after;
}

Task<void> PolicyLoop::Record(const PlacementPolicy& policy, const Traffic& traffic,
                              const Decision& decision) {
  const std::ptrdiff_t said = std::ssize(events_);  // more may be said while the commit is under way
  const absl::Status stored = co_await effects_.store.Commit(MakeRecord(policy, traffic, decision));
  if (stored.ok()) {
    events_.erase(events_.begin(), events_.begin() + said);
    if (traffic.error.ok()) stored_point_ = std::max(stored_point_, traffic.end);
  } else {
    // What was not stored goes with the next pass, within bounds.
    if (std::ssize(events_) > kMaxUnstoredEvents)
      events_.erase(events_.begin(), events_.end() - kMaxUnstoredEvents);
    if (metrics_ != nullptr) metrics_->CountStoreError();
  }
  SetCondition(status_.conditions, {"StateStored", stored.ok(), stored.ok() ? "Stored" : "StoreFailed",
                                    std::string(stored.message()), effects_.clock.Now()});
}

// Paused says nothing of a set: the one with facts about the platform comes first.
Task<void> PolicyLoop::LoadState() {
  if (policy_.mode == Mode::kActive) co_await ForgetDryRun();
  Load(Mode::kActive);
  const bool under_way = !state_.history.intents.empty();
  const bool known = !state_.last_seen.empty() || !state_.history.regions.empty();
  const bool stays = policy_.mode == Mode::kActive || under_way || (policy_.mode == Mode::kPaused && known);
  if (!stays) Load(Mode::kDryRun);
}

void PolicyLoop::Load(Mode mode) {
  set_ = mode;
  state_ = PolicyState();
  absl::StatusOr<PolicyState> stored = effects_.store.Load(policy_.name, mode);
  if (stored.ok()) {
    state_ = *std::move(stored);
  } else if (!absl::IsNotFound(stored.status())) {
    Say(true, "StateLost",
        absl::StrCat("The stored state cannot be read, starting afresh: ",
                     std::string(stored.status().message())));
  }
  if (state_.target.empty()) state_.target = TargetOf(policy_);  // imported, or nothing was stored
  stored_point_ = state_.history.decided_point;
}

// Facts are kept per mode. What is under way in Active comes to rest before they are left; a dry run's facts
// end with it, also where the mode changed while the process was down.
Task<void> PolicyLoop::SwitchMode(PlacementPolicy policy) {
  if (policy.mode == set_ || policy.mode == Mode::kPaused) co_return;
  if (set_ == Mode::kActive) {
    if (state_.history.intents.empty()) Load(Mode::kDryRun);
    co_return;
  }
  co_await ForgetDryRun();
  Load(Mode::kActive);
}

Task<void> PolicyLoop::ForgetDryRun() {
  if (absl::IsNotFound(effects_.store.Load(policy_.name, Mode::kDryRun).status())) co_return;
  const absl::Status forgotten = co_await effects_.store.Forget(policy_.name, Mode::kDryRun);
  if (forgotten.ok()) co_return;
  Say(true, "StoreFailed",
      absl::StrCat("The dry run's facts could not be deleted: ", std::string(forgotten.message())));
}

bool PolicyLoop::IsFailing() const {
  return !observer_.seen().machines_error.ok() || !observer_.seen().traffic.error.ok();
}

void PolicyLoop::AddOnce(std::vector<std::string>& regions, const std::string& region) {
  if (std::find(regions.begin(), regions.end(), region) == regions.end()) regions.push_back(region);
}

void PolicyLoop::RefreshTemplate(const PlacementPolicy& policy, const Observation& real) {
  if (!real.machines_known || !real.machines_error.ok()) return;
  const Machine* machine = FindTemplateMachine(policy, real.machines);
  if (machine == nullptr) return;
  // A healthy machine on an old release is no step back while others are on the new one, healthy or not.
  if (state_.history.machine_template != nullptr && IsBehind(policy, *machine, real.machines)) return;
  const std::shared_ptr<const MachineTemplate>& known = state_.history.machine_template;
  const bool same =
      known != nullptr && known->machine_id == machine->id && known->instance_id == machine->instance_id;
  if (!same)
    state_.history.machine_template = std::make_shared<const MachineTemplate>(MakeTemplate(*machine));
}

PassReport PolicyLoop::StartReport(const PlacementPolicy& policy, const ReconcileResult& result) const {
  PassReport report{.policy = policy.name};
  for (const RegionDecision& region : result.decision.regions) {
    if (region.observed > 0) report.current_deployment.push_back(region.region);
    if (region.target > 0) report.updated_deployment.push_back(region.region);
    if (region.action == Action::kNone)
      report.skipped.push_back({region.region, region.wanted, region.message});
  }
  return report;
}

void PolicyLoop::ActOnShadow(const PlacementPolicy& policy, const ReconcileResult& result,
                             PassReport& report) {
  for (const PlannedAction& action : result.plan.actions) {
    if (action.kind != PlannedAction::Kind::kCreate && action.kind != PlannedAction::Kind::kRemove) continue;
    ApplyToShadow(action, effects_.clock.Now(), state_.shadow);
    RecordAction(action);
    const bool create = action.kind == PlannedAction::Kind::kCreate;
    AddOnce(create ? report.deployed : report.removed, action.region);
    if (metrics_ != nullptr)
      metrics_->CountAction(policy.name, create ? Action::kDeploy : Action::kRemove, "ok");
    Say(false, create ? "MachineCreated" : "MachineRemoved",
        absl::StrCat(create ? "Created a machine in " : "Removed a machine from ", action.region,
                     " in the dry run: ", ToString(action.reason)));
  }
}

void PolicyLoop::RecordAction(const PlannedAction& planned) {
  const absl::Time now = effects_.clock.Now();
  const bool create = planned.kind == PlannedAction::Kind::kCreate;
  const Action action = create ? Action::kDeploy : Action::kRemove;
  RegionHistory& history = state_.history.regions[planned.region];
  history.last_action = LastAction{action, now, !planned.more_to_come};
  history.machines = std::max(0, history.machines + (create ? 1 : -1));  // it may not count who leaves
  state_.history.actions.push_back({now, action, planned.region, /*failed=*/false});
  AddRecentAction(status_, {now, planned.region, action, planned.reason, /*failed=*/false});
}

PassRecord PolicyLoop::MakeRecord(const PlacementPolicy& policy, const Traffic& traffic,
                                  const Decision& decision) {
  const ScalingBehavior& down = policy.behavior.scale_down;
  const absl::Duration window = std::max({absl::Hours(1), policy.behavior.scale_up.per, down.per});
  // Also those that no window reaches since they lie too far ahead: the clock was wrong when they were
  // stored.
  std::erase_if(state_.history.actions, [&](const ActionRecord& record) {
    const bool undone = record.failed && record.action == Action::kRemove;  // its region rests for a cooldown
    const absl::Duration reach = undone ? std::max(window, down.cooldown) : window;
    return record.time < decision.time - reach || record.time > decision.time + window;
  });
  PassRecord record{policy.name, set_, state_, decision, events_, {}};
  if (!traffic.error.ok()) return record;
  for (int i = 0; i < traffic.points; ++i) {
    const absl::Time end = traffic.end - traffic.resolution * (traffic.points - 1 - i);
    if (end <= stored_point_ || !traffic.witnessed[i]) continue;
    std::map<std::string, double>& point = record.traffic[end];
    for (const auto& [region, values] : traffic.regions) {
      if (values[i]) point[region] = *values[i];
    }
  }
  return record;
}

void PolicyLoop::SetPolicy(PlacementPolicy policy) {
  policy_ = std::move(policy);
  waker_.Wake();
}

Task<absl::StatusOr<PassReport>> PolicyLoop::Trigger() {
  if (stopping_) co_return absl::CancelledError("the controller is stopping");
  const auto waiter = std::make_shared<Waiter>(executor_);
  waiters_.push_back(waiter);
  waker_.Wake();
  co_await waiter->done.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return waiter->report;
}

void PolicyLoop::RequestStop() {
  stopping_ = true;
  waker_.Wake();
}

void PolicyLoop::Say(bool warning, const std::string& reason, const std::string& message) {
  log_.Write(warning ? LogLevel::kWarning : LogLevel::kInfo, message,
             {{"policy", policy_.name}, {"target_app", policy_.app}, {"reason", reason}});
  events_.push_back({effects_.clock.Now(), policy_.name, warning, reason, message});
}

}  // namespace placer
