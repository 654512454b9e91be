#include "controller/effects/forwarding_machines.h"

#include <boost/system/system_error.hpp>
#include <utility>

#include "controller/effects/status_of.h"

namespace placer {

using Kind = MachinesCall::Kind;

namespace {

// Both arguments are the caller's, who waits for this.
template <typename Make, typename Result>
Task<absl::Status> CallAndKeep(const Make& make, Result& result) {
  result = co_await make();
  co_return StatusOf(result);
}

}  // namespace

template <typename Make>
std::invoke_result_t<Make> ForwardingMachines::Run(MachinesCall call, Make make) {
  using Result = typename std::invoke_result_t<Make>::value_type;
  try {
    Result result = absl::InternalError("the call was not forwarded");
    const absl::Status status =
        co_await Intercept(std::move(call), [&make, &result] { return CallAndKeep(make, result); });
    if (!status.ok()) co_return status;
    co_return result;
  } catch (const boost::system::system_error&) {
    // Asio throws only where the caller was cancelled before it could wait.
    co_return absl::CancelledError("cancelled");
  }
}

Task<absl::StatusOr<std::vector<Machine>>> ForwardingMachines::List(std::string app) {
  return Run({Kind::kRead, "list", app, ""}, [this, app] { return inner_.List(app); });
}

Task<absl::StatusOr<Machine>> ForwardingMachines::Get(std::string app, std::string machine_id) {
  return Run({Kind::kRead, "get", app, machine_id},
             [this, app, machine_id] { return inner_.Get(app, machine_id); });
}

Task<absl::StatusOr<std::vector<Region>>> ForwardingMachines::ListRegions() {
  return Run({Kind::kRead, "regions", "", ""}, [this] { return inner_.ListRegions(); });
}

Task<absl::StatusOr<Machine>> ForwardingMachines::Create(std::string app, CreateMachine request) {
  return Run({Kind::kWrite, "create", app, ""}, [this, app, request] { return inner_.Create(app, request); });
}

Task<absl::StatusOr<Machine>> ForwardingMachines::Update(std::string app, UpdateMachine request) {
  return Run({Kind::kWrite, "update", app, request.machine_id},
             [this, app, request] { return inner_.Update(app, request); });
}

Task<absl::Status> ForwardingMachines::Apply(std::string app, MachineChange change) {
  return Run({Kind::kWrite, ToString(change.kind), app, change.machine_id},
             [this, app, change] { return inner_.Apply(app, change); });
}

Task<absl::StatusOr<Lease>> ForwardingMachines::Take(std::string app, TakeLease request) {
  return Run({Kind::kWrite, "lease", app, request.machine_id},
             [this, app, request] { return inner_.Take(app, request); });
}

Task<absl::Status> ForwardingMachines::Wait(std::string app, WaitForState request) {
  return Run({Kind::kWait, "wait", app, request.machine_id},
             [this, app, request] { return inner_.Wait(app, request); });
}

Task<absl::StatusOr<std::vector<Volume>>> ForwardingMachines::ListVolumes(std::string app) {
  return Run({Kind::kRead, "volumes", app, ""}, [this, app] { return inner_.ListVolumes(app); });
}

Task<absl::StatusOr<Volume>> ForwardingMachines::Create(std::string app, CreateVolume request) {
  return Run({Kind::kWrite, "create_volume", app, ""},
             [this, app, request] { return inner_.Create(app, request); });
}

}  // namespace placer
