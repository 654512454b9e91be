// Machine: one Fly machine as the Machines API lists it, reduced to what decisions read. The observer fills
// it (api/machines_api.h parses it). Easy to get wrong: `config` may be missing on a dead host, then
// `process_group` comes from incomplete_config, and may be empty = unknown: such a machine counts to ceilings
// and is never touched.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace placer {

// Names of the machines that we make begin so; the rest is api/machine_name.h's.
inline constexpr char kMachineNamePrefix[] = "ap-";
// What we write into a machine's metadata; the platform keeps it through restarts and updates of ours.
inline constexpr char kMetadataPolicy[] = "autoplacer_policy";  // the policy that made the machine
inline constexpr char kMetadataIntent[] = "autoplacer_intent";  // Intent::id of the enter that made it
inline constexpr char kMetadataOwner[] =
    "autoplacer_owner";  // "<owner id> <unix seconds> <since>": see api/ownership.h
inline constexpr char kMetadataParked[] =
    "autoplacer_parked";  // the policy that stopped it for good (method Stop or Suspend)
inline constexpr char kMetadataLeaving[] =
    "autoplacer_leaving";  // the policy that cordoned it, of a machine that nobody's policy made
// What Fly's own tools write.
inline constexpr char kMetadataProcessGroup[] = "fly_process_group";
inline constexpr char kMetadataReleaseId[] = "fly_release_id";
inline constexpr char kMetadataReleaseVersion[] = "fly_release_version";

struct Check {
  std::string name;
  std::string status;  // "passing", "warning", "critical"
  std::string output;
};

// A lease on a machine. The nonce is known only to who took it; a list may leave it out.
struct Lease {
  std::string nonce;
  std::string owner;        // the platform's name for who took it
  std::string description;  // the taker's words
  absl::Time expires_at;
};

struct Machine {
  std::string id;
  std::string name;
  std::string region;
  std::string state;  // created, starting, started, stopping, stopped, suspended, replacing, destroying,
                      // destroyed, ...
  std::string instance_id;
  std::string image;          // image_ref digest, else config.image
  std::string image_ref;      // "registry/repository@digest", else config.image: runs exactly this image
  std::string process_group;  // fly_process_group of the config's metadata, "app" where a config has none; ""
                              // = unknown
  std::string primary_region;      // PRIMARY_REGION of config.env; "" = not set
  std::string host_status = "ok";  // ok | unknown | unreachable
  bool cordoned = false;
  bool has_config = true;  // false: only incomplete_config was given
  bool is_standby = false;
  bool is_release_command = false;  // release-command, console and other one-off machines
  bool has_volumes = false;
  int hard_limit = 0;  // concurrent requests or connections of all its services; 0 = no limit is known
  std::optional<Lease> lease;  // only where the platform lists it
  // config as the platform gave it, JSON text; null where it gave none. Clones are made from it.
  std::shared_ptr<const std::string> config;
  absl::Time config_changed_at = absl::InfinitePast();  // newest launch or update among its events
  std::vector<Check> checks;
  std::map<std::string, std::string> metadata;  // config.metadata
  absl::Time created_at;
  absl::Time updated_at;
};

// Started, not cordoned, on a host that answers, and no check failing: it serves.
bool IsHealthy(const Machine& machine);
// Still there or coming: not destroyed and not on its way out.
bool Exists(const Machine& machine);
// Stopped for good by a policy with method Stop or Suspend: it does not count as placed.
bool IsParked(const Machine& machine);
// Made by this policy, or by any.
bool IsMadeBy(const Machine& machine, const std::string& policy);
bool IsMadeByAnyPolicy(const Machine& machine);
// `fly machine clone` copies our marks to a machine of somebody else's: beside the one that the marks name,
// one without a name of ours loses them here. After a bluegreen deploy the copy stands alone, and is ours.
void ForgetCopiedMarks(std::vector<Machine>& machines);
// Cordoned by this policy on its way out, or to be; also where the store that knew it is lost.
bool IsMarkedLeaving(const Machine& machine, const std::string& policy);
// Its host or the machine itself is given up: it serves nobody, and will not by itself.
bool IsLost(const Machine& machine);
// The number of its release, as Fly's tools count them; -1 where it has none: older than any.
std::int64_t ReleaseVersionOf(const Machine& machine);
// May carry the policy's process group and be counted as placed: not a standby or a one-off machine.
bool IsServiceMachine(const Machine& machine);

}  // namespace placer
