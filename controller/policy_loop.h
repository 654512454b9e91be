// PolicyLoop: one policy's observe, decide, act, record, over and over. This is the main loop of the program;
// RunPass names its steps. Level-based: a wake-up (trigger, policy change) only makes the next pass come
// earlier. A pass is whole or did not happen: what it decided is stored in one commit at its end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/reconciler.h"
#include "api/status.h"
#include "api/status_codec.h"
#include "controller/actuator.h"
#include "controller/controller.h"
#include "controller/observer.h"
#include "controller/waker.h"

namespace placer {

class PolicyLoop {
 public:
  // Everything referred to outlives the loop. `metrics` may be null.
  PolicyLoop(asio::any_io_executor executor, Effects effects, const Reconciler& reconciler,
             PlatformSource& platform, Log& log, Metrics* metrics, const ControllerOptions& options,
             PlacementPolicy policy);

  // Until RequestStop, or cancelled. The first pass comes after `pause`, or as soon as something asks for
  // one.
  Task<void> Run(absl::Duration pause);
  // One pass and no loop, for `plan`. Not together with Run.
  Task<PassReport> RunOnce();
  // A changed policy: the next pass obeys it, and runs at once.
  void SetPolicy(PlacementPolicy policy);
  // The file holds something else that is not acceptable, as `message` says; empty: accepted.
  void SetAccepted(const std::string& message);
  // The report of the next whole pass. Cancelled: stopping.
  Task<absl::StatusOr<PassReport>> Trigger();
  void RequestStop();

  const PlacementPolicy& policy() const { return policy_; }
  const PolicyStatus& status() const { return status_; }

 private:
  struct Waiter;

  Task<absl::Duration> RunPass();
  Task<void> LoadState();
  void Load(Mode mode);
  Task<void> ForgetDryRun();
  Task<void> SwitchMode(PlacementPolicy policy);
  void RefreshTemplate(const PlacementPolicy& policy, const Observation& real);
  PassReport StartReport(const PlacementPolicy& policy, const ReconcileResult& result) const;
  void ActOnShadow(const PlacementPolicy& policy, const ReconcileResult& result, PassReport& report);
  void RecordAction(const PlannedAction& action);
  // Whether what was observed last is not all that was asked for.
  bool IsFailing() const;
  static void AddOnce(std::vector<std::string>& regions, const std::string& region);

  // policy_acting.cc: mode Active.
  Task<ReconcileResult> Decide(PlacementPolicy policy);
  Task<void> Act(PlacementPolicy policy, const Observation& seen, const Plan& plan, PassReport& report);
  Task<void> Perform(PlacementPolicy policy, const Observation& seen, IntentStep step, bool is_last,
                     PassReport& report);
  void Tell(const PlacementPolicy& policy, const Intent& before, const CallOutcome& outcome,
            PassReport& report);
  void Finish(const PlacementPolicy& policy, const Intent& intent, bool failed);
  Task<void> ReleaseLeases();
  Task<void> Record(const PlacementPolicy& policy, const Traffic& traffic, const Decision& decision);
  PassRecord MakeRecord(const PlacementPolicy& policy, const Traffic& traffic, const Decision& decision);
  void Publish(const PlacementPolicy& policy, const Observation& real, const ReconcileResult& result);
  void SetConditions(const PlacementPolicy& policy, const Observation& seen, const ReconcileResult& result);
  Condition MakeActing(const PlacementPolicy& policy, const Plan& plan) const;
  void Say(bool warning, const std::string& reason, const std::string& message);

  asio::any_io_executor executor_;
  Effects effects_;
  const Reconciler& reconciler_;
  Log& log_;
  Metrics* metrics_;
  Observer observer_;
  Actuator actuator_;
  Waker waker_;
  PlacementPolicy policy_;
  PolicyStatus status_;
  Mode set_ = Mode::kDryRun;  // whose facts state_ are: kDryRun or kActive
  PolicyState state_;
  bool stopping_ = false;
  int failures_ = 0;
  std::string claim_error_;  // of the last claim; "" if it was made
  absl::Time stored_point_ = absl::InfinitePast();
  std::vector<Event> events_;  // not stored yet
  std::vector<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace placer
