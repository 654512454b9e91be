// History: the few stored facts that a decision needs besides what is observed now. Kept per policy and mode,
// saved after each pass and read back at start, so that a restart changes no decision.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/decision.h"
#include "api/intent.h"
#include "api/machine_calls.h"
#include "api/machine_template.h"

namespace placer {

struct LastAction {
  Action action = Action::kNone;
  absl::Time ended;      // end of the last attempt, successful or not
  bool complete = true;  // false: the region still lacks or has machines that the same decision wants changed
  bool operator==(const LastAction&) const = default;
};

struct RegionHistory {
  std::optional<bool> placed;  // last target; no value: none yet, or cleared
  std::optional<LastAction> last_action;
  int machines = 0;        // of the process group at the end of the last pass, without those that leave
  int failed_creates = 0;  // in a row
  absl::Time retry_at = absl::InfinitePast();  // no create before
  ErrorScope failure = ErrorScope::kUnknown;   // of the last failed create
  std::string failure_message;                 // the platform's words
  std::string stands_in_for;                   // the region that it was entered for; "" = itself
  std::vector<absl::Time>
      flips;  // data points at which the last target changed, oldest first, within the long window
  bool operator==(const RegionHistory&) const = default;
};

// One machine created or removed (or attempted), for maxActions and maxCreatesPerHour.
struct ActionRecord {
  absl::Time time;
  Action action = Action::kNone;
  std::string region;
  bool failed = false;
  bool operator==(const ActionRecord&) const = default;
};

struct History {
  std::map<std::string, RegionHistory> regions;
  std::vector<ActionRecord> actions;  // oldest first; the controller drops what no window can reach any more
  // End of the newest data point whose verdicts are in `placed`; InfinitePast before the first.
  absl::Time decided_point = absl::InfinitePast();
  std::vector<Intent> intents;                              // open ones, oldest first; none in DryRun
  std::shared_ptr<const MachineTemplate> machine_template;  // null: none was seen yet
  // The platform refused our token: no writes before `blocked_until`.
  absl::Time blocked_until = absl::InfinitePast();
  std::string blocked_message;
};

}  // namespace placer
