#include "cmd/autoplacer/read_only_machines.h"

#include <utility>

namespace placer {
namespace {

absl::Status Refuse() {
  return WithScope(absl::FailedPreconditionError("a single pass changes nothing"), ErrorScope::kRefused);
}

}  // namespace

Task<absl::StatusOr<std::vector<Machine>>> ReadOnlyMachines::List(std::string app) {
  absl::StatusOr<std::vector<Machine>> list = co_await inner_.List(app);
  if (list.ok()) lists_[app] = *list;
  co_return list;
}

Task<absl::StatusOr<Machine>> ReadOnlyMachines::Get(std::string app, std::string machine_id) {
  return inner_.Get(std::move(app), std::move(machine_id));
}

Task<absl::StatusOr<std::vector<Region>>> ReadOnlyMachines::ListRegions() {
  return inner_.ListRegions();
}

Task<absl::StatusOr<std::vector<Volume>>> ReadOnlyMachines::ListVolumes(std::string app) {
  return inner_.ListVolumes(std::move(app));
}

Task<absl::StatusOr<Machine>> ReadOnlyMachines::Create(std::string, CreateMachine) {
  co_return Refuse();
}

Task<absl::StatusOr<Machine>> ReadOnlyMachines::Update(std::string, UpdateMachine) {
  co_return Refuse();
}

Task<absl::Status> ReadOnlyMachines::Apply(std::string, MachineChange) {
  co_return Refuse();
}

Task<absl::StatusOr<Lease>> ReadOnlyMachines::Take(std::string, TakeLease) {
  co_return Refuse();
}

Task<absl::Status> ReadOnlyMachines::Wait(std::string, WaitForState) {
  co_return Refuse();
}

Task<absl::StatusOr<Volume>> ReadOnlyMachines::Create(std::string, CreateVolume) {
  co_return Refuse();
}

}  // namespace placer
