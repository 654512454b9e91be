#include "reconcilers/placement/steps.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/machine_name.h"
#include "reconcilers/placement/acting.h"
#include "reconcilers/placement/guards.h"

namespace placer {
namespace {

using Call = IntentStep::Call;
using Phase = Intent::Phase;

// Where an app has no checks, a machine counts as ready after this time in state started.
constexpr absl::Duration kGrace = absl::Seconds(10);
// The platform may not know a machine that it has just made.
constexpr absl::Duration kShyFor = absl::Minutes(1);
constexpr absl::Duration kLongestWatch = absl::Hours(1);
constexpr absl::Duration kStopPatience = absl::Minutes(1);
constexpr int kStopTries = 8;
constexpr absl::Duration kLeaseReserve = absl::Seconds(20);
// Creates without success; with growing pauses two minutes together: longer than a list may be stale.
constexpr int kCreateTries = 6;
constexpr int kUpdateTries = 6;

bool IsUp(const Machine& machine) {
  return machine.state == "started" || machine.state == "starting";
}

bool PassesChecks(const Machine& machine) {
  return std::all_of(machine.checks.begin(), machine.checks.end(),
                     [](const Check& check) { return check.status == "passing"; });
}

bool IsReady(const Machine& machine, absl::Time since, absl::Time now) {
  if (machine.state != "started" || machine.host_status != "ok") return false;
  if (machine.checks.empty()) return now - std::max(machine.updated_at, since) >= kGrace;
  return PassesChecks(machine);
}

std::string DescribeTrouble(const Machine& machine) {
  for (const Check& check : machine.checks) {
    if (check.status != "passing") return absl::StrCat("check ", check.name, " is ", check.status);
  }
  return absl::StrCat("it is ", machine.state);
}

class Stepper {
 public:
  Stepper(const StepContext& context, const Intent& intent)
      : context_(context),
        input_(context.pass.input),
        now_(input_.now),
        intent_(intent),
        machine_(FindMachine()) {}

  // No value: wait.
  std::optional<IntentStep> Next() const {
    if (intent_.kind == Intent::Kind::kLeave) {
      // By another controller, or by a call whose answer was lost.
      if (machine_ != nullptr && IsParked(*machine_)) return Finish();
      if (std::optional<IntentStep> back = TurnBack()) return back;
    }
    switch (intent_.phase) {
      case Phase::kCreating:
        return Create();
      case Phase::kStarting:
      case Phase::kReturning:
        return Start();
      case Phase::kCordoning:
        return Cordon();
      case Phase::kDraining:
        return Drain();
      case Phase::kStopping:
        return Stop();
      case Phase::kWatching:
        return Watch();
      case Phase::kDestroying:
        return Destroy();
      case Phase::kUpdating:
        return Update();
    }
    return std::nullopt;
  }

 private:
  const Machine* FindMachine() const {
    for (const Machine& machine : input_.seen.machines) {
      if (WorksOn(intent_, machine)) return &machine;
    }
    return nullptr;
  }

  IntentStep MakeStep(Call call, std::optional<Phase> next) const {
    return {.intent_id = intent_.id, .call = call, .next = next};
  }
  // A host that does not answer is waited for: no call would get through to the machine.
  std::optional<IntentStep> CallTo(Call call, std::optional<Phase> next) const {
    if (now_ < intent_.not_before || machine_->host_status != "ok") return std::nullopt;
    return MakeStep(call, next);
  }
  IntentStep Move(Phase next) const { return MakeStep(Call::kNone, next); }
  IntentStep Finish() const { return MakeStep(Call::kNone, std::nullopt); }
  IntentStep Fail(std::optional<Phase> next, std::string why) const {
    IntentStep step = MakeStep(Call::kNone, next);
    step.failed = true;
    step.why = std::move(why);
    return step;
  }

  bool IsGone() const { return machine_ == nullptr || !Exists(*machine_); }

  std::optional<IntentStep> Create() const {
    if (machine_ != nullptr) return AdoptOrRename();
    if (input_.settling && intent_.attempts == 0) return Fail(std::nullopt, "the policy's mode was left");
    // Others came meanwhile. Should it have been made after all, it is found by its marks, see below.
    if (context_.pass.total > input_.policy.capacity.total_max)
      return Fail(std::nullopt, "capacity.total.max is reached");
    if (now_ < intent_.not_before) return std::nullopt;
    if (intent_.attempts >= kCreateTries) {
      if (IsNameTaken()) return Rename();
      // Should it have been made after all, it is found by its marks, and brought into service.
      return Fail(std::nullopt, absl::StrCat("the create does not get through: ", intent_.last_error));
    }
    if (intent_.attempts > 0) {
      if (!context_.budget.CanCreate()) return std::nullopt;
      context_.budget.Spend(Action::kDeploy);
    }
    return MakeStep(Call::kCreate, Phase::kStarting);
  }

