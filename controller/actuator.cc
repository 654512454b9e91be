#include "controller/actuator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/ownership.h"

namespace placer {
namespace {

using Call = IntentStep::Call;
using Change = MachineChange::Kind;

constexpr absl::Duration kLeaseReserve = absl::Minutes(2);  // beyond the drain: several passes
constexpr absl::Duration kStateMoment = absl::Seconds(2);

const Machine* FindMachine(const Observation& seen, const std::string& id) {
  const auto found = std::find_if(seen.machines.begin(), seen.machines.end(),
                                  [&](const Machine& machine) { return machine.id == id; });
  return found == seen.machines.end() ? nullptr : &*found;
}

Change StopKind(RemovalMethod method) {
  return method == RemovalMethod::kSuspend ? Change::kSuspend : Change::kStop;
}

const char* StateAfter(Change stop) {
  return stop == Change::kSuspend ? "suspended" : "stopped";
}

}  // namespace

Actuator::Actuator(Clock& clock, MachinesApi& machines, std::string owner_id)
    : clock_(clock), machines_(machines), owner_id_(std::move(owner_id)) {}

Task<CallOutcome> Actuator::Perform(PlacementPolicy policy, IntentStep step, Intent intent,
                                    const Observation& seen, std::shared_ptr<const MachineTemplate> source) {
  CallOutcome outcome{.step = std::move(step)};
  const std::string& id = intent.machine_id;
  // An expired lease protects nothing, and its nonce may be refused.
  if (intent.lease_expires <= clock_.Now()) intent.lease_nonce.clear();
  const std::string& nonce = intent.lease_nonce;
  switch (outcome.step.call) {
    case Call::kNone:
      break;
    case Call::kCreate: {
      absl::StatusOr<Machine> made = co_await CreateClone(policy, intent, source);
      outcome.status = made.status();
      if (made.ok()) outcome.machine_id = made->id;
      break;
    }
    case Call::kStart:
      outcome.status = co_await machines_.Apply(
          policy.app, {.kind = Change::kStart, .machine_id = id, .lease_nonce = nonce});
      break;
    case Call::kUncordon:
      outcome.status = co_await Uncordon(policy, intent, seen);
      break;
    case Call::kCordon:
      outcome.status = co_await Cordon(policy, intent, seen, &outcome.lease);
      break;
    case Call::kRenewLease: {
      absl::StatusOr<Lease> lease = co_await TakeLeaseFor(policy, id, nonce);
      outcome.status = lease.status();
      if (lease.ok()) outcome.lease = *std::move(lease);
      break;
    }
    case Call::kStop:
      outcome.status = co_await machines_.Apply(
          policy.app, {.kind = StopKind(policy.behavior.method), .machine_id = id, .lease_nonce = nonce});
      break;
    case Call::kReleaseLease:
      outcome.status = co_await ReleaseLease(policy.app, id, nonce);
      break;
    case Call::kPark:
      outcome.status = co_await machines_.Apply(
          policy.app,
          {.kind = Change::kSetMetadata, .machine_id = id, .key = kMetadataParked, .value = policy.name});
      break;
    case Call::kDestroy:
      outcome.status = co_await ChangeUnderLease(
          policy, {.kind = Change::kDestroy, .machine_id = id, .lease_nonce = nonce}, nullptr);
      break;
    case Call::kUpdate:
      outcome.status = co_await Update(policy, intent, seen, source);
      break;
  }
  outcome.now = clock_.Now();
  co_return outcome;
}

Task<absl::Status> Actuator::Claim(std::string app, std::string machine_id, absl::Time since) {
  co_return co_await machines_.Apply(std::move(app), {.kind = Change::kSetMetadata,
                                                      .machine_id = std::move(machine_id),
                                                      .key = kMetadataOwner,
                                                      .value = FormatClaim(owner_id_, clock_.Now(), since)});
}

Task<absl::Status> Actuator::ReleaseLease(std::string app, std::string machine_id, std::string nonce) {
  co_return co_await machines_.Apply(
      std::move(app),
      {.kind = Change::kReleaseLease, .machine_id = std::move(machine_id), .lease_nonce = std::move(nonce)});
}

Task<absl::StatusOr<Machine>> Actuator::CreateClone(const PlacementPolicy& policy, const Intent& intent,
                                                    const std::shared_ptr<const MachineTemplate>& source) {
  if (source == nullptr)
    co_return WithScope(absl::FailedPreconditionError("no template"), ErrorScope::kRefused);
  CloneSpec spec{.policy = policy.name,
                 .intent = intent.id,
                 .owner = FormatClaim(owner_id_, clock_.Now(), clock_.Now())};
  if (source->has_volumes) {
    absl::StatusOr<std::vector<std::string>> volumes = co_await FindVolumes(policy, intent, *source);
    if (!volumes.ok()) co_return volumes.status();
    spec.volume_ids = *std::move(volumes);
  }
  absl::StatusOr<std::string> config = MakeCloneConfig(*source, spec);
  if (!config.ok()) co_return WithScope(config.status(), ErrorScope::kRefused);
  absl::StatusOr<Machine> made = co_await machines_.Create(
      policy.app,
      CreateMachine{.name = intent.machine_name, .region = intent.region, .config = *std::move(config)});
  co_return made;
}

// A free volume of that name and region is taken before a new one is made: one whose answer was lost, or that
// a machine of ours left behind, is used again.
Task<absl::StatusOr<std::vector<std::string>>> Actuator::FindVolumes(const PlacementPolicy& policy,
                                                                     const Intent& intent,
                                                                     const MachineTemplate& source) {
  const absl::StatusOr<std::vector<MountedVolume>> wanted = ListTemplateVolumes(source);
  if (!wanted.ok()) co_return WithScope(wanted.status(), ErrorScope::kRefused);
  const absl::StatusOr<std::vector<Volume>> there = co_await machines_.ListVolumes(policy.app);
  if (!there.ok()) co_return there.status();
  std::vector<std::string> ids;
  for (const MountedVolume& volume : *wanted) {
    const auto is_free = [&](const Volume& candidate) {
      return candidate.region == intent.region && candidate.name == volume.name &&
             candidate.attached_machine.empty() && candidate.state == "created" &&
             candidate.size_gb >= volume.size_gb &&
             std::find(ids.begin(), ids.end(), candidate.id) == ids.end();
    };
    const auto found = std::find_if(there->begin(), there->end(), is_free);
    if (found != there->end()) {
      ids.push_back(found->id);
      continue;
    }
    const absl::StatusOr<Volume> made =
        co_await machines_.Create(policy.app, CreateVolume{.name = volume.name,
                                                           .region = intent.region,
                                                           .size_gb = volume.size_gb,
                                                           .encrypted = volume.encrypted});
    if (!made.ok()) co_return made.status();
    ids.push_back(made->id);
  }
  co_return ids;
}

// A stranger's machine says that it leaves before it is cordoned: should our store be lost, it comes back.
Task<absl::Status> Actuator::Cordon(const PlacementPolicy& policy, const Intent& intent,
                                    const Observation& seen, Lease* kept) {
  const Machine* machine = FindMachine(seen, intent.machine_id);
  const bool is_marked =
      machine == nullptr || IsMadeBy(*machine, policy.name) || IsMarkedLeaving(*machine, policy.name);
  if (!is_marked) {
    const absl::Status marked = co_await machines_.Apply(policy.app, {.kind = Change::kSetMetadata,
                                                                      .machine_id = intent.machine_id,
                                                                      .key = kMetadataLeaving,
                                                                      .value = policy.name});
    if (!marked.ok()) co_return marked;
  }
  co_return co_await ChangeUnderLease(policy, {.kind = Change::kCordon, .machine_id = intent.machine_id},
                                      kept);
}

Task<absl::Status> Actuator::Uncordon(const PlacementPolicy& policy, const Intent& intent,
                                      const Observation& seen) {
  const absl::Status uncordoned = co_await machines_.Apply(
      policy.app,
      {.kind = Change::kUncordon, .machine_id = intent.machine_id, .lease_nonce = intent.lease_nonce});
  if (!uncordoned.ok()) co_return uncordoned;
  if (!intent.lease_nonce.empty()) {
    // Where this fails, the lease expires by itself.
    (co_await ReleaseLease(policy.app, intent.machine_id, intent.lease_nonce)).IgnoreError();
  }
  // Only now: until it serves, the marks say why it does not.
  const Machine* machine = FindMachine(seen, intent.machine_id);
  for (const char* mark : {kMetadataParked, kMetadataLeaving}) {
    if (machine == nullptr || !machine->metadata.contains(mark)) continue;
    const absl::Status cleared = co_await machines_.Apply(
        policy.app, {.kind = Change::kSetMetadata, .machine_id = intent.machine_id, .key = mark});
    if (!cleared.ok()) co_return cleared;
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Actuator::Update(const PlacementPolicy& policy, const Intent& intent,
                                    const Observation& seen,
                                    const std::shared_ptr<const MachineTemplate>& source) {
  const Machine* machine = FindMachine(seen, intent.machine_id);
  if (machine == nullptr || source == nullptr)
    co_return absl::NotFoundError("the machine or its template is gone");
  const absl::StatusOr<std::string> config = MakeUpdatedConfig(*source, *machine);
  if (!config.ok()) co_return WithScope(config.status(), ErrorScope::kRefused);
  const absl::StatusOr<Lease> lease = co_await TakeLeaseFor(policy, machine->id, "");
  if (!lease.ok()) co_return lease.status();
  // What rests gets the release and rests on, also one that was parked before it ever ran: started, it would
  // cost, and might serve before it was asked to.
  const bool rests = IsParked(*machine) || machine->state == "stopped" || machine->state == "suspended";
  const absl::StatusOr<Machine> updated =
      co_await machines_.Update(policy.app, UpdateMachine{.machine_id = machine->id,
                                                          .config = *config,
                                                          .current_version = machine->instance_id,
                                                          .lease_nonce = lease->nonce,
                                                          .skip_launch = rests});
  (co_await ReleaseLease(policy.app, machine->id, lease->nonce)).IgnoreError();
  co_return updated.status();
}

Task<absl::StatusOr<Lease>> Actuator::TakeLeaseFor(const PlacementPolicy& policy,
                                                   const std::string& machine_id, const std::string& nonce) {
  const absl::Duration ttl = absl::Ceil(policy.behavior.drain_timeout + kLeaseReserve, absl::Seconds(1));
  co_return co_await machines_.Take(policy.app,
                                    TakeLease{.machine_id = machine_id,
                                              .ttl = ttl,
                                              .nonce = nonce,
                                              .description = absl::StrCat("autoplacer ", owner_id_)});
}

Task<absl::Status> Actuator::ChangeUnderLease(const PlacementPolicy& policy, MachineChange change,
                                              Lease* kept) {
  absl::StatusOr<Lease> lease = co_await TakeLeaseFor(policy, change.machine_id, change.lease_nonce);
  if (!lease.ok()) co_return lease.status();
  const std::string machine_id = change.machine_id;
  change.lease_nonce = lease->nonce;
  const absl::Status changed = co_await machines_.Apply(policy.app, std::move(change));
  if (changed.ok() && kept != nullptr) {
    *kept = *std::move(lease);
  } else if (!changed.ok()) {
    (co_await ReleaseLease(policy.app, machine_id, lease->nonce)).IgnoreError();
  }
  co_return changed;
}

Task<void> Actuator::AwaitChange(PlacementPolicy policy, CallOutcome outcome, Intent intent,
                                 const Observation& seen) {
  const bool starts = outcome.step.call == Call::kCreate || outcome.step.call == Call::kStart;
  if (!outcome.status.ok() || (!starts && outcome.step.call != Call::kStop)) co_return;
  WaitForState wait{.machine_id = outcome.machine_id.empty() ? intent.machine_id : outcome.machine_id,
                    .state = starts ? "started" : StateAfter(StopKind(policy.behavior.method)),
                    .timeout = kStateMoment};
  // The platform waits for the end of one version only; what starts may be any.
  if (const Machine* machine = FindMachine(seen, wait.machine_id); machine != nullptr && !starts)
    wait.instance_id = machine->instance_id;
  (co_await machines_.Wait(policy.app, std::move(wait))).IgnoreError();
}

}  // namespace placer
