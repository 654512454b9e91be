// ReadOnlyMachines: the platform as a pass of our own may see it. It reads, remembers each app's list for the
// adoption report, and refuses every change: whatever a pass decides, `plan` touches nothing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controller/effects/machines.h"

namespace placer {

class ReadOnlyMachines final : public MachinesApi {
 public:
  // `inner` outlives this.
  explicit ReadOnlyMachines(MachinesApi& inner) : inner_(inner) {}

  Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) override;
  Task<absl::StatusOr<Machine>> Get(std::string app, std::string machine_id) override;
  Task<absl::StatusOr<std::vector<Region>>> ListRegions() override;
  Task<absl::StatusOr<std::vector<Volume>>> ListVolumes(std::string app) override;

  // FailedPrecondition, always.
  Task<absl::StatusOr<Machine>> Create(std::string app, CreateMachine request) override;
  Task<absl::StatusOr<Machine>> Update(std::string app, UpdateMachine request) override;
  Task<absl::Status> Apply(std::string app, MachineChange change) override;
  Task<absl::StatusOr<Lease>> Take(std::string app, TakeLease request) override;
  Task<absl::Status> Wait(std::string app, WaitForState request) override;
  Task<absl::StatusOr<Volume>> Create(std::string app, CreateVolume request) override;

  // As last listed; empty before.
  const std::vector<Machine>& list(const std::string& app) { return lists_[app]; }

 private:
  MachinesApi& inner_;
  std::map<std::string, std::vector<Machine>> lists_;
};

}  // namespace placer
