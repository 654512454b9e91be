// MachinesClient: the Fly Machines API over HTTP. It only carries values between api/machines_api.h and
// api/machines_writes.h and the network. Easy to get wrong: it neither paces nor repeats calls
// (controller/fly/rate_limited_machines.h does).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/effects/clock.h"
#include "controller/effects/machines.h"
#include "controller/net/api_call.h"
#include "controller/net/http_client.h"

namespace placer {

struct MachinesClientOptions {
  std::string token;  // may be empty
  // Operations: list, get, regions, create, update, lease, wait, volumes, create_volume, and the names of
  // MachineChange::Kind.
  CallObserver observer;
};

class MachinesClient final : public MachinesApi {
 public:
  // `http` and `clock` outlive the client; the clock measures how long calls take.
  MachinesClient(HttpClient& http, const Clock& clock, MachinesClientOptions options);

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

 private:
  // Result: absl::Status or StatusOr.
  template <typename Result>
  Task<Result> Ask(std::string operation, HttpRequest request,
                   std::function<Result(const HttpResponse&)> parse) const;

  ApiCaller caller_;
};

}  // namespace placer
