// Every reason code is reached: one smallest world per code. Metrics and the API count on the codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

struct ReasonCase {
  Reason reason;
  const char* region;
  Scenario (*make)();
};

Scenario BusyFra() {
  return Scenario().Requests("fra", 60).Machines("fra", 1);
}
Scenario IdleAms() {
  return BusyFra().Machines("ams", 1);
}
Scenario FullHouse() {
  Scenario world = BusyFra().Requests("ams", 20).Machines("ams", 1).Requests("iad", 60);
  world.policy.capacity.total_max = 2;
  return world;
}

template <typename F>
Scenario With(Scenario world, F change) {
  change(world);
  return world;
}

void Fail(Scenario& world, const std::string& region, ErrorScope scope) {
  RegionHistory& history = world.history.regions[region];
  history.placed = true;
  history.failed_creates = 3;
  history.retry_at = world.now + absl::Minutes(4);
  history.failure = scope;
  history.failure_message = "no capacity";
}

const ReasonCase kCases[] = {
    {Reason::kTrafficAboveThreshold, "fra", [] { return Scenario().Requests("fra", 60); }},
    {Reason::kAlwaysRunningMissing, "iad",
     [] { return With(BusyFra(), [](Scenario& w) { w.policy.regions.always_running = {"iad"}; }); }},
    {Reason::kBelowPerRegionMin, "fra",
     [] { return With(BusyFra(), [](Scenario& w) { w.policy.capacity.per_region_min = 2; }); }},
    {Reason::kReplacesExcluded, "ams", [] { return Scenario().Machines("lhr", 1); }},
    {Reason::kSwappedIn, "iad", FullHouse},
    {Reason::kTrafficBelowThreshold, "ams", IdleAms},
    {Reason::kExcludedRemoved, "nrt",
     [] {
       return With(BusyFra().Machines("nrt", 1), [](Scenario& w) { w.policy.regions.excluded = {"nrt"}; });
     }},
    {Reason::kNotAllowedRemoved, "nrt", [] { return BusyFra().Machines("nrt", 1); }},
    {Reason::kReplaced, "fra",
     [] {
       return With(Scenario().Requests("fra", 60).Machines("fra", 2),
                   [](Scenario& w) { w.seen.machines[0].state = "failed"; });
     }},
    {Reason::kAbovePerRegionMax, "fra",
     [] {
       return With(BusyFra(), [](Scenario& w) {
         w.Add(MakeMachine("fra-2", "fra"));
         w.policy.capacity.per_region_max = 1;
       });
     }},
    {Reason::kAboveTotalMax, "ams",
     [] { return With(IdleAms(), [](Scenario& w) { w.policy.capacity.total_max = 1; }); }},
    {Reason::kSwappedOut, "ams", FullHouse},
    {Reason::kAlreadyDeployed, "fra", BusyFra},
    {Reason::kNotDeployed, "iad", BusyFra},
    {Reason::kWithinThresholds, "iad", [] { return BusyFra().Requests("iad", 30); }},
    {Reason::kExcluded, "nrt",
     [] { return With(BusyFra(), [](Scenario& w) { w.policy.regions.excluded = {"nrt"}; }); }},
    {Reason::kNotAllowed, "nrt", [] { return BusyFra().Requests("nrt", 5); }},
    {Reason::kAlwaysRunning, "ams",
     [] { return With(IdleAms(), [](Scenario& w) { w.policy.regions.always_running = {"ams"}; }); }},
    {Reason::kCooldown, "ams", [] { return IdleAms().LastAction("ams", Action::kDeploy, absl::Minutes(1)); }},
    {Reason::kStabilizing, "iad",
     [] {
       return With(Scenario().Requests("iad", Step(0, 60, 5)),
                   [](Scenario& w) { w.policy.behavior.scale_up.stabilization_window = absl::Minutes(5); });
     }},
    {Reason::kMaxActions, "ams", [] { return IdleAms().Acted(Action::kRemove, absl::Seconds(1)); }},
    {Reason::kMaxCreatesPerHour, "iad",
     [] { return BusyFra().Requests("iad", 60).Acted(Action::kDeploy, absl::Minutes(9), 30); }},
    {Reason::kTotalMax, "iad",
     [] {
       return With(BusyFra().Requests("iad", 60), [](Scenario& w) { w.policy.capacity.total_max = 1; });
     }},
    {Reason::kTotalMin, "ams",
     [] { return With(IdleAms(), [](Scenario& w) { w.policy.capacity.total_min = 2; }); }},
    {Reason::kLastHealthyMachine, "ams", [] { return Scenario().Machines("ams", 1); }},
    {Reason::kPrimaryRegion, "ams",
     [] { return With(IdleAms(), [](Scenario& w) { w.seen.primary_region = "ams"; }); }},
    {Reason::kNotOurMachines, "ams",
     [] { return With(IdleAms(), [](Scenario& w) { w.seen.machines[0].metadata.clear(); }); }},
    {Reason::kEvidencePartial, "ams",
     [] { return With(IdleAms(), [](Scenario& w) { w.seen.traffic.partial_answer = true; }); }},
    {Reason::kEvidenceStale, "ams",
     [] { return With(IdleAms(), [](Scenario& w) { w.now += absl::Minutes(9); }); }},
    {Reason::kEvidenceMissing, "ams", [] { return IdleAms().PrometheusDown(); }},
    {Reason::kCoverageMixed, "ams",
     [] {
       return With(IdleAms().Requests("ams", Level(0)),
                   [](Scenario& w) { w.seen.traffic.regions["ams"][50].reset(); });
     }},
    {Reason::kWindowNotCovered, "iad",
     [] {
       return With(BusyFra().Requests("iad", 60), [](Scenario& w) {
         w.seen.traffic.witnessed[58] = false;
         for (auto& [code, values] : w.seen.traffic.regions) values[58].reset();
       });
     }},
    {Reason::kMachinesUnknown, "ams",
     [] { return With(IdleAms(), [](Scenario& w) { w.seen.machines_known = false; }); }},
    {Reason::kUnattributed, "zzz", [] { return BusyFra().Requests("zzz", 9); }},
    {Reason::kStandsIn, "ams",
     [] {
       return With(Scenario().Requests("fra", 60).Machines("iad", 1).Requests("iad", 60),
                   [](Scenario& w) { Fail(w, "fra", ErrorScope::kRegion); });
     }},
    {Reason::kStandInDone, "ams",
     [] {
       return With(BusyFra().Machines("ams", 1).Requests("ams", 30).LastTarget("ams", false),
                   [](Scenario& w) {
                     w.history.regions["ams"].stands_in_for = "fra";
                     w.history.regions["ams"].machines = 1;
                   });
     }},
    {Reason::kStandingIn, "ams",
     [] {
       return With(IdleAms(), [](Scenario& w) {
         Fail(w, "fra", ErrorScope::kQuota);
         w.seen.machines.pop_back();  // fra's
         w.Add(MakeMachine("iad-1", "iad"));
         w.Requests("iad", 60);
         w.history.regions["ams"].stands_in_for = "fra";
       });
     }},
    {Reason::kInProgress, "ams",
     [] {
       return With(IdleAms(), [](Scenario& w) {
         w.Add(MakeMachine("ams-2", "ams"));
         w.history.intents = {{.id = "leave-ams-2",
                               .kind = Intent::Kind::kLeave,
                               .phase = Intent::Phase::kCordoning,
                               .region = "ams",
                               .machine_id = "ams-2",
                               .started = w.now,
                               .phase_since = w.now}};
       });
     }},
    {Reason::kCreateFailing, "fra",
     [] {
       return With(Scenario().Requests("fra", 60), [](Scenario& w) { Fail(w, "fra", ErrorScope::kRefused); });
     }},
    {Reason::kNoTemplate, "fra",
     [] {
       return With(Scenario().Requests("fra", 60), [](Scenario& w) { w.history.machine_template = nullptr; });
     }},
    {Reason::kVolumesRefused, "fra",
     [] {
       return With(Scenario().Requests("fra", 60), [](Scenario& w) {
         w.history.machine_template = std::make_shared<MachineTemplate>(MachineTemplate{.has_volumes = true});
       });
     }},
    {Reason::kStillServing, "ams",
     [] { return With(IdleAms(), [](Scenario& w) { w.seen.traffic.served["ams"] = Level(60); }); }},
    {Reason::kReceiverBusy, "ams",
     [] {
       return With(IdleAms(), [](Scenario& w) {
         for (Machine& machine : w.seen.machines) machine.hard_limit = 10;
         w.seen.traffic.concurrency = {{"ams", Level(4)}, {"fra", Level(7)}};
       });
     }},
    {Reason::kReversal, "ams",
     [] {
       return With(IdleAms(), [](Scenario& w) {
         w.history.regions["ams"].flips = {w.seen.traffic.end - absl::Minutes(9),
                                           w.seen.traffic.end - absl::Minutes(4)};
       });
     }},
    {Reason::kEvidenceCollapsed, "fra",
     [] {
       return With(IdleAms(), [](Scenario& w) {
         w.seen.traffic.regions["fra"] = Level(0);
         w.seen.traffic.served["fra"] = Level(60);
       });
     }},
    {Reason::kEvidenceRecovering, "ams",
     [] {
       return With(IdleAms().Requests("ams", 5), [](Scenario& w) {
         w.seen.traffic.witnessed[45] = false;
         for (auto& [code, values] : w.seen.traffic.regions) values[45].reset();
       });
     }},
    {Reason::kReleaseInProgress, "ams",
     [] {
       return With(IdleAms(), [](Scenario& w) {
         w.seen.machines[1].lease = Lease{.owner = "flyctl", .expires_at = w.now + absl::Seconds(30)};
         w.seen.self.owner_id = "me";
       });
     }},
    {Reason::kNotOwner, "ams",
     [] { return With(IdleAms(), [](Scenario& w) { w.seen.self.owner_id = "me"; }); }},
    {Reason::kNotAuthorized, "ams",
     [] {
       return With(IdleAms(), [](Scenario& w) {
         w.history.blocked_until = w.now + absl::Minutes(3);
         w.history.blocked_message = "HTTP 401";
       });
     }},
    {Reason::kSettling, "ams", [] { return With(IdleAms(), [](Scenario& w) { w.settling = true; }); }},
    {Reason::kPaused, "ams",
     [] { return With(IdleAms(), [](Scenario& w) { w.policy.mode = Mode::kPaused; }); }},
};

TEST(Reasons, EachHasAWorldThatReachesIt) {
  for (const ReasonCase& c : kCases) {
    EXPECT_EQ(ReasonOf(c.make().Decide(), c.region), ToString(c.reason)) << c.region;
  }
}

TEST(Reasons, EachComesWithASentence) {
  for (const ReasonCase& c : kCases) {
    EXPECT_NE(RegionOf(c.make().Decide(), c.region).message, "") << ToString(c.reason);
  }
}

TEST(Reasons, AnActionHasItsReasonInThePlan) {
  for (const ReasonCase& c : kCases) {
    if (c.reason > Reason::kSwappedOut) continue;
    EXPECT_THAT(ActionsOf(c.make().Decide()), testing::Contains(testing::HasSubstr(ToString(c.reason))));
  }
}

TEST(Reasons, NoneIsForgottenHere) {
  std::set<Reason> reached;
  for (const ReasonCase& c : kCases) reached.insert(c.reason);
  EXPECT_EQ(reached.size(), static_cast<std::size_t>(Reason::kPaused) + 1);
}

}  // namespace
}  // namespace placer
