// MachineConfig: a machine's configuration as the platform keeps it: the JSON that was sent, and what the
// platform itself reads out of it. Easy to get wrong: `autostop` is sent as "off", "stop" or "suspend" and
// read back as false, true or "suspend", so the kept text is not byte for byte the one sent.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace placer::flysim {

struct ConfiguredCheck {
  std::string name;
  absl::Duration grace;  // after a start, before it is asked for the first time
};

struct ConfiguredMount {
  std::string volume;  // id
  std::string name;
};

struct MachineConfig {
  std::shared_ptr<const std::string> text;  // JSON object, as it is read back
  std::string image;
  std::string process_group;  // "app" where the metadata has none
  std::map<std::string, std::string> metadata;
  std::map<std::string, std::string> env;
  std::vector<ConfiguredCheck> checks;  // of the services, then of the machine
  std::vector<ConfiguredMount> mounts;
  int soft_limit = 20;  // of all services together; the platform's own where the config names none
  int hard_limit = 25;
  int named_hard_limit = 0;  // 0: a service names none
  int min_machines_running = 0;
  bool autostart = false;
  std::string autostop;  // "", "stop" or "suspend"
  bool is_standby = false;
  bool is_one_off = false;  // a release command, a console, or one that destroys itself
};

// A refusal (400) where the text is no JSON object with an image, or has a wrong type in what is read.
absl::StatusOr<MachineConfig> ReadMachineConfig(const std::string& text);
// The config with one key of its metadata set, or taken away where `value` is empty.
MachineConfig WithMetadata(const MachineConfig& config, const std::string& key, const std::string& value);
// The config with another image.
MachineConfig WithImage(const MachineConfig& config, const std::string& image);

inline constexpr int kInternalPort = 8080;
// What flyctl makes of a small web app: one service on port 8080 with one check and autostart.
std::string MakeDefaultConfig(const std::string& image, const std::map<std::string, std::string>& env,
                              const std::map<std::string, std::string>& metadata);

}  // namespace placer::flysim
