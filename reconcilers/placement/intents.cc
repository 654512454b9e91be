#include "reconcilers/placement/intents.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace placer {
namespace {

constexpr absl::Duration kFirstPause = absl::Minutes(5);
constexpr absl::Duration kLongestPause = absl::Hours(1);
constexpr int kHostTries = 3;
constexpr absl::Duration kBlockedFor = absl::Minutes(5);
constexpr absl::Duration kLongestBackoff = absl::Minutes(1);

Action DirectionOf(Intent::Kind kind) {
  return kind == Intent::Kind::kLeave ? Action::kRemove : Action::kDeploy;
}

std::vector<Intent>::iterator Find(History& history, const std::string& id) {
  return std::find_if(history.intents.begin(), history.intents.end(),
                      [&](const Intent& intent) { return intent.id == id; });
}

void MoveTo(Intent::Phase phase, absl::Time now, Intent& intent) {
  if (intent.phase != phase) intent.phase_since = now;
  intent.phase = phase;
  intent.attempts = 0;
  intent.last_error.clear();
  intent.not_before = absl::InfinitePast();
}

void Wait(absl::Duration pause, const absl::Status& status, absl::Time now, Intent& intent) {
  ++intent.attempts;
  intent.last_error = std::string(status.message());
  intent.not_before = now + pause;
}

absl::Duration Backoff(int attempts) {
  return std::min(absl::Seconds(2) * (1 << std::min(attempts, 5)), kLongestBackoff);
}

void MarkFailed(const Intent& intent, Action action, History& history) {
  for (auto record = history.actions.rbegin(); record != history.actions.rend(); ++record) {
    if (record->region != intent.region || record->action != action) continue;
    record->failed = true;
    return;
  }
}

// The rest that follows begins now, not when the leave began.
void MarkUndone(const Intent& intent, absl::Time now, History& history) {
  const auto is_its = [&](const ActionRecord& record) {
    return record.region == intent.region && record.action == Action::kRemove && !record.failed;
  };
  const auto record = std::find_if(history.actions.rbegin(), history.actions.rend(), is_its);
  if (record != history.actions.rend()) history.actions.erase(std::next(record).base());
  history.actions.push_back({now, Action::kRemove, intent.region, /*failed=*/true});
}

// Also of an update: no machine of the region becomes healthy in what the template says.
void CountFailedCreate(const Intent& intent, ErrorScope scope, const std::string& message, absl::Time now,
                       History& history) {
  RegionHistory& region = history.regions[intent.region];
  ++region.failed_creates;
  region.failure = scope;
  region.failure_message = message;
  region.retry_at = now + ComputeCreatePause(scope, region.failed_creates);
  if (intent.kind == Intent::Kind::kEnter) MarkFailed(intent, Action::kDeploy, history);
}

void ForgetFailures(RegionHistory& region) {
  region.failed_creates = 0;
  region.retry_at = absl::InfinitePast();
  region.failure_message.clear();
}

// Ours goes, nobody else's: the last target stays.
void ForgetMachine(RegionHistory& region) {
  region.machines = std::max(0, region.machines - 1);
}

// The intent is over: cooldown starts, and what it was for is booked.
void Close(std::vector<Intent>::iterator intent, absl::Time now, History& history) {
  RegionHistory& region = history.regions[intent->region];
  if (intent->kind != Intent::Kind::kUpdate) {
    region.last_action = LastAction{DirectionOf(intent->kind), now, !intent->more_to_come};
  }
  if (intent->kind == Intent::Kind::kEnter) {
    if (!intent->failed) {
      ForgetFailures(region);
    } else if (intent->phase != Intent::Phase::kDestroying) {  // else it was forgotten when that began
      ForgetMachine(region);
    }
  } else if (intent->kind == Intent::Kind::kUpdate) {
    const bool was_machines_fault = region.failure == ErrorScope::kUnknown;
    if (!intent->failed && was_machines_fault) ForgetFailures(region);
  } else if (intent->kind == Intent::Kind::kLeave && intent->failed) {
    MarkUndone(*intent, now, history);
  } else if (intent->kind == Intent::Kind::kLeave && region.machines == 0) {
    region.stands_in_for.clear();
  }
  history.intents.erase(intent);
}

void RecordSuccess(const CallOutcome& outcome, std::vector<Intent>::iterator intent, History& history) {
  const IntentStep& step = outcome.step;
  if (!outcome.machine_id.empty()) intent->machine_id = outcome.machine_id;
  if (!step.machine_id.empty()) intent->machine_id = step.machine_id;
  if (!step.machine_name.empty()) {
    intent->machine_name = step.machine_name;
    intent->attempts = 0;  // a new name's first
  }
  if (!outcome.lease.nonce.empty()) {
    intent->lease_nonce = outcome.lease.nonce;
    intent->lease_expires = outcome.lease.expires_at;
  } else if (step.call == IntentStep::Call::kReleaseLease) {
    intent->lease_nonce.clear();
  }
  const bool gave_up = step.failed && !intent->failed;
  intent->failed |= step.failed;
  // What never made a call failed at nothing.
  const bool is_first =
      intent->phase == Intent::Phase::kCreating || intent->phase == Intent::Phase::kUpdating;
  const bool tried = !is_first || intent->attempts > 0;
  if (gave_up && intent->kind != Intent::Kind::kLeave && tried) {
    CountFailedCreate(*intent, ErrorScope::kUnknown, step.why, outcome.now, history);
  }
  if (gave_up && intent->kind == Intent::Kind::kEnter && step.next == Intent::Phase::kDestroying)
    ForgetMachine(history.regions[intent->region]);
  if (!step.next) return Close(intent, outcome.now, history);
  if (step.call == IntentStep::Call::kRenewLease) return;  // the phase's own call still counts its failures
  MoveTo(*step.next, outcome.now, *intent);
}

void RecordFailedCreate(const CallOutcome& outcome, std::vector<Intent>::iterator intent, History& history) {
  const ErrorScope scope = ScopeOf(outcome.status);
  const std::string message(outcome.status.message());
  switch (scope) {
    case ErrorScope::kUnknown:  // it may have happened: the name tells, once it can be seen
    case ErrorScope::kRetry:
    case ErrorScope::kConflict:
    case ErrorScope::kNameTaken:
      history.regions[intent->region].failure = scope;
      return Wait(Backoff(intent->attempts), outcome.status, outcome.now, *intent);
    case ErrorScope::kAuth:
      intent->failed = true;
      return Close(intent, outcome.now, history);
    case ErrorScope::kHost:
    case ErrorScope::kVolume:
    case ErrorScope::kRegion:
    case ErrorScope::kQuota:
    case ErrorScope::kGone:
    case ErrorScope::kRefused:
      break;
  }
  CountFailedCreate(*intent, scope, message, outcome.now, history);
  intent->failed = true;
  Close(intent, outcome.now, history);
}

IntentStep MakeFirstStep(const Intent& intent) {
  IntentStep step{.intent_id = intent.id};
  switch (intent.phase) {
    case Intent::Phase::kCreating:
      step.call = IntentStep::Call::kCreate;
      step.next = Intent::Phase::kStarting;
      break;
    case Intent::Phase::kCordoning:
      step.call = IntentStep::Call::kCordon;
      step.next = Intent::Phase::kDraining;
      break;
    case Intent::Phase::kUpdating:
      step.call = IntentStep::Call::kUpdate;
      step.next = Intent::Phase::kStarting;
      break;
    default:  // a machine that is there already: it starts with what the next pass sees
      step.next = intent.phase;
      break;
  }
  return step;
}

}  // namespace

