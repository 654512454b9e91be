// ForwardingMachines: a MachinesApi in front of another, for whatever does the same around every call: paces,
// refuses, delays or counts it. Easy to get wrong: a write that is forwarded twice may happen twice.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "controller/effects/machines.h"

namespace placer {

struct MachinesCall {
  enum class Kind { kRead, kWait, kWrite };  // kWait: reads, but takes as long as it is told to
  Kind kind = Kind::kRead;
  std::string action;  // "list", "create", "cordon", ...
  std::string app;
  std::string machine_id;  // "" = the app as a whole
};

class ForwardingMachines : public MachinesApi {
 public:
  // `inner` outlives this.
  explicit ForwardingMachines(MachinesApi& inner) : inner_(inner) {}

  Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) override;
  Task<absl::StatusOr<Machine>> Get(std::string app, std::string machine_id) override;
  Task<absl::StatusOr<std::vector<Region>>> ListRegions() override;
  Task<absl::StatusOr<Machine>> Create(std::string app, CreateMachine request) override;
  Task<absl::StatusOr<Machine>> Update(std::string app, UpdateMachine request) override;
  Task<absl::Status> Apply(std::string app, MachineChange change) override;
  Task<absl::StatusOr<Lease>> Take(std::string app, TakeLease request) override;
  Task<absl::Status> Wait(std::string app, WaitForState request) override;
  Task<absl::StatusOr<std::vector<Volume>>> ListVolumes(std::string app) override;
  Task<absl::StatusOr<Volume>> Create(std::string app, CreateVolume request) override;

 protected:
  using Forward = std::function<Task<absl::Status>()>;
  // `forward` makes the call and answers its status. An error from here is the call's answer; on OK that is
  // what `forward` last got. May throw where the caller was cancelled: the call then answers Cancelled.
  virtual Task<absl::Status> Intercept(MachinesCall call, Forward forward) = 0;

 private:
  // `make` makes the call, and may be called again.
  template <typename Make>
  std::invoke_result_t<Make> Run(MachinesCall call, Make make);

  MachinesApi& inner_;
};

}  // namespace placer
