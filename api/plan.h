// Plan: the ordered effects that a pass wants, as plain values. A Reconciler makes it, the controller
// executes it and decides nothing. Additions stand before removals, except for a swap, which removes first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "api/decision.h"
#include "api/intent.h"
#include "api/machine.h"

namespace placer {

struct PlannedAction {
  enum class Kind {
    kCreate,  // one more machine: a new one, or a parked one of ours
    kRemove,
    kUpdate,  // a machine of ours is brought to the current release
    kReturn,  // a cordoned machine of ours that nothing is known of is brought into service
  };
  Kind kind = Kind::kCreate;
  std::string region;
  // Of a removal, or of a creation that brings a stopped machine of ours back; empty: a new machine.
  std::string machine_id;
  std::string machine_name;   // of a creation
  std::string stands_in_for;  // of a creation: the region that cannot be entered now; "" = itself
  Reason reason = Reason::kTrafficAboveThreshold;
  bool served = false;        // of a removal: the machine is healthy, so others take over
  bool more_to_come = false;  // maxActions left a part of the region's action for a later pass
  // A removal that must not happen when an addition of the same plan failed.
  bool needs_additions = false;
  // A creation whose place removals of the same plan free, of a swap: not before their machines are gone.
  bool needs_removals = false;
};

// What comes next for an intent that is open: at most one call, and where it leads.
struct IntentStep {
  enum class Call {
    kNone,    // only the intent moves on
    kCreate,  // the machine of an enter, by its name
    kStart,
    kUncordon,
    kCordon,      // takes the lease first
    kRenewLease,  // or takes it again, after a restart
    kStop,        // by the policy's method; with the lease
    kReleaseLease,
    kPark,     // marks a stopped machine as parked: method Stop or Suspend
    kDestroy,  // takes a lease first
    kUpdate,   // lease, update to the template, release
  };
  std::string intent_id;
  Call call = Call::kNone;
  // After the call went well: the next phase, or none: the intent is finished.
  std::optional<Intent::Phase> next;
  std::string machine_id;    // found for an enter that had none; "" = unchanged
  std::string machine_name;  // a new name for an enter whose name is taken by a stranger; "" = unchanged
  bool failed = false;       // the intent will not do what it was for (given up, undone)
  std::string why;           // in words, for the event
};

// What came of a step's call.
struct CallOutcome {
  IntentStep step;
  absl::Status status;     // carries an ErrorScope where it failed
  std::string machine_id;  // of a create that went well
  Lease lease;             // of a lease that is held now; nonce "" = none
  absl::Time now;
};

// Nothing new begins, for one reason that concerns the whole policy.
struct Hold {
  Reason reason = Reason::kPaused;
  std::string message;
};

struct Plan {
  std::optional<Hold> hold;
  absl::Time claim_since;              // of the claim to write
  std::string claim_machine_id;        // write our owner id there before anything else; "" = no need
  std::vector<IntentStep> steps;       // of open intents; before the actions
  std::vector<PlannedAction> actions;  // in the order of execution
};

}  // namespace placer
