// Builders for tests of decisions: a small world with defaults in which nothing happens, so that a test names
// only what matters to it. One data point is a minute and `per` a minute too, so a value of traffic is the
// requests of one data point and the figure that thresholds compare.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/reconciler.h"
#include "reconcilers/placement/placement_reconciler.h"

namespace placer {

inline absl::Time Noon() {
  return absl::FromCivil(absl::CivilSecond(2026, 7, 1, 12, 0, 0), absl::UTCTimeZone());
}

// Deploy at 50, remove at 10, as by default, but per data point; only fra, ams and iad may host.
inline PlacementPolicy MakePolicy() {
  PlacementPolicy policy;
  policy.name = "web";
  policy.app = "my-app";
  policy.mode = Mode::kActive;
  policy.threshold.per = absl::Minutes(1);
  policy.regions.allowed = {"fra", "ams", "iad"};
  return policy;
}

// Started, healthy, of the policy's group, and made by it.
inline Machine MakeMachine(std::string id, std::string region) {
  Machine machine;
  machine.name = absl::StrCat(kMachineNamePrefix, id);
  machine.id = std::move(id);
  machine.region = std::move(region);
  machine.state = "started";
  machine.process_group = "app";
  machine.metadata[kMetadataPolicy] = "web";
  machine.created_at = Noon() - absl::Hours(24);
  return machine;
}

inline Machine MakeForeignMachine(std::string id, std::string region) {
  Machine machine = MakeMachine(std::move(id), std::move(region));
  machine.metadata.clear();
  machine.name.clear();
  return machine;
}

// `points` data points, all witnessed, without any value.
inline Traffic MakeSilence(int points = 60) {
  Traffic traffic;
  traffic.end = Noon();
  traffic.points = points;
  traffic.witnessed.assign(points, true);
  traffic.instance_up.assign(points, true);
  return traffic;
}

inline PointValues Level(double value, int points = 60) {
  return PointValues(points, value);
}

// `before`, and `after` in the newest `count` points.
inline PointValues Step(double before, double after, int count, int points = 60) {
  PointValues values = Level(before, points);
  for (int i = points - count; i < points; ++i) values[i] = after;
  return values;
}

struct Scenario {
  PlacementPolicy policy = MakePolicy();
  Observation seen;
  History history;
  absl::Time now = Noon() + absl::Seconds(50);
  int failures = 0;
  bool settling = false;

  Scenario() {
    seen.machines_known = true;
    EditPlatform().regions = EmbeddedRegions();
    seen.traffic = MakeSilence();
    history.machine_template = std::make_shared<const MachineTemplate>();
  }

  // A platform of this scenario's own, so that copies of it stay as they are.
  Platform& EditPlatform() {
    const auto own = std::make_shared<Platform>(*seen.platform);
    seen.platform = own;
    return *own;
  }
  Scenario& Machines(const std::string& region, int count) {
    for (int i = 1; i <= count; ++i) Add(MakeMachine(absl::StrCat(region, "-", i), region));
    return *this;
  }
  // Reading a list in the order of ids is the observer's contract.
  Machine& Add(Machine machine) {
    const auto place = std::find_if(seen.machines.begin(), seen.machines.end(),
                                    [&](const Machine& other) { return other.id > machine.id; });
    return *seen.machines.insert(place, std::move(machine));
  }
  Scenario& Requests(const std::string& region, PointValues values) {
    seen.traffic.regions[region] = std::move(values);
    return *this;
  }
  Scenario& Requests(const std::string& region, double level) { return Requests(region, Level(level)); }
  Scenario& LastTarget(const std::string& region, bool placed) {
    history.regions[region].placed = placed;
    return *this;
  }
  Scenario& LastAction(const std::string& region, Action action, absl::Duration ago, bool complete = true) {
    history.regions[region].last_action = placer::LastAction{action, now - ago, complete};
    return *this;
  }
  Scenario& Acted(Action action, absl::Duration ago, int count = 1, bool failed = false) {
    for (int i = 0; i < count; ++i) history.actions.push_back({now - ago, action, "xxx", failed});
    return *this;
  }
  Scenario& PrometheusDown() {
    seen.traffic.error = absl::UnavailableError("connection refused");
    return *this;
  }
  // As after the first pass of a process whose store is empty: no data point is new.
  Scenario& AllPointsDecided() {
    history.decided_point = seen.traffic.end;
    return *this;
  }

  ReconcileInput Input() const { return {policy, seen, history, now, failures, settling}; }
  ReconcileResult Decide() const { return PlacementReconciler().Reconcile(Input()); }
};

inline const RegionDecision* FindRegion(const ReconcileResult& result, const std::string& region) {
  for (const RegionDecision& decision : result.decision.regions) {
    if (decision.region == region) return &decision;
  }
  return nullptr;
}

// A region that has no decision has an empty one, which no test expects.
inline RegionDecision RegionOf(const ReconcileResult& result, const std::string& region) {
  const RegionDecision* decision = FindRegion(result, region);
  return decision == nullptr ? RegionDecision{.region = "missing"} : *decision;
}

inline std::string ReasonOf(const ReconcileResult& result, const std::string& region) {
  const RegionDecision* decision = FindRegion(result, region);
  return decision == nullptr ? "no decision" : ToString(decision->reason);
}

// "create fra: TrafficAboveThreshold", "start fra-1: ..." for one that is parked, "remove fra-1: ...",
// "update fra-1", "return fra-1", in the order of the plan.
inline std::vector<std::string> ActionsOf(const ReconcileResult& result) {
  using Kind = PlannedAction::Kind;
  std::vector<std::string> actions;
  for (const PlannedAction& action : result.plan.actions) {
    const bool creates = action.kind == Kind::kCreate && action.machine_id.empty();
    const char* verb = creates                        ? "create "
                       : action.kind == Kind::kCreate ? "start "
                       : action.kind == Kind::kRemove ? "remove "
                       : action.kind == Kind::kUpdate ? "update "
                                                      : "return ";
    const bool has_reason = action.kind == Kind::kCreate || action.kind == Kind::kRemove;
    actions.push_back(absl::StrCat(verb, creates ? action.region : action.machine_id, has_reason ? ": " : "",
                                   has_reason ? ToString(action.reason) : ""));
  }
  return actions;
}

}  // namespace placer
