#include "cmd/flysim/core/release.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cmd/flysim/core/leases.h"

namespace placer::flysim {
namespace {

constexpr absl::Duration kLeaseTtl = absl::Seconds(13);
constexpr absl::Duration kPatience = absl::Minutes(5);  // for one machine to become healthy

bool IsManaged(const FleetMachine& machine) {
  return machine.config.metadata.contains("fly_platform_version") && !machine.machine.is_release_command &&
         Exists(machine.machine) && machine.machine.host_status == "ok";
}

MachineConfig MakeReleased(const FleetMachine& machine, const ReleaseOptions& options,
                           const std::string& release_id, int version) {
  MachineConfig config = WithImage(machine.config, options.image);
  if (options.drops_foreign_marks) {
    for (const auto& [key, value] : machine.config.metadata) {
      if (!absl::StartsWith(key, "fly_")) config = WithMetadata(config, key, "");
    }
  }
  config = WithMetadata(config, kMetadataReleaseId, release_id);
  return WithMetadata(config, kMetadataReleaseVersion, absl::StrCat(version));
}

}  // namespace

ReleaseRun::ReleaseRun(ReleaseOptions options, int version, Fleet& fleet, Lifecycle& lifecycle)
    : options_(std::move(options)),
      version_(version),
      fleet_(fleet),
      lifecycle_(lifecycle),
      release_id_(absl::StrCat("rel_", fleet.DrawHex(16))) {}

// All of them or, for now, none; and keeps those that it has.
bool ReleaseRun::TakeLeases(absl::Time now) {
  if (!has_leases_) {
    for (const auto& [id, machine] : fleet_.machines()) {
      if (IsManaged(*machine) && IsLeased(*machine, now)) return false;
    }
    for (const auto& [id, machine] : fleet_.machines()) {
      if (!IsManaged(*machine)) continue;
      nonces_[id] = "";
      waiting_.insert(waiting_.begin(), id);
    }
    has_leases_ = true;
  }
  for (auto& [id, nonce] : nonces_) {
    FleetMachine* machine = fleet_.Find(id);
    if (machine == nullptr || !Exists(machine->machine)) continue;
    const TakeLease request{
        .machine_id = id, .ttl = kLeaseTtl, .nonce = nonce, .description = "flyctl deploy"};
    const absl::StatusOr<Lease> lease = TakeLeaseOn(fleet_, *machine, request, "flyctl@example.com", now);
    if (lease.ok()) nonce = lease->nonce;
  }
  return true;
}

// False: nothing is left to do.
bool ReleaseRun::BeginNext(absl::Time now) {
  while (!waiting_.empty() && (options_.max_machines < 0 || updated_ < options_.max_machines)) {
    FleetMachine* machine = fleet_.Find(waiting_.back());
    if (machine == nullptr || !Exists(machine->machine)) {
      waiting_.pop_back();
      continue;
    }
    MachineConfig config = MakeReleased(*machine, options_, release_id_, version_);
    if (!lifecycle_.Update(*machine, std::move(config), /*skip_launch=*/false, now).ok())
      return true;  // later, from a better state
    updating_ = waiting_.back();
    waiting_.pop_back();
    give_up_ = now + kPatience;
    ++updated_;
    return true;
  }
  return false;
}

bool ReleaseRun::Run(absl::Time now) {
  if (!TakeLeases(now)) return true;
  if (!updating_.empty()) {
    const FleetMachine* machine = fleet_.Find(updating_);
    const bool is_under_way = machine != nullptr && Exists(machine->machine) &&
                              (!machine->transitions.empty() || machine->health == Health::kFailing);
    if (is_under_way && now < give_up_) return true;
    updating_.clear();
    if (is_under_way) waiting_.clear();  // the deploy failed; what is updated stays so
  }
  if (BeginNext(now)) return true;
  if (!waiting_.empty()) return false;  // as if killed
  for (const auto& [id, nonce] : nonces_) {
    FleetMachine* machine = fleet_.Find(id);
    if (machine != nullptr) ReleaseLeaseOn(fleet_, *machine, nonce, now).IgnoreError();
  }
  return false;
}

}  // namespace placer::flysim
