// MachineTemplate: what clones are made from: config and exact image of the newest healthy machine of the
// process group on the current release. Kept in the store, so that a region can be entered when no machine is
// left to copy.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/machine.h"
#include "api/policy.h"

namespace placer {

struct MachineTemplate {
  std::string machine_id;  // whose config it is
  std::string instance_id;
  std::string image;      // digest, as Machine::image
  std::string image_ref;  // as Machine::image_ref
  std::string release;    // fly_release_id; "" = none
  std::string config;     // JSON object, as the platform gave it
  bool has_volumes = false;
};

// The machine to clone, or null: healthy, with a config, no standby or one-off machine, of the group; of
// those with the highest fly_release_version the newest, ties by id. `machines` in any order.
const Machine* FindTemplateMachine(const PlacementPolicy& policy, const std::vector<Machine>& machines);
MachineTemplate MakeTemplate(const Machine& machine);

struct CloneSpec {
  std::string policy;  // metadata
  std::string intent;
  std::string owner;  // value of kMetadataOwner; "" = none
  std::vector<std::string>
      volume_ids;  // one per mount of the template, in order; empty: the template has none
};

// The config of a clone: keeps everything but standbys, volume ids and other policies' marks; names the exact
// image; copies service checks to machine-level ones, which are what tells that it may be uncordoned.
// Internal: the template's config is no JSON object. FailedPrecondition: it mounts volumes and `volume_ids`
// does not match.
absl::StatusOr<std::string> MakeCloneConfig(const MachineTemplate& source, const CloneSpec& spec);
// The config that brings `machine` to the template's release: the template's, with the machine's own mounts
// and marks.
absl::StatusOr<std::string> MakeUpdatedConfig(const MachineTemplate& source, const Machine& machine);

// The volumes that a clone needs, in the order of the template's mounts.
struct MountedVolume {
  std::string name;
  int size_gb = 1;
  bool encrypted = true;
};
absl::StatusOr<std::vector<MountedVolume>> ListTemplateVolumes(const MachineTemplate& source);

}  // namespace placer
