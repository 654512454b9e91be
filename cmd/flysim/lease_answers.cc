// What calls about a machine's lease and metadata answer.
#include <utility>

#include "absl/strings/numbers.h"
#include "api/json_writer.h"
#include "cmd/flysim/api_call.h"
#include "cmd/flysim/core/refusal.h"
#include "cmd/flysim/request_body.h"

namespace placer::flysim {
namespace {

// The document promises the bare lease; the platform answers it within an envelope.
HttpResponse AnswerLease(ApiCall& call, int status, const Lease& lease) {
  JsonWriter body(false);
  body.BeginObject();
  body.String("status", "success");
  body.Key("data");
  body.BeginObject();
  if (!lease.nonce.empty()) {
    body.String("nonce", lease.nonce);
  }
  body.Integer("expires_at", absl::ToUnixSeconds(lease.expires_at));
  body.String("owner", lease.owner);
  body.String("description", lease.description);
  body.String("version", call.world.FindInstance(call.id));
  body.EndObject();
  body.EndObject();
  return MakeJson(status, body.text());
}

HttpResponse AnswerEmpty(int http_status, const absl::Status& status) {
  if (!status.ok()) return MakeRefusalAnswer(status);
  return {.status = http_status};
}

}  // namespace

HttpResponse GetMachineLease(ApiCall& call) {
  const absl::StatusOr<Lease> lease = call.world.GetLease(call.id);
  return lease.ok() ? AnswerLease(call, 200, *lease) : MakeRefusalAnswer(lease.status());
}

HttpResponse TakeMachineLease(ApiCall& call) {
  RequestBody body(call.request.body);
  TakeLease request{.machine_id = call.id, .nonce = call.nonce(), .description = body.Text("description")};
  std::int64_t ttl_seconds = body.Integer("ttl", 60, 0, 86400);
  if (!body.status().ok()) return MakeRefusalAnswer(body.status());
  if (!call.target.Find("ttl").empty() && !absl::SimpleAtoi(call.target.Find("ttl"), &ttl_seconds))
    return MakeRefusalAnswer(RefuseBadRequest("ttl is no number of seconds"));
  request.ttl = absl::Seconds(ttl_seconds);
  const absl::StatusOr<Lease> lease = call.world.Take(request);
  return lease.ok() ? AnswerLease(call, 201, *lease) : MakeRefusalAnswer(lease.status());
}

HttpResponse ReleaseMachineLease(ApiCall& call) {
  const absl::Status status = call.world.Apply(
      {.kind = MachineChange::Kind::kReleaseLease, .machine_id = call.id, .lease_nonce = call.nonce()});
  return status.ok() ? MakeJson(200, "{\"ok\":true}") : MakeRefusalAnswer(status);
}

HttpResponse GetMetadata(ApiCall& call) {
  const absl::StatusOr<Machine> machine = call.world.Get(call.id);
  if (!machine.ok()) return MakeRefusalAnswer(machine.status());
  JsonWriter body(false);
  body.BeginObject();
  for (const auto& [key, value] : machine->metadata) body.String(key, value);
  body.EndObject();
  return MakeJson(200, body.text());
}

HttpResponse GetMetadataKey(ApiCall& call) {
  const absl::StatusOr<Machine> machine = call.world.Get(call.id);
  if (!machine.ok()) return MakeRefusalAnswer(machine.status());
  const auto found = machine->metadata.find(call.key);
  if (found == machine->metadata.end()) return MakeError(404, "metadata key not found");
  JsonWriter body(false);
  body.BeginObject();
  body.String("value", found->second);
  body.EndObject();
  return MakeJson(200, body.text());
}

HttpResponse SetMetadataKey(ApiCall& call) {
  RequestBody body(call.request.body);
  const std::string value = body.Text("value");
  if (!body.status().ok()) return MakeRefusalAnswer(body.status());
  if (value.empty()) return MakeRefusalAnswer(RefuseBadRequest("a metadata value is required"));
  return AnswerEmpty(204, call.world.Apply({.kind = MachineChange::Kind::kSetMetadata,
                                            .machine_id = call.id,
                                            .key = call.key,
                                            .value = value}));
}

HttpResponse DeleteMetadataKey(ApiCall& call) {
  return AnswerEmpty(
      204,
      call.world.Apply({.kind = MachineChange::Kind::kSetMetadata, .machine_id = call.id, .key = call.key}));
}

}  // namespace placer::flysim
