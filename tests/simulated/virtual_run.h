// VirtualRun: a controller's process in virtual time. The store, the platform and Prometheus outlive it, so
// it can be stopped in order or killed at any moment, and started again later. Effects that live outside read
// the time from `clock()`, which stays the same object whichever process runs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "controller/controller.h"
#include "tests/simulated/capturing_log.h"
#include "tests/simulated/recording_store.h"
#include "tests/simulated/virtual_time.h"

namespace placer {

// A policy of the documented defaults for the app "shop".
inline PlacementPolicy MakePolicy(const std::string& name = "web") {
  PlacementPolicy policy;
  policy.name = name;
  policy.app = "shop";
  return policy;
}

class VirtualRun {
 public:
  explicit VirtualRun(std::uint64_t seed = 1, absl::Time start = VirtualStart())
      : seed_(seed), down_since_(start), clock_(*this) {}

  Clock& clock() { return clock_; }
  absl::Time now() const { return clock_.Now(); }
  RecordingStore& store() { return store_; }
  CapturingLog& log() { return log_; }
  Controller& controller() { return *process_->controller; }
  VirtualTime& time() { return process_->time; }

  // A process begins now. Effects and reconciler outlive this object's processes.
  void Start(MachinesApi& machines, TrafficApi& traffic, const Reconciler& reconciler,
             ControllerOptions options = {}) {
    process_ = std::make_unique<Process>(clock_.Now(), seed_++);
    process_->controller.emplace(process_->time.io(),
                                 Effects{process_->time.clock(), process_->random, machines, traffic, store_},
                                 reconciler, log_, nullptr, std::move(options));
  }

  // SIGTERM: true if the controller was done within `patience`. The process is gone afterwards.
  bool Stop(absl::Duration patience = absl::Seconds(4)) {
    const auto stopped = time().Start(controller().Stop());
    const absl::Time deadline = now() + patience;
    while (!*stopped && time().clock().NextDeadline() <= deadline) {
      time().clock().AdvanceTo(time().clock().NextDeadline());
      time().Settle();
    }
    const bool done = stopped->has_value();
    Kill();
    return done;
  }

  // kill -9: nothing gets to run any more.
  void Kill() {
    down_since_ = clock_.Now();
    process_.reset();
  }

  // Several processes in one time: each is settled at every deadline of any of them.
  bool is_running() const { return process_ != nullptr; }
  void Settle() {
    if (process_ != nullptr) process_->time.Settle();
  }
  absl::Time NextDeadline() const {
    return process_ == nullptr ? absl::InfiniteFuture() : process_->time.clock().NextDeadline();
  }
  // Moves the clock and wakes who is due, but runs nothing yet.
  void MoveTo(absl::Time now) {
    if (process_ == nullptr) {
      down_since_ = std::max(down_since_, now);
    } else {
      process_->time.clock().AdvanceTo(now);
    }
  }

  // Lets time pass, whether or not a process runs.
  void RunUntil(absl::Time until) {
    if (process_ != nullptr) {
      process_->time.RunUntil(until);
    } else {
      down_since_ = std::max(down_since_, until);
    }
  }
  void RunFor(absl::Duration duration) { RunUntil(now() + duration); }

  // One policy's present status; it must be loaded.
  PolicyStatus StatusOf(const std::string& policy = "web") {
    for (PolicySnapshot& snapshot : controller().Snapshot()) {
      if (snapshot.policy.name == policy) return std::move(snapshot.status);
    }
    return {};
  }
  std::optional<Condition> ConditionOf(const std::string& type, const std::string& policy = "web") {
    const PolicyStatus status = StatusOf(policy);
    const Condition* condition = FindCondition(status.conditions, type);
    return condition == nullptr ? std::nullopt : std::optional<Condition>(*condition);
  }

 private:
  struct Process {
    Process(absl::Time start, std::uint64_t seed) : time(start), random(seed) {}
    VirtualTime time;
    SimulatedRandom random;
    std::optional<Controller> controller;
  };

  class RunClock final : public Clock {
   public:
    explicit RunClock(const VirtualRun& run) : run_(run) {}
    absl::Time Now() const override {
      return run_.process_ != nullptr ? run_.process_->time.now() : run_.down_since_;
    }
    Task<bool> SleepUntil(absl::Time deadline) override {
      return run_.process_->time.clock().SleepUntil(deadline);
    }

   private:
    const VirtualRun& run_;
  };

  std::uint64_t seed_;
  absl::Time down_since_;
  RunClock clock_;
  RecordingStore store_;
  CapturingLog log_;
  std::unique_ptr<Process> process_;
};

}  // namespace placer
