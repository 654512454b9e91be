// What a run came to: the machines that serve, and the words that a failing test needs.
#pragma once

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "api/policy.h"
#include "api/status.h"
#include "cmd/flysim/core/world.h"

namespace placer {

// By region.
inline std::map<std::string, int> CountServing(const flysim::World& world, const PlacementPolicy& policy) {
  std::map<std::string, int> serving;
  for (const Machine& machine : world.machines()) {
    if (IsHealthy(machine) && machine.process_group == policy.process_group) ++serving[machine.region];
  }
  return serving;
}

// The last of what was written to the platform.
inline std::string TellWrites(const flysim::World& world) {
  std::string story;
  for (const flysim::WriteRecord& write : world.writes()) {
    absl::StrAppend(&story, absl::FormatTime("%H:%M:%S ", write.time, absl::UTCTimeZone()), write.kind, " ",
                    write.machine_id, " ", write.region, " ", write.name,
                    write.ok ? "" : absl::StrCat(" refused: ", ToString(write.scope)), "\n");
  }
  return story.size() > 6000 ? story.substr(story.size() - 6000) : story;
}

// `owner`: whose status it is.
inline std::string TellStatus(const PolicyStatus& status, const std::string& owner) {
  std::string story;
  for (const Intent& intent : status.intents) {
    absl::StrAppend(&story, owner, " open: ", intent.id, " ", ToString(intent.phase), " ", intent.last_error,
                    "\n");
  }
  for (const RegionDecision& region : status.last_decision.regions) {
    if (region.observed == 0 && region.wanted == Action::kNone && !region.placed) continue;
    absl::StrAppend(&story, owner, " ", region.region, " observed ", region.observed, " target ",
                    region.target, " ", ToString(region.reason), ": ", region.message, "\n");
  }
  for (const Condition& condition : status.conditions) {
    absl::StrAppend(&story, owner, " ", condition.type, "=", condition.status, " ", condition.reason, " ",
                    condition.message, "\n");
  }
  return story;
}

}  // namespace placer
