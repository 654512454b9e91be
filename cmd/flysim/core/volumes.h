// Volumes of the app. A volume lives in one region and is attached to at most one machine.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "api/machine_calls.h"
#include "cmd/flysim/core/fleet.h"
#include "cmd/flysim/core/random_stream.h"

namespace placer::flysim {

struct KnownVolume {
  Volume volume;
  bool encrypted = true;
  absl::Time created_at;
};

class Volumes {
 public:
  explicit Volumes(std::uint64_t seed) : random_(seed, "volumes") {}

  const Volume& Add(const CreateVolume& request, absl::Time now);
  // A refusal where a mounted volume is unknown, elsewhere or taken by another machine.
  absl::Status CheckMounts(const MachineConfig& config, const std::string& region,
                           const std::string& machine_id) const;
  // Attaches what the machine's config mounts, and frees what it mounts no more.
  void Attach(const FleetMachine& machine);
  // Frees volumes of machines that are no more.
  void FreeLeftovers(const Fleet& fleet);
  const std::map<std::string, KnownVolume>& all() const { return volumes_; }

 private:
  RandomStream random_;
  std::map<std::string, KnownVolume> volumes_;
};

}  // namespace placer::flysim
