// The calls of the Machines API on a World.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cmd/flysim/core/leases.h"
#include "cmd/flysim/core/refusal.h"
#include "cmd/flysim/core/world_state.h"

namespace placer::flysim {
namespace {

constexpr char kOwner[] = "token@example.com";  // as the platform calls whoever has our token
constexpr std::size_t kMaxWrites = 100'000;
constexpr std::size_t kMaxNameLength = 63;
constexpr int kUnlimitedRoom = 100;  // what is said where there is no limit

absl::Status RefuseVersion(const std::string& wanted, const std::string& present) {
  return MakeRefusal(
      412,
      absl::StrCat("failed_precondition: machine version ", wanted, " is not the current version ", present),
      "");
}

absl::Status CheckRegion(const std::string& region) {
  const auto found = EmbeddedRegions().find(region);
  if (found != EmbeddedRegions().end() && !found->second.deprecated) return absl::OkStatus();
  return RefuseBadRequest(absl::StrCat("region '", region, "' not found"));
}

bool IsNameWellFormed(const std::string& name) {
  return name.size() <= kMaxNameLength && std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace

absl::Status World::Admit(const std::string& action, const std::string& machine_id) {
  State& state = *state_;
  if (state.faults.errors > 0 && state.fault_stream.Uniform() < state.faults.errors)
    return MakeRefusal(state.faults.error_status, "internal: something went wrong", "unknown");
  if (!state.options.rate_limits) return absl::OkStatus();
  const absl::Duration wait = state.limits.Take(action, machine_id, state.now);
  return wait > absl::ZeroDuration() ? RefuseRate(wait) : absl::OkStatus();
}

absl::Duration World::DrawDelay() {
  const Faults& faults = state_->faults;
  if (faults.delay_max <= absl::ZeroDuration()) return absl::ZeroDuration();
  return faults.delay_min + (faults.delay_max - faults.delay_min) * state_->fault_stream.Uniform();
}

WriteRecord World::State::MakeRecord(const std::string& kind, const std::string& machine_id) const {
  WriteRecord record{.time = now, .kind = kind, .machine_id = machine_id};
  if (const FleetMachine* machine = fleet.Find(machine_id)) {
    record.region = machine->machine.region;
    record.name = machine->machine.name;
  }
  return record;
}

absl::Status World::State::Finish(WriteRecord record, const absl::Status& status) {
  record.ok = status.ok();
  if (!status.ok()) record.scope = ScopeOf(status);
  const bool is_lost = status.ok() && faults.lost_replies > 0 && fault_stream.Uniform() < faults.lost_replies;
  writes.push_back(std::move(record));
  if (writes.size() > kMaxWrites) writes.pop_front();
  return is_lost ? MakeLostReply() : status;
}

absl::StatusOr<FleetMachine*> World::State::FindForWrite(const std::string& id) {
  FleetMachine* machine = fleet.Find(id);
  if (machine == nullptr || machine->machine.state == "destroyed") return RefuseUnknownMachine();
  if (machine->machine.host_status == "unreachable")
    return MakeRefusal(503, "unavailable: the machine's host is unreachable", "unknown");
  return machine;
}

absl::Status World::State::CheckRoom(const std::string& region) {
  if (auto script = create_errors.find(region); script != create_errors.end() && !script->second.empty()) {
    ScriptedError& error = script->second.front();
    const absl::Status refusal = MakeRefusal(error.http_status, error.body);
    if (--error.times <= 0) script->second.pop_front();
    return refusal;
  }
  const auto limit = capacity.find(region);
  if (limit == capacity.end() || fleet.CountIn(region) < limit->second) return absl::OkStatus();
  return MakeRefusal(422, "could not find a candidate host", "insufficient_capacity");
}

absl::StatusOr<Machine> World::Create(const CreateMachine& request, bool skip_launch) {
  State& state = *state_;
  WriteRecord record = state.MakeRecord("create", "");
  record.region = request.region;
  record.name = request.name;
  absl::StatusOr<MachineConfig> config = ReadMachineConfig(request.config);
  absl::Status status = Admit("create", "");
  if (status.ok()) status = CheckRegion(request.region);
  if (status.ok()) status = config.status();
  if (status.ok() && !IsNameWellFormed(request.name))
    status = RefuseBadRequest(absl::StrCat("invalid machine name '", request.name.substr(0, 80), "'"));
  if (status.ok() && !request.name.empty() && state.fleet.FindByName(request.name) != nullptr) {
    // Both are seen, the second since September 2026.
    status = state.fault_stream.Below(2) == 0
                 ? MakeRefusal(409, "already_exists: unique machine name violation", "")
                 : MakeRefusal(422, "Validation failed: Name has already been taken", "name_taken");
  }
  if (status.ok()) status = state.volumes.CheckMounts(*config, request.region, "");
  if (status.ok()) status = state.CheckRoom(request.region);
  if (!status.ok()) return state.Finish(std::move(record), status);
  FleetMachine& added = state.fleet.Add({.region = request.region,
                                         .state = "created",
                                         .name = request.name,
                                         .cordoned = request.skip_service_registration},
                                        &*config, state.now);
  state.volumes.Attach(added);
  if (!skip_launch) state.lifecycle.Launch(added, state.now);
  record.machine_id = added.machine.id;
  record.name = added.machine.name;
  if (status = state.Finish(std::move(record), status); !status.ok()) return status;
  return MakeShown(added, state.now);
}

absl::StatusOr<Machine> World::Update(const UpdateMachine& request) {
  State& state = *state_;
  WriteRecord record = state.MakeRecord("update", request.machine_id);
  absl::StatusOr<MachineConfig> config = ReadMachineConfig(request.config);
  absl::Status status = Admit("update", request.machine_id);
  absl::StatusOr<FleetMachine*> machine = state.FindForWrite(request.machine_id);
  if (status.ok()) status = machine.status();
  if (status.ok()) status = config.status();
  if (status.ok()) status = CheckLease(**machine, request.lease_nonce, state.now);
  if (status.ok() && !request.current_version.empty() &&
      request.current_version != (*machine)->machine.instance_id) {
    status = RefuseVersion(request.current_version, (*machine)->machine.instance_id);
  }
  if (status.ok())
    status = state.volumes.CheckMounts(*config, (*machine)->machine.region, (*machine)->machine.id);
  if (status.ok())
    status = state.lifecycle.Update(**machine, *std::move(config), request.skip_launch, state.now);
  if (status.ok()) state.volumes.Attach(**machine);
  if (status = state.Finish(std::move(record), status); !status.ok()) return status;
  return MakeShown(**machine, state.now);
}

absl::Status World::Apply(const MachineChange& change, bool force) {
  State& state = *state_;
  const std::string kind = ToString(change.kind);
  WriteRecord record = state.MakeRecord(kind, change.machine_id);
  const auto apply = [&]() -> absl::Status {
    if (absl::Status status = Admit(kind, change.machine_id); !status.ok()) return status;
    const absl::StatusOr<FleetMachine*> found = state.FindForWrite(change.machine_id);
    if (!found.ok()) return found.status();
    FleetMachine& machine = **found;
    if (change.kind == MachineChange::Kind::kReleaseLease)
      return ReleaseLeaseOn(state.fleet, machine, change.lease_nonce, state.now);
    if (change.kind == MachineChange::Kind::kSetMetadata) {
      if (change.key.empty()) return RefuseBadRequest("a metadata key is required");
      state.fleet.SetConfig(machine, WithMetadata(machine.config, change.key, change.value));
      return absl::OkStatus();
    }
    if (absl::Status status = CheckLease(machine, change.lease_nonce, state.now); !status.ok()) return status;
    switch (change.kind) {
      case MachineChange::Kind::kStart:
        return state.lifecycle.Start(machine, state.now);
      case MachineChange::Kind::kStop:
        return state.lifecycle.Stop(machine, state.now);
      case MachineChange::Kind::kSuspend:
        return state.lifecycle.Suspend(machine, state.now);
      case MachineChange::Kind::kDestroy:
        return state.lifecycle.Destroy(machine, force, state.now);
      default:
        state.fleet.SetCordoned(machine, change.kind == MachineChange::Kind::kCordon, state.now);
        return absl::OkStatus();
    }
  };
  return state.Finish(std::move(record), apply());
}

absl::StatusOr<Lease> World::Take(const TakeLease& request) {
  State& state = *state_;
  WriteRecord record =
      state.MakeRecord(request.nonce.empty() ? "take_lease" : "renew_lease", request.machine_id);
  const auto take = [&]() -> absl::StatusOr<Lease> {
    if (absl::Status status = Admit("lease", request.machine_id); !status.ok()) return status;
    const absl::StatusOr<FleetMachine*> machine = state.FindForWrite(request.machine_id);
    if (!machine.ok()) return machine.status();
    return TakeLeaseOn(state.fleet, **machine, request, kOwner, state.now);
  };
  absl::StatusOr<Lease> lease = take();
  if (absl::Status status = state.Finish(std::move(record), lease.status()); !status.ok()) return status;
  return lease;
}

absl::StatusOr<Lease> World::GetLease(const std::string& id) {
  if (absl::Status status = Admit("get_lease", id); !status.ok()) return status;
  const FleetMachine* machine = state_->fleet.Find(id);
  if (machine == nullptr) return RefuseUnknownMachine();
  if (!IsLeased(*machine, state_->now)) return MakeRefusal(404, "lease not found", "unknown");
  Lease lease = *machine->lease;
  lease.nonce.clear();
  return lease;
}

absl::StatusOr<std::vector<Machine>> World::List() {
  if (absl::Status status = Admit("list", ""); !status.ok()) return status;
  std::vector<Machine> machines;
  const FleetPast::Snapshot listed = state_->TakeListed();
  for (const FleetMachine& machine : *listed) {
    if (machine.machine.state != "destroyed") machines.push_back(MakeShown(machine, state_->now));
  }
  return machines;
}

absl::StatusOr<Machine> World::Get(const std::string& id) {
  if (absl::Status status = Admit("get", id); !status.ok()) return status;
  const FleetMachine* machine = state_->fleet.Find(id);
  if (machine == nullptr) return RefuseUnknownMachine();
  return MakeShown(*machine, state_->now);
}

absl::Status World::CheckState(const WaitForState& request) const {
  const FleetMachine* machine = state_->fleet.Find(request.machine_id);
  if (machine == nullptr) return RefuseUnknownMachine();
  const std::string& state = machine->machine.state;
  const bool is_version = request.instance_id.empty() || machine->machine.instance_id == request.instance_id;
  const bool is_settled = request.state == "settled" && machine->transitions.empty();
  if (is_version && (state == request.state || is_settled)) return absl::OkStatus();
  return MakeRefusal(408,
                     absl::StrCat("deadline_exceeded: machine failed to reach desired state, ", request.state,
                                  ", currently ", state),
                     "");
}

absl::StatusOr<std::vector<Volume>> World::ListVolumes() {
  if (absl::Status status = Admit("list_volumes", ""); !status.ok()) return status;
  return volumes();
}

absl::StatusOr<Volume> World::Create(const CreateVolume& request) {
  State& state = *state_;
  WriteRecord record = state.MakeRecord("create_volume", "");
  record.region = request.region;
  record.name = request.name;
  absl::Status status = Admit("create_volume", "");
  if (status.ok()) status = CheckRegion(request.region);
  if (status.ok() && (request.size_gb < 1 || request.size_gb > 500))
    status = RefuseBadRequest("size_gb must be between 1 and 500");
  const auto limit = state.capacity.find(request.region);
  if (status.ok() && limit != state.capacity.end() && state.fleet.CountIn(request.region) >= limit->second)
    status = MakeRefusal(400, "no capacity", "");
  if (!status.ok()) return state.Finish(std::move(record), status);
  const Volume volume = state.volumes.Add(request, state.now);
  if (status = state.Finish(std::move(record), status); !status.ok()) return status;
  return volume;
}

std::vector<RegionRoom> World::FindRoom(const PlacementsQuery& query) const {
  std::vector<RegionRoom> rooms;
  for (const auto& [code, region] : EmbeddedRegions()) {
    if (region.deprecated) continue;
    const std::vector<std::string> wanted = absl::StrSplit(query.region, ',', absl::SkipEmpty());
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), "any") == wanted.end() &&
        std::find(wanted.begin(), wanted.end(), code) == wanted.end()) {
      continue;
    }
    const auto limit = state_->capacity.find(code);
    const int room = limit == state_->capacity.end()
                         ? kUnlimitedRoom
                         : std::max(0, limit->second - state_->fleet.CountIn(code));
    rooms.push_back({.region = code, .count = query.count > 0 ? std::min(query.count, room) : room});
  }
  return rooms;
}

FleetPast::Snapshot World::State::TakeListed() {
  if (faults.empty_lists) return std::make_shared<const std::vector<FleetMachine>>();
  if (faults.list_age_max <= absl::ZeroDuration()) return MakeSnapshot(fleet);
  const absl::Duration age =
      faults.list_age_min + (faults.list_age_max - faults.list_age_min) * fault_stream.Uniform();
  past.Keep(fleet, now);
  return past.Find(fleet, now - age);
}

}  // namespace placer::flysim
