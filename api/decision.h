// Decision: why each region is as it is, and what this pass wants. Made by a Reconciler, shown by status,
// explain, plan, /trigger, logs and metrics. Reason codes are part of the interface: they are metric labels
// and API values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace placer {

// The grade of an observation, from best to worst. Only Fresh lets traffic remove a region.
enum class Evidence {
  kFresh,
  kPartial,     // points are missing inside the window, or the server says that its answer is partial
  kRecovering,  // after a gap, the window is not yet covered by points from after it
  kCollapsed,   // traffic vanished everywhere at once while the app is up: rather the measuring failed
  kStale,       // the newest point is older than maxAge
  kMissing,     // an error, nothing witnessed, or NaN
};

// What the traffic of one region says at one data point.
enum class Verdict { kKeep, kPlace, kLeave };

enum class Action { kNone, kDeploy, kRemove };

enum class Reason {
  // Actions.
  kTrafficAboveThreshold,  // deploy
  kAlwaysRunningMissing,   // deploy
  kBelowPerRegionMin,      // deploy: a placed region has too few machines
  kReplacesExcluded,       // deploy: takes over for a region that policy removes and a floor holds
  kStandsIn,               // deploy: the best region for the traffic of one that cannot be entered now
  kSwappedIn,              // deploy: takes the place of a region with half its traffic or less
  kTrafficBelowThreshold,  // remove
  kExcludedRemoved,        // remove: policy
  kNotAllowedRemoved,      // remove: policy
  kReplaced,               // remove: it failed, and others serve in its place
  kAbovePerRegionMax,      // remove: policy
  kAboveTotalMax,          // remove: policy
  kStandInDone,            // remove: the region that it stood in for serves again
  kSwappedOut,             // remove
  // No action: the steady cases.
  kAlreadyDeployed,
  kNotDeployed,
  kWithinThresholds,
  kExcluded,
  kNotAllowed,
  kAlwaysRunning,
  // No action: something holds it.
  kCooldown,
  kStabilizing,
  kMaxActions,
  kMaxCreatesPerHour,
  kTotalMax,
  kTotalMin,
  kLastHealthyMachine,
  kPrimaryRegion,
  kNotOurMachines,  // adopt: Created, and none of the machines there was made by this policy
  kEvidencePartial,
  kEvidenceStale,
  kEvidenceMissing,
  kCoverageMixed,     // the long window mixes values and witnessed silence: may place, never leave
  kWindowNotCovered,  // the short window is not fully covered: cannot place yet
  kMachinesUnknown,   // the machine list could not be read
  kUnattributed,      // traffic from a code that has no coordinates
  kInProgress,        // an action of ours on this region is under way
  kCreateFailing,     // creating failed here; the next attempt waits
  kNoTemplate,        // no healthy machine to clone, and none stored
  kVolumesRefused,    // the machines mount volumes, and the policy says volumes: Refuse
  kStillServing,      // the machines there still serve as much as places a region
  kReceiverBusy,      // those who would take over have no room for its requests
  kReversal,          // the region flipped twice within the long window
  kStandingIn,        // serves for a region that cannot be entered now
  kEvidenceCollapsed,
  kEvidenceRecovering,
  kReleaseInProgress,  // a deploy changes the app's machines, or somebody else holds a lease
  kNotOwner,           // another controller owns the app, or we do not yet
  kNotAuthorized,      // the platform refused our token
  kSettling,           // mode was left: what is under way comes to rest, nothing new begins
  kPaused,
};

struct RegionDecision {
  std::string region;
  Action action = Action::kNone;  // what is done now, or, where a rule holds it, kNone
  Action wanted = Action::kNone;  // what the rules considered: for /trigger's "action"
  Reason reason = Reason::kWithinThresholds;
  std::string message;  // one sentence; the proof of concept's own words where its rule is the one that bound
  std::string detail;   // what was measured, which thresholds applied, what would have to change
  bool may_host = false;
  int observed = 0;  // machines of the process group, without those that leave
  int healthy = 0;
  int target = 0;           // machines after this pass's actions
  bool unfinished = false;  // maxActions left a part of the action for a later pass: no cooldown in between
  bool placed = false;      // last target: the traffic's wish with hysteresis
  // Traffic in requests per threshold.per. No value: nothing covered.
  std::optional<double> newest;
  std::optional<double> short_average;
  std::optional<double> long_average;
  double volatility = 0;  // 0..1
  double up = 0;          // places at short >= up
  double down = 0;        // leaves at short and long <= down
  Verdict verdict = Verdict::kKeep;
  Evidence evidence = Evidence::kMissing;
  bool removal_grade = false;
  absl::Duration cooldown_remaining;
  std::vector<std::string> attributed;  // edge region codes counted here besides its own, sorted
};

struct Decision {
  absl::Time time;        // of the pass
  absl::Time data_point;  // end of the newest expected data point
  Evidence evidence = Evidence::kMissing;
  std::string evidence_message;         // why it is not Fresh, in words; empty when Fresh
  std::vector<RegionDecision> regions;  // sorted by code, each once
  // Edge codes without coordinates and their newest traffic in requests per threshold.per.
  std::map<std::string, double> unattributed;
};

const char* ToString(Evidence evidence);  // "Fresh", "Partial", "Recovering", "Collapsed", "Stale", "Missing"
const char* ToString(Verdict verdict);    // "keep", "place", "leave"
const char* ToString(Action action);      // "none", "deploy", "remove"
const char* ToString(Reason reason);      // the enumerator without its k: "TrafficAboveThreshold"

}  // namespace placer
