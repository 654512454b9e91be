// Builders and readers shared by the tests of the local platform.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "cmd/flysim/core/world.h"

namespace placer::flysim {

inline const absl::Time kStart = absl::FromUnixSeconds(1790000000);

inline WorldOptions MakeOptions(double requests_per_second = 150, std::uint64_t seed = 1) {
  WorldOptions options;
  options.start = kStart;
  options.seed = seed;
  options.requests_per_second = requests_per_second;
  return options;
}

// A machine of this world, or one that has no state.
inline Machine FindMachine(const World& world, const std::string& id) {
  for (const Machine& machine : world.machines()) {
    if (machine.id == id) return machine;
  }
  return {};
}
inline void PassSeconds(World& world, double seconds) {
  world.AdvanceTo(world.now() + absl::Seconds(seconds));
}

inline constexpr char kSmallConfig[] = R"({"image": "registry.fly.io/demo:release-1",
  "metadata": {"fly_platform_version": "v2", "fly_process_group": "app", "autoplacer_policy": "web"},
  "checks": {"web": {"type": "http", "port": 8080, "grace_period": "5s"}},
  "services": [{"protocol": "tcp", "internal_port": 8080, "autostart": true, "autostop": "off",
                "concurrency": {"type": "requests", "soft_limit": 20, "hard_limit": 25}}]})";

inline CreateMachine MakeCreate(const std::string& name = "ap-web-iad-0-g1",
                                const std::string& region = "iad") {
  return {.name = name, .region = region, .config = kSmallConfig};
}
inline MachineChange MakeChange(MachineChange::Kind kind, const std::string& id,
                                const std::string& nonce = "") {
  return {.kind = kind, .machine_id = id, .lease_nonce = nonce};
}

// Series (name and labels as written) -> value.
inline std::map<std::string, double> ParsePage(const std::string& page) {
  std::map<std::string, double> series;
  for (const absl::string_view line : absl::StrSplit(page, '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    const std::size_t space = line.rfind(' ');
    double value = -1;
    if (!absl::SimpleAtod(line.substr(space + 1), &value)) value = -1;
    series[std::string(line.substr(0, space))] = value;
  }
  return series;
}

// Sum of the series whose text begins with `name` and contains every one of `parts`.
inline double SumSeries(const std::map<std::string, double>& series, const std::string& name,
                        const std::vector<std::string>& parts = {}) {
  double sum = 0;
  for (const auto& [text, value] : series) {
    bool matches = text.rfind(name + "{", 0) == 0;
    for (const std::string& part : parts) matches = matches && text.find(part) != std::string::npos;
    if (matches) sum += value;
  }
  return sum;
}

}  // namespace placer::flysim
