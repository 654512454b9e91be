// Intent: a stored action that is not finished. It is stored before its first call and moves from phase to
// phase, at most one call per pass, so that a controller killed between any two calls goes on where it
// stopped. The decision code says what comes next (Plan::steps); the controller makes the call and records
// what came of it.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "api/decision.h"

namespace placer {

struct Intent {
  enum class Kind {
    kEnter,   // a machine comes into service: created, or a stopped one of ours brought back
    kLeave,   // a machine leaves: cordoned, drained, stopped, watched, destroyed (or parked)
    kUpdate,  // a machine of ours is brought to the current release
  };
  enum class Phase {
    kCreating,    // enter: the create call may or may not have happened
    kStarting,    // enter, update: the machine is there; it must start, pass its checks, then be uncordoned
    kCordoning,   // leave: lease and cordon
    kDraining,    // leave: cordoned; requests under way may end
    kStopping,    // leave: told to stop
    kWatching,    // leave: stopped; do those who took over bear it?
    kDestroying,  // leave: also of an enter that failed
    kReturning,   // leave, undone: start, pass checks, uncordon
    kUpdating,    // update: lease and update
  };

  // "<machine name>" of an enter that creates, "enter-<machine id>" of one that brings a stopped machine
  // back, "leave-<machine id>", "update-<machine id>": unique per policy.
  std::string id;
  Kind kind = Kind::kEnter;
  Phase phase = Phase::kCreating;
  std::string region;
  std::string machine_id;    // "" while an enter has no machine yet
  std::string machine_name;  // of an enter; deterministic: see api/machine_name.h
  Reason reason = Reason::kTrafficAboveThreshold;
  absl::Time started;                            // when the intent was stored
  absl::Time phase_since;                        // when the present phase began
  absl::Time not_before = absl::InfinitePast();  // no call before
  int attempts = 0;                              // calls of the present phase that failed
  std::string last_error;                        // of the last failed call; "" = none
  std::string lease_nonce;                       // of the lease that we hold; "" = none
  absl::Time lease_expires = absl::InfinitePast();
  bool served = true;         // leave: the machine was healthy when it began, so others take over
  bool more_to_come = false;  // maxActions left a part of the region's action: no cooldown in between
  bool failed = false;        // the intent ends without what it was for: a failed enter, an undone leave

  bool operator==(const Intent&) const = default;
};

const char* ToString(Intent::Kind kind);    // "Enter", "Leave", "Update"
const char* ToString(Intent::Phase phase);  // "Creating", ...

}  // namespace placer
