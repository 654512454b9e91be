// The requests that change machines, and those that acting waits on.
#include "api/machines_writes.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "api/json_writer.h"
#include "api/machines_http.h"

namespace placer {
namespace {

constexpr char kLeaseNonceHeader[] = "fly-machine-lease-nonce";
constexpr absl::Duration kWaitGrace = absl::Seconds(10);  // for the way there and back

std::int64_t CeilSeconds(absl::Duration duration) {
  return absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1)));
}

std::string MakeMachineTarget(absl::string_view path_prefix, absl::string_view app,
                              absl::string_view machine_id, absl::string_view call = "") {
  return MakeAppTarget(path_prefix, app, absl::StrCat("machines/", PercentEncode(machine_id), call));
}

HttpRequest WithNonce(HttpRequest request, const std::string& nonce) {
  if (!nonce.empty()) request.headers.emplace_back(kLeaseNonceHeader, nonce);
  return request;
}

HttpRequest BuildSetMetadata(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                             const MachineChange& change) {
  std::string target = MakeMachineTarget(path_prefix, app, change.machine_id,
                                         absl::StrCat("/metadata/", PercentEncode(change.key)));
  if (change.value.empty()) return BuildMachinesCall("DELETE", token, std::move(target));
  JsonWriter body(false);
  body.BeginObject();
  body.String("value", change.value);
  body.EndObject();
  return BuildMachinesCall("POST", token, std::move(target), body.text());
}

}  // namespace

HttpRequest BuildCreateMachine(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                               const CreateMachine& request) {
  JsonWriter body(false);
  body.BeginObject();
  body.String("name", request.name);
  body.String("region", request.region);
  body.Bool("skip_service_registration", request.skip_service_registration);
  body.Raw("config", request.config);
  body.EndObject();
  return BuildMachinesCall("POST", token, MakeAppTarget(path_prefix, app, "machines"), body.text());
}

HttpRequest BuildUpdateMachine(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                               const UpdateMachine& request) {
  JsonWriter body(false);
  body.BeginObject();
  if (!request.current_version.empty()) {
    body.String("current_version", request.current_version);
  }
  if (request.skip_launch) body.Bool("skip_launch", true);
  body.Raw("config", request.config);
  body.EndObject();
  return WithNonce(
      BuildMachinesCall("POST", token, MakeMachineTarget(path_prefix, app, request.machine_id), body.text()),
      request.lease_nonce);
}

HttpRequest BuildMachineChange(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                               const MachineChange& change) {
  const auto build = [&](const char* method, const char* call, const char* body = "") {
    return WithNonce(
        BuildMachinesCall(method, token, MakeMachineTarget(path_prefix, app, change.machine_id, call), body),
        change.lease_nonce);
  };
  switch (change.kind) {
    case MachineChange::Kind::kStart:
      return build("POST", "/start");
    case MachineChange::Kind::kStop:
      return build("POST", "/stop", "{}");  // the platform reads an object here, and nothing else
    case MachineChange::Kind::kSuspend:
      return build("POST", "/suspend");
    case MachineChange::Kind::kDestroy:
      return build("DELETE", "");
    case MachineChange::Kind::kCordon:
      return build("POST", "/cordon");
    case MachineChange::Kind::kUncordon:
      return build("POST", "/uncordon");
    case MachineChange::Kind::kReleaseLease:
      return build("DELETE", "/lease");
    case MachineChange::Kind::kSetMetadata:
      break;
  }
  return BuildSetMetadata(path_prefix, token, app, change);
}

HttpRequest BuildTakeLease(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                           const TakeLease& request) {
  const std::int64_t ttl_seconds = CeilSeconds(request.ttl);
  JsonWriter body(false);
  body.BeginObject();
  body.String("description", request.description);
  body.Integer("ttl", ttl_seconds);  // as documented; what counts is the one in the query
  body.EndObject();
  return WithNonce(BuildMachinesCall("POST", token,
                                     MakeMachineTarget(path_prefix, app, request.machine_id,
                                                       absl::StrCat("/lease?ttl=", ttl_seconds)),
                                     body.text()),
                   request.nonce);
}

HttpRequest BuildGetLease(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                          absl::string_view machine_id) {
  return BuildMachinesCall("GET", token, MakeMachineTarget(path_prefix, app, machine_id, "/lease"));
}

HttpRequest BuildWaitForState(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                              const WaitForState& request) {
  const std::int64_t timeout_seconds = std::clamp<std::int64_t>(CeilSeconds(request.timeout), 1, 60);
  std::string call = absl::StrCat("/wait?state=", PercentEncode(request.state), "&timeout=", timeout_seconds);
  if (!request.instance_id.empty()) {
    absl::StrAppend(&call, "&instance_id=", PercentEncode(request.instance_id));
  }
  HttpRequest wait =
      BuildMachinesCall("GET", token, MakeMachineTarget(path_prefix, app, request.machine_id, call));
  wait.timeout = absl::Seconds(timeout_seconds) + kWaitGrace;
  return wait;
}

HttpRequest BuildListVolumes(absl::string_view path_prefix, absl::string_view token, absl::string_view app) {
  return BuildMachinesCall("GET", token, MakeAppTarget(path_prefix, app, "volumes"));
}

HttpRequest BuildCreateVolume(absl::string_view path_prefix, absl::string_view token, absl::string_view app,
                              const CreateVolume& request) {
  JsonWriter body(false);
  body.BeginObject();
  body.String("name", request.name);
  body.String("region", request.region);
  body.Integer("size_gb", request.size_gb);
  body.Bool("encrypted", request.encrypted);
  body.EndObject();
  return BuildMachinesCall("POST", token, MakeAppTarget(path_prefix, app, "volumes"), body.text());
}

HttpRequest BuildPlacements(absl::string_view path_prefix, absl::string_view token,
                            const PlacementsQuery& query) {
  JsonWriter body(false);
  body.BeginObject();
  body.String("org_slug", query.organization);
  if (!query.region.empty()) {
    body.String("region", query.region);
  }
  body.Integer("count", query.count);
  body.EndObject();
  HttpRequest request =
      BuildMachinesCall("POST", token, absl::StrCat(path_prefix, "/v1/platform/placements"), body.text());
  request.repeatable = true;
  return request;
}

}  // namespace placer
