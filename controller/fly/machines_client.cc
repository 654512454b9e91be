#include "controller/fly/machines_client.h"

#include <utility>

#include "api/machines_api.h"
#include "api/machines_writes.h"
#include "controller/effects/status_of.h"

namespace placer {

MachinesClient::MachinesClient(HttpClient& http, const Clock& clock, MachinesClientOptions options)
    : caller_(http, clock, std::move(options.token), std::move(options.observer)) {}

template <typename Result>
Task<Result> MachinesClient::Ask(std::string operation, HttpRequest request,
                                 std::function<Result(const HttpResponse&)> parse) const {
  const absl::StatusOr<HttpResponse> response =
      co_await caller_.Call(std::move(operation), std::move(request));
  if (!response.ok()) co_return response.status();
  Result result = parse(*response);
  if (absl::Status status = StatusOf(result); !status.ok()) {
    co_return caller_.Explain(std::move(status), response->status);
  }
  co_return result;
}

Task<absl::StatusOr<std::vector<Machine>>> MachinesClient::List(std::string app) {
  return Ask<absl::StatusOr<std::vector<Machine>>>(
      "list", BuildListMachines(caller_.path_prefix(), caller_.token(), app), ParseMachineList);
}

Task<absl::StatusOr<Machine>> MachinesClient::Get(std::string app, std::string machine_id) {
  return Ask<absl::StatusOr<Machine>>(
      "get", BuildGetMachine(caller_.path_prefix(), caller_.token(), app, machine_id), ParseMachine);
}

Task<absl::StatusOr<std::vector<Region>>> MachinesClient::ListRegions() {
  return Ask<absl::StatusOr<std::vector<Region>>>(
      "regions", BuildListRegions(caller_.path_prefix(), caller_.token()), ParseRegionList);
}

Task<absl::StatusOr<Machine>> MachinesClient::Create(std::string app, CreateMachine request) {
  return Ask<absl::StatusOr<Machine>>(
      "create", BuildCreateMachine(caller_.path_prefix(), caller_.token(), app, request), ParseMachine);
}

Task<absl::StatusOr<Machine>> MachinesClient::Update(std::string app, UpdateMachine request) {
  return Ask<absl::StatusOr<Machine>>(
      "update", BuildUpdateMachine(caller_.path_prefix(), caller_.token(), app, request), ParseMachine);
}

Task<absl::Status> MachinesClient::Apply(std::string app, MachineChange change) {
  HttpRequest request = BuildMachineChange(caller_.path_prefix(), caller_.token(), app, change);
  const char* operation = ToString(change.kind);
  return Ask<absl::Status>(operation, std::move(request),
                           [change = std::move(change)](const HttpResponse& response) {
                             return ParseMachineChanged(response, change);
                           });
}

Task<absl::StatusOr<Lease>> MachinesClient::Take(std::string app, TakeLease request) {
  return Ask<absl::StatusOr<Lease>>(
      "lease", BuildTakeLease(caller_.path_prefix(), caller_.token(), app, request), ParseTakenLease);
}

Task<absl::Status> MachinesClient::Wait(std::string app, WaitForState request) {
  return Ask<absl::Status>("wait", BuildWaitForState(caller_.path_prefix(), caller_.token(), app, request),
                           ParseWaited);
}

Task<absl::StatusOr<std::vector<Volume>>> MachinesClient::ListVolumes(std::string app) {
  return Ask<absl::StatusOr<std::vector<Volume>>>(
      "volumes", BuildListVolumes(caller_.path_prefix(), caller_.token(), app), ParseVolumeList);
}

Task<absl::StatusOr<Volume>> MachinesClient::Create(std::string app, CreateVolume request) {
  return Ask<absl::StatusOr<Volume>>(
      "create_volume", BuildCreateVolume(caller_.path_prefix(), caller_.token(), app, request), ParseVolume);
}

}  // namespace placer
