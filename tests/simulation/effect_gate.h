// EffectGate: counts the effects of a process, each write to the platform and each to the store, and kills
// the process right before or right after a chosen one: from there on nothing of it runs any more.
// GatedMachines puts a platform behind a gate; RecordingStore has hooks for the store's.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "controller/effects/forwarding_machines.h"
#include "tests/simulated/fake_machines.h"

namespace placer {

class EffectGate {
 public:
  enum class Moment { kBefore, kAfter };

  // The effect with this number, the first is 1, is the last one, or does not happen any more.
  void Arm(int number, Moment moment) {
    number_ = number;
    moment_ = moment;
    struck_ = false;
  }
  void Disarm() {
    number_ = 0;
    struck_ = false;
  }
  // The process stands still and is to be killed.
  bool struck() const { return struck_; }
  int count() const { return static_cast<int>(log_.size()); }
  // What each effect was, in order.
  const std::vector<std::string>& log() const { return log_; }

  Task<void> Before(std::string what) {
    log_.push_back(std::move(what));
    if (count() == number_ && moment_ == Moment::kBefore) co_await Strike();
  }
  Task<void> After() {
    if (count() == number_ && moment_ == Moment::kAfter) co_await Strike();
  }

 private:
  Task<void> Strike() {
    struck_ = true;
    co_await Hang(/*deaf=*/true);
  }

  int number_ = 0;
  Moment moment_ = Moment::kAfter;
  bool struck_ = false;
  std::vector<std::string> log_;
};

class GatedMachines final : public ForwardingMachines {
 public:
  GatedMachines(MachinesApi& machines, EffectGate& gate) : ForwardingMachines(machines), gate_(gate) {}

 private:
  Task<absl::Status> Intercept(MachinesCall call, Forward forward) override {
    if (call.kind != MachinesCall::Kind::kWrite) co_return co_await forward();
    co_await gate_.Before(call.action + " " + call.machine_id);
    absl::Status status = co_await forward();
    co_await gate_.After();
    co_return status;
  }

  EffectGate& gate_;
};

}  // namespace placer
