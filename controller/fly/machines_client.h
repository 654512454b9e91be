// MachinesClient: the read calls of the Fly Machines API over HTTP. It only carries values between
// api/machines_api.h and the network.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/effects/clock.h"
#include "controller/effects/machines.h"
#include "controller/net/api_call.h"
#include "controller/net/http_client.h"

namespace placer {

struct MachinesClientOptions {
  std::string token;      // may be empty
  CallObserver observer;  // operations: list, get, regions
};

class MachinesClient final : public MachinesApi {
 public:
  // `http` and `clock` outlive the client; the clock measures how long calls take.
  MachinesClient(HttpClient& http, const Clock& clock, MachinesClientOptions options);

  Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) override;
  Task<absl::StatusOr<Machine>> Get(std::string app, std::string machine_id) override;
  Task<absl::StatusOr<std::vector<Region>>> ListRegions() override;

 private:
  ApiCaller caller_;
};

}  // namespace placer