absl::Duration ComputeCreatePause(ErrorScope scope, int failed) {
  const int counted = scope == ErrorScope::kHost ? failed - kHostTries + 1 : failed;
  if (counted <= 0) return absl::ZeroDuration();
  return std::min(kFirstPause * (1 << std::min(counted - 1, 10)), kLongestPause);
}

IntentStep BeginIntent(const PlannedAction& action, absl::Time now, History& history) {
  Intent intent{.region = action.region,
                .machine_id = action.machine_id,
                .machine_name = action.machine_name,
                .reason = action.reason,
                .started = now,
                .phase_since = now};
  RegionHistory& region = history.regions[action.region];
  switch (action.kind) {
    case PlannedAction::Kind::kCreate:
      intent.kind = Intent::Kind::kEnter;
      intent.phase = action.machine_id.empty() ? Intent::Phase::kCreating : Intent::Phase::kStarting;
      intent.id = action.machine_id.empty() ? action.machine_name : absl::StrCat("enter-", action.machine_id);
      ++region.machines;
      region.stands_in_for = action.stands_in_for;
      break;
    case PlannedAction::Kind::kRemove:
      intent.kind = Intent::Kind::kLeave;
      intent.phase = Intent::Phase::kCordoning;
      intent.id = absl::StrCat("leave-", action.machine_id);
      ForgetMachine(region);
      break;
    case PlannedAction::Kind::kReturn:
      intent.kind = Intent::Kind::kEnter;
      intent.phase = Intent::Phase::kStarting;
      intent.id = absl::StrCat("enter-", action.machine_id);
      history.intents.push_back(std::move(intent));
      return MakeFirstStep(history.intents.back());
    case PlannedAction::Kind::kUpdate:
      intent.kind = Intent::Kind::kUpdate;
      intent.phase = Intent::Phase::kUpdating;
      intent.id = absl::StrCat("update-", action.machine_id);
      break;
  }
  intent.served = action.served;
  intent.more_to_come = action.more_to_come;
  if (intent.kind != Intent::Kind::kUpdate) {
    history.actions.push_back({now, DirectionOf(intent.kind), action.region, /*failed=*/false});
  }
  history.intents.push_back(std::move(intent));
  return MakeFirstStep(history.intents.back());
}

void RecordOutcome(const CallOutcome& outcome, History& history) {
  const ErrorScope scope = outcome.status.ok() ? ErrorScope::kUnknown : ScopeOf(outcome.status);
  if (scope == ErrorScope::kAuth) {  // also of a claim, which is no intent's
    history.blocked_until = outcome.now + kBlockedFor;
    history.blocked_message = std::string(outcome.status.message());
  }
  const auto intent = Find(history, outcome.step.intent_id);
  if (intent == history.intents.end()) return;
  const bool repeats_create = outcome.step.call == IntentStep::Call::kCreate && intent->attempts > 0;
  if (repeats_create) history.actions.push_back({outcome.now, Action::kDeploy, intent->region, false});
  if (outcome.status.ok()) return RecordSuccess(outcome, intent, history);
  if (outcome.step.call == IntentStep::Call::kCreate) return RecordFailedCreate(outcome, intent, history);
  if (outcome.step.call == IntentStep::Call::kReleaseLease) intent->lease_nonce.clear();  // it will expire
  const bool lease_lost =
      scope == ErrorScope::kConflict || outcome.step.call == IntentStep::Call::kRenewLease;
  if (lease_lost) intent->lease_nonce.clear();
  Wait(scope == ErrorScope::kConflict ? absl::Seconds(10) : Backoff(intent->attempts), outcome.status,
       outcome.now, *intent);
}

}  // namespace placer
