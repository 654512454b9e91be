// LoopFixture: a controller in virtual time whose decisions the test writes. One machine, m1, runs in fra.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "tests/simulated/fake_machines.h"
#include "tests/simulated/fake_traffic.h"
#include "tests/simulated/scripted_reconciler.h"
#include "tests/simulated/virtual_run.h"

namespace placer {

class LoopFixture : public ::testing::Test {
 protected:
  LoopFixture() {
    machines_.Add("m1", "fra");
    Start();
  }

  void Start() { run_.Start(machines_, traffic_, reconciler_); }
  void Apply(std::vector<PlacementPolicy> policies) {
    run_.controller().Apply(std::move(policies));
    run_.time().Settle();
  }
  // The next pass plans these actions; later ones plan nothing.
  void PlanOnce(std::vector<PlannedAction> actions) {
    const auto once = std::make_shared<std::vector<PlannedAction>>(std::move(actions));
    reconciler_.plan = [once](const ReconcileInput&) { return std::exchange(*once, {}); };
  }
  static PlannedAction Create(const std::string& region) {
    return {.kind = PlannedAction::Kind::kCreate, .region = region};
  }
  static PlannedAction RemoveMachine(const std::string& region, const std::string& id) {
    return {.kind = PlannedAction::Kind::kRemove, .region = region, .machine_id = id};
  }
  // When passes decided, since the start.
  std::vector<absl::Duration> Passes(const std::string& policy = "web") const {
    std::vector<absl::Duration> passes;
    for (const auto& question : reconciler_.questions()) {
      if (question.policy.name == policy) passes.push_back(question.now - VirtualStart());
    }
    return passes;
  }
  std::vector<Event> Events() { return run_.controller().RecentEvents("", 1000).value(); }
  int CountEvents(const std::string& reason) {
    int count = 0;
    for (const Event& event : Events()) count += event.reason == reason;
    return count;
  }
  bool HasEvent(const std::string& reason, const std::string& words) {
    for (const Event& event : Events()) {
      if (event.reason == reason && absl::StrContains(event.message, words)) return true;
    }
    return false;
  }

  FakeMachines machines_;
  FakeTraffic traffic_;
  ScriptedReconciler reconciler_;
  VirtualRun run_;
};

}  // namespace placer
