// What calls about machines answer.
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "api/json_writer.h"
#include "cmd/flysim/api_call.h"
#include "cmd/flysim/core/refusal.h"
#include "cmd/flysim/request_body.h"

namespace placer::flysim {
namespace {

constexpr char kOk[] = "{\"ok\":true}";

HttpResponse AnswerMachine(ApiCall& call, const absl::StatusOr<Machine>& machine) {
  if (!machine.ok()) return MakeRefusalAnswer(machine.status());
  return MakeJson(200, call.world.RenderMachine(machine->id).value());
}

MachineChange::Kind ReadKind(const std::string& verb) {
  if (verb == "start") return MachineChange::Kind::kStart;
  if (verb == "stop") return MachineChange::Kind::kStop;
  if (verb == "suspend") return MachineChange::Kind::kSuspend;
  return verb == "cordon" ? MachineChange::Kind::kCordon : MachineChange::Kind::kUncordon;
}

}  // namespace

HttpResponse ListMachines(ApiCall& call) {
  if (const absl::Status status = call.world.Admit("list", ""); !status.ok())
    return MakeRefusalAnswer(status);
  MachineFilter filter{.include_deleted = call.target.IsTrue("include_deleted"),
                       .region = call.target.Find("region"),
                       .summary = call.target.IsTrue("summary")};
  filter.states = std::vector<std::string>(absl::StrSplit(call.target.Find("state"), ',', absl::SkipEmpty()));
  return MakeJson(200, call.world.RenderMachineList(filter));
}

HttpResponse GetMachine(ApiCall& call) {
  return AnswerMachine(call, call.world.Get(call.id));
}

HttpResponse CreateOne(ApiCall& call) {
  RequestBody body(call.request.body);
  CreateMachine request{
      .name = body.Text("name"), .region = body.Text("region"), .config = body.Object("config")};
  request.skip_service_registration = body.Bool("skip_service_registration");
  const bool skip_launch = body.Bool("skip_launch");
  if (!body.status().ok()) return MakeRefusalAnswer(body.status());
  return AnswerMachine(call, call.world.Create(request, skip_launch));
}

HttpResponse UpdateOne(ApiCall& call) {
  RequestBody body(call.request.body);
  const UpdateMachine request{.machine_id = call.id,
                              .config = body.Object("config"),
                              .current_version = body.Text("current_version"),
                              .lease_nonce = call.nonce(),
                              .skip_launch = body.Bool("skip_launch")};
  if (!body.status().ok()) return MakeRefusalAnswer(body.status());
  return AnswerMachine(call, call.world.Update(request));
}

HttpResponse DestroyOne(ApiCall& call) {
  const MachineChange change{
      .kind = MachineChange::Kind::kDestroy, .machine_id = call.id, .lease_nonce = call.nonce()};
  const absl::Status status = call.world.Apply(change, call.target.IsTrue("force"));
  return status.ok() ? MakeJson(200, kOk) : MakeRefusalAnswer(status);
}

HttpResponse ChangeOne(ApiCall& call) {
  const std::string verb = call.target.segments.back();
  if (verb == "stop" && !call.request.body.empty() && call.request.body.front() == '[') {
    return MakeRefusalAnswer(
        RefuseBadRequest("json: cannot unmarshal array into Go value of type main.stopRequest"));
  }
  const RequestBody body(call.request.body);
  if (!body.status().ok()) return MakeRefusalAnswer(body.status());
  const absl::Status status =
      call.world.Apply({.kind = ReadKind(verb), .machine_id = call.id, .lease_nonce = call.nonce()});
  return status.ok() ? MakeJson(200, kOk) : MakeRefusalAnswer(status);
}

WaitForState ReadWait(const std::string& machine_id, const Target& target) {
  WaitForState wait{.machine_id = machine_id,
                    .instance_id = target.Find("instance_id"),
                    .state = target.Find("state"),
                    .timeout = absl::Seconds(60)};
  if (wait.state.empty()) wait.state = "started";
  int seconds = 0;
  if (absl::SimpleAtoi(target.Find("timeout"), &seconds))
    wait.timeout = absl::Seconds(std::clamp(seconds, 1, 60));
  return wait;
}

HttpResponse WaitForOne(ApiCall& call) {
  const WaitForState wait = ReadWait(call.id, call.target);
  for (const char* known : {"started", "stopped", "suspended", "destroyed", "failed", "settled"}) {
    if (wait.state != known) continue;
    if (const absl::Status status = call.world.Admit("wait", call.id); !status.ok())
      return MakeRefusalAnswer(status);
    const absl::Status status = call.world.CheckState(wait);
    return status.ok() ? MakeJson(200, absl::StrCat("{\"ok\":true,\"state\":\"", wait.state, "\"}"))
                       : MakeRefusalAnswer(status);
  }
  return MakeRefusalAnswer(RefuseBadRequest(absl::StrCat("invalid state '", wait.state.substr(0, 40), "'")));
}

}  // namespace placer::flysim
