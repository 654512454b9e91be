#include "controller/fly/machines_client.h"

#include <utility>

#include "api/machines_api.h"

namespace placer {

MachinesClient::MachinesClient(HttpClient& http, const Clock& clock, MachinesClientOptions options)
    : caller_(http, clock, std::move(options.token), std::move(options.observer)) {}

Task<absl::StatusOr<std::vector<Machine>>> MachinesClient::List(std::string app) {
  const absl::StatusOr<HttpResponse> response =
      co_await caller_.Call("list", BuildListMachines(caller_.path_prefix(), caller_.token(), app));
  if (!response.ok()) co_return response.status();
  absl::StatusOr<std::vector<Machine>> machines = ParseMachineList(*response);
  if (!machines.ok()) co_return caller_.Explain(machines.status(), response->status);
  co_return machines;
}

Task<absl::StatusOr<Machine>> MachinesClient::Get(std::string app, std::string machine_id) {
  const absl::StatusOr<HttpResponse> response =
      co_await caller_.Call("get", BuildGetMachine(caller_.path_prefix(), caller_.token(), app, machine_id));
  if (!response.ok()) co_return response.status();
  absl::StatusOr<Machine> machine = ParseMachine(*response);
  if (!machine.ok()) co_return caller_.Explain(machine.status(), response->status);
  co_return machine;
}

Task<absl::StatusOr<std::vector<Region>>> MachinesClient::ListRegions() {
  const absl::StatusOr<HttpResponse> response =
      co_await caller_.Call("regions", BuildListRegions(caller_.path_prefix(), caller_.token()));
  if (!response.ok()) co_return response.status();
  absl::StatusOr<std::vector<Region>> regions = ParseRegionList(*response);
  if (!regions.ok()) co_return caller_.Explain(regions.status(), response->status);
  co_return regions;
}

}  // namespace placer
