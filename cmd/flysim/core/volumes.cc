#include "cmd/flysim/core/volumes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cmd/flysim/core/refusal.h"

namespace placer::flysim {

const Volume& Volumes::Add(const CreateVolume& request, absl::Time now) {
  std::string id = "vol_";
  for (int i = 0; i < 16; ++i) id += "0123456789abcdefghijklmnopqrstuvwxyz"[random_.Below(36)];
  volumes_[id] = {.volume = {.id = id,
                             .name = request.name,
                             .region = request.region,
                             .state = "created",
                             .size_gb = request.size_gb},
                  .encrypted = request.encrypted,
                  .created_at = absl::FromUnixSeconds(absl::ToUnixSeconds(now))};
  return volumes_[id].volume;
}

absl::Status Volumes::CheckMounts(const MachineConfig& config, const std::string& region,
                                  const std::string& machine_id) const {
  for (const ConfiguredMount& mount : config.mounts) {
    const auto found = volumes_.find(mount.volume);
    if (found == volumes_.end())
      return RefuseBadRequest(absl::StrCat("volume '", mount.volume, "' not found"));
    const Volume& volume = found->second.volume;
    if (volume.region != region) {
      return RefuseBadRequest(
          absl::StrCat("volume '", volume.id, "' is in ", volume.region, ", the machine in ", region));
    }
    if (!volume.attached_machine.empty() && volume.attached_machine != machine_id) {
      return RefuseBadRequest(
          absl::StrCat("volume '", volume.id, "' is attached to machine ", volume.attached_machine));
    }
  }
  return absl::OkStatus();
}

void Volumes::Attach(const FleetMachine& machine) {
  const std::string& id = machine.machine.id;
  const std::vector<ConfiguredMount>& mounts = machine.config.mounts;
  for (auto& [volume_id, known] : volumes_) {
    const bool is_mounted = std::any_of(mounts.begin(), mounts.end(), [&](const ConfiguredMount& mount) {
      return mount.volume == volume_id;
    });
    if (is_mounted) {
      known.volume.attached_machine = id;
    } else if (known.volume.attached_machine == id) {
      known.volume.attached_machine.clear();
    }
  }
}

void Volumes::FreeLeftovers(const Fleet& fleet) {
  for (auto& [id, known] : volumes_) {
    std::string& machine = known.volume.attached_machine;
    if (!machine.empty() && !fleet.machines().contains(machine)) machine.clear();
  }
}

}  // namespace placer::flysim
