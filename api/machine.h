// Machine: one Fly machine as the Machines API lists it, reduced to what decisions read. The observer fills it
// (api/machines_api.h parses it). Easy to get wrong: `config` may be missing on a dead host, then `process_group`
// comes from incomplete_config, and may be empty = unknown: such a machine counts to ceilings and is never touched.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace placer {

inline constexpr char kMetadataPolicy[] = "autoplacer_policy";
inline constexpr char kMetadataIntent[] = "autoplacer_intent";

struct Check {
  std::string name;
  std::string status;  // "passing", "warning", "critical"
  std::string output;
};

struct Machine {
  std::string id;
  std::string name;
  std::string region;
  std::string state;  // created, starting, started, stopping, stopped, suspended, replacing, destroying, destroyed, ...
  std::string instance_id;
  std::string image;          // image_ref digest, else config.image
  std::string process_group;  // fly_process_group of the config's metadata, "app" where a config has none; "" = unknown
  std::string host_status = "ok";  // ok | unknown | unreachable
  bool cordoned = false;
  bool has_config = true;  // false: only incomplete_config was given
  bool is_standby = false;
  bool is_release_command = false;  // release-command, console and other one-off machines
  bool has_volumes = false;
  bool autostop = false;  // Fly Proxy may stop it
  std::vector<Check> checks;
  std::map<std::string, std::string> metadata;  // config.metadata
  std::map<std::string, std::string> env;       // config.env
  absl::Time created_at;
  absl::Time updated_at;
};

// Started, not cordoned, on a host that answers, and no check failing: it serves.
bool IsHealthy(const Machine& machine);
// Still there or coming: not destroyed and not on its way out.
bool Exists(const Machine& machine);
// May carry the policy's process group and be counted as placed: not a standby or a one-off machine.
bool IsServiceMachine(const Machine& machine);

}  // namespace placer