  bool IsNameTaken() const {
    const auto region = input_.history.regions.find(intent_.region);
    return region != input_.history.regions.end() && region->second.failure == ErrorScope::kNameTaken;
  }

  IntentStep AdoptOrRename() const {
    const bool fits =
        IsMadeBy(*machine_, input_.policy.name) && Exists(*machine_) && machine_->host_status == "ok";
    if (!fits) return Rename();
    IntentStep step = Move(Phase::kStarting);
    step.machine_id = machine_->id;
    return step;
  }

  IntentStep Rename() const {
    std::vector<std::string> reserved = {intent_.machine_name};
    for (const Intent& other : input_.history.intents) reserved.push_back(other.machine_name);
    IntentStep step = Move(Phase::kCreating);
    // Its own slot is not occupied by itself: the next generation of it is what is asked for.
    const std::optional<NameParts> parts =
        ParseMachineName(intent_.machine_name, input_.policy.name, intent_.region);
    int generation = parts ? parts->generation + 1 : 1;
    const auto name = [&] {
      return MakeMachineName(input_.policy.name, intent_.region, parts ? parts->slot : 0, generation);
    };
    const auto is_taken = [&](const std::string& wanted) {
      return std::find(reserved.begin(), reserved.end(), wanted) != reserved.end() ||
             std::any_of(input_.seen.machines.begin(), input_.seen.machines.end(),
                         [&](const Machine& machine) { return machine.name == wanted; });
    };
    while (is_taken(name())) ++generation;
    step.machine_name = name();
    return step;
  }

  // Until it serves: of an enter, of an update, and of a leave that is undone.
  std::optional<IntentStep> Start() const {
    const bool is_update = intent_.kind == Intent::Kind::kUpdate;
    if (IsGone()) {
      if (machine_ == nullptr && now_ - intent_.phase_since < kShyFor) return std::nullopt;
      return Fail(std::nullopt, "the machine is gone");
    }
    // A parked machine does not count until it comes back, and others came meanwhile.
    const bool is_full = context_.pass.total > input_.policy.capacity.total_max;
    if (is_full && intent_.kind == Intent::Kind::kEnter && IsParked(*machine_)) {
      return Fail(std::nullopt, "capacity.total.max is reached");
    }
    if (IsReady(*machine_, intent_.phase_since, now_)) {
      if (is_update) return Finish();
      return CallTo(Call::kUncordon, std::nullopt);
    }
    if (is_update && !IsUp(*machine_) && machine_->state != "replacing")
      return Finish();  // it was stopped before
    if (machine_->state == "failed" || now_ - FindBegin() >= kEnterDeadline) return GiveUp();
    const bool may_start = machine_->state == "stopped" || machine_->state == "suspended" ||
                           (machine_->state == "created" && now_ - intent_.phase_since >= kGrace);
    return may_start ? CallTo(Call::kStart, intent_.phase) : std::nullopt;
  }

  // What was down for a while has had no chance yet: a start counts from when it began to move.
  absl::Time FindBegin() const {
    if (intent_.kind == Intent::Kind::kEnter && !intent_.machine_name.empty()) return intent_.started;
    return std::min(std::max(intent_.phase_since, machine_->updated_at),
                    intent_.phase_since + 2 * kEnterDeadline);
  }

  std::optional<IntentStep> GiveUp() const {
    const std::string why =
        absl::StrCat("the machine did not become healthy within ", absl::FormatDuration(kEnterDeadline), ": ",
                     DescribeTrouble(*machine_));
    // One that was to leave and is wanted back is given its traffic as it is: better than none.
    if (intent_.kind == Intent::Kind::kLeave) {
      std::optional<IntentStep> step = CallTo(Call::kUncordon, std::nullopt);
      if (step) step->why = why;
      return step;
    }
    const bool is_ours = IsMadeBy(*machine_, input_.policy.name);
    if (intent_.kind == Intent::Kind::kUpdate || !is_ours) return Fail(std::nullopt, why);
    return Fail(Phase::kDestroying, why);
  }

  // But for the cordon; also one that did not when its leave began.
  bool CanServe() const { return machine_->state == "started" && PassesChecks(*machine_); }

