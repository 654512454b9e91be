// EffectGate: counts the effects of a process, each write to the platform and each to the store, and kills
// the process right before or right after a chosen one: from there on nothing of it runs any more.
// GatedMachines puts a platform behind a gate; RecordingStore has hooks for the store's.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "controller/effects/machines.h"
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

class GatedMachines final : public MachinesApi {
 public:
  GatedMachines(MachinesApi& machines, EffectGate& gate) : machines_(machines), gate_(gate) {}

  Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) override {
    return machines_.List(std::move(app));
  }
  Task<absl::StatusOr<Machine>> Get(std::string app, std::string machine_id) override {
    return machines_.Get(std::move(app), std::move(machine_id));
  }
  Task<absl::StatusOr<std::vector<Region>>> ListRegions() override { return machines_.ListRegions(); }
  Task<absl::StatusOr<Machine>> Create(std::string app, CreateMachine request) override {
    const std::string what = "create " + request.name;
    return Write<absl::StatusOr<Machine>>(what, machines_.Create(std::move(app), std::move(request)));
  }
  Task<absl::StatusOr<Machine>> Update(std::string app, UpdateMachine request) override {
    const std::string what = "update " + request.machine_id;
    return Write<absl::StatusOr<Machine>>(what, machines_.Update(std::move(app), std::move(request)));
  }
  Task<absl::Status> Apply(std::string app, MachineChange change) override {
    const std::string what = std::string(ToString(change.kind)) + " " + change.machine_id;
    return Write<absl::Status>(what, machines_.Apply(std::move(app), std::move(change)));
  }
  Task<absl::StatusOr<Lease>> Take(std::string app, TakeLease request) override {
    const std::string what = "take_lease " + request.machine_id;
    return Write<absl::StatusOr<Lease>>(what, machines_.Take(std::move(app), std::move(request)));
  }
  Task<absl::Status> Wait(std::string app, WaitForState request) override {
    return machines_.Wait(std::move(app), std::move(request));
  }
  Task<absl::StatusOr<std::vector<Volume>>> ListVolumes(std::string app) override {
    return machines_.ListVolumes(std::move(app));
  }
  Task<absl::StatusOr<Volume>> Create(std::string app, CreateVolume request) override {
    const std::string what = "create_volume " + request.region;
    return Write<absl::StatusOr<Volume>>(what, machines_.Create(std::move(app), std::move(request)));
  }

 private:
  // `call` is lazy: nothing of it happens before it is awaited.
  template <typename Result>
  Task<Result> Write(std::string what, Task<Result> call) {
    co_await gate_.Before(std::move(what));
    Result result = co_await std::move(call);
    co_await gate_.After();
    co_return result;
  }

  MachinesApi& machines_;
  EffectGate& gate_;
};

}  // namespace placer