  std::optional<IntentStep> TurnBack() const {
    const bool is_late = intent_.phase == Phase::kDestroying && !intent_.failed;
    const bool can = is_late || intent_.phase == Phase::kCordoning || intent_.phase == Phase::kDraining ||
                     intent_.phase == Phase::kStopping || intent_.phase == Phase::kWatching;
    if (!can || IsGone()) return std::nullopt;
    if (machine_->host_status != "ok") {
      // Nothing was done to it yet, and its host may be away for days.
      const bool is_untouched = intent_.phase == Phase::kCordoning && intent_.lease_nonce.empty();
      if (!input_.settling || !is_untouched) return std::nullopt;
      return Fail(std::nullopt, "the policy's mode was left");
    }
    std::string why;
    if (context_.returning.contains(intent_.machine_id)) {
      why = "the region is wanted again";
    } else if (input_.settling) {
      why = "the policy's mode was left";
    } else if (context_.healthy < 1 && (intent_.served || CanServe())) {
      why = "no other machine is healthy";
    } else if (context_.staying < input_.policy.capacity.total_min) {
      why = "fewer machines than capacity.total.min would stay";
    } else if (intent_.phase != Phase::kWatching && !is_late && intent_.attempts >= kStopTries) {
      why = absl::StrCat("it cannot be stopped: ", intent_.last_error);
    } else if (intent_.phase == Phase::kWatching && IsUp(*machine_)) {
      why = "somebody started the machine";
    } else if (intent_.phase != Phase::kCordoning && intent_.served && !is_late) {
      why = FindHarm();
    }
    if (why.empty()) return std::nullopt;
    return Fail(Phase::kReturning, why);
  }

  // What those who took over suffer; "" = nothing.
  std::string FindHarm() const;

  std::optional<IntentStep> Cordon() const {
    if (IsGone()) return Finish();
    return CallTo(Call::kCordon, Phase::kDraining);
  }

  std::optional<IntentStep> Drain() const {
    if (IsGone()) return Finish();
    if (!IsUp(*machine_)) return Move(Phase::kStopping);
    if (intent_.lease_expires - now_ < kLeaseReserve || intent_.lease_nonce.empty()) {
      return CallTo(Call::kRenewLease, Phase::kDraining);
    }
    if (now_ - intent_.phase_since < input_.policy.behavior.drain_timeout) return std::nullopt;
    return CallTo(Call::kStop, Phase::kStopping);
  }

  std::optional<IntentStep> Stop() const {
    if (IsGone()) return Finish();
    if (IsUp(*machine_)) {
      if (now_ - intent_.phase_since < kStopPatience && intent_.attempts == 0) return std::nullopt;
      return CallTo(Call::kStop, Phase::kStopping);
    }
    if (machine_->state == "stopping" || machine_->state == "suspending" || machine_->state == "replacing") {
      return std::nullopt;
    }
    if (!intent_.lease_nonce.empty()) return CallTo(Call::kReleaseLease, Phase::kWatching);
    return Move(Phase::kWatching);
  }

  std::optional<IntentStep> Watch() const {
    if (IsGone()) return Finish();
    const ThresholdSpec& threshold = input_.policy.threshold;
    const absl::Duration window = input_.policy.traffic.resolution * threshold.short_window;
    if (intent_.served && now_ - intent_.phase_since < window) return std::nullopt;
    // Who cannot see whether others suffer keeps the cheap way back, for a while.
    const bool blind = context_.pass.grade.evidence == Evidence::kMissing ||
                       context_.pass.grade.evidence == Evidence::kStale;
    const bool by_traffic = intent_.reason == Reason::kTrafficBelowThreshold;
    if (intent_.served && by_traffic && blind && now_ - intent_.phase_since < kLongestWatch)
      return std::nullopt;
    return Move(Phase::kDestroying);
  }

  // Also of an enter that failed.
  std::optional<IntentStep> Destroy() const {
    if (IsGone()) return Finish();
    if (IsUp(*machine_)) return CallTo(Call::kStop, Phase::kDestroying);
    if (machine_->state == "stopping" || machine_->state == "suspending") return std::nullopt;
    const bool parks =
        intent_.kind == Intent::Kind::kLeave && input_.policy.behavior.method != RemovalMethod::kDestroy;
    return CallTo(parks ? Call::kPark : Call::kDestroy, std::nullopt);
  }

  std::optional<IntentStep> Update() const {
    if (IsGone()) return Fail(std::nullopt, "the machine is gone");
    const auto& source = input_.history.machine_template;
    if (source == nullptr || IsOnRelease(*source, *machine_)) return Move(Phase::kStarting);
    if (input_.settling) return Fail(std::nullopt, "the policy's mode was left");
    if (intent_.attempts >= kUpdateTries) {
      return Fail(std::nullopt, absl::StrCat("the update does not get through: ", intent_.last_error));
    }
    return CallTo(Call::kUpdate, Phase::kStarting);
  }

  const StepContext& context_;
  const ReconcileInput& input_;
  const absl::Time now_;
  const Intent& intent_;
  const Machine* machine_;
};

std::string Stepper::FindHarm() const {
  const Worsening harm = IsReceiverWorse(input_.policy, input_.seen, intent_.region, intent_.started);
  return harm.worse ? harm.why : "";
}

}  // namespace

std::vector<IntentStep> PlanSteps(const StepContext& context) {
  std::vector<IntentStep> steps;
  for (const Intent& intent : context.pass.input.history.intents) {
    if (std::optional<IntentStep> step = Stepper(context, intent).Next()) steps.push_back(*std::move(step));
  }
  return steps;
}

}  // namespace placer
