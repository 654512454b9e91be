// ApiCall: one call of the Machines API on its way to an answer, and the answers that calls are made of. The
// routes are in api_routes.cc; which function answers which, too.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "api/http_message.h"
#include "cmd/flysim/core/world.h"
#include "cmd/flysim/target.h"

namespace placer::flysim {

struct ApiCall {
  World& world;
  const HttpRequest& request;
  const Target& target;
  std::string id;   // of the machine or volume in the path
  std::string key;  // of metadata

  std::string nonce() const { return std::string(FindHeader(request.headers, "fly-machine-lease-nonce")); }
};

HttpResponse MakeJson(int status, std::string body);
// The status is what Fly says of errors without a class.
HttpResponse MakeError(int http_status, absl::string_view text);

// The answer to what follows /v1; a path or method that nothing answers is a 404 or 405.
HttpResponse AnswerApi(World& world, const HttpRequest& request, const Target& target);

// Of machines (machine_answers.cc).
HttpResponse ListMachines(ApiCall& call);
HttpResponse CreateOne(ApiCall& call);
HttpResponse GetMachine(ApiCall& call);
HttpResponse UpdateOne(ApiCall& call);
HttpResponse DestroyOne(ApiCall& call);
HttpResponse ChangeOne(ApiCall& call);  // start, stop, suspend, cordon, uncordon
HttpResponse WaitForOne(ApiCall& call);
// The wait that a call asks for, with what the platform assumes where it says nothing.
WaitForState ReadWait(const std::string& machine_id, const Target& target);

// Of what belongs to machines (lease_answers.cc, volume_answers.cc).
HttpResponse GetMachineLease(ApiCall& call);
HttpResponse TakeMachineLease(ApiCall& call);
HttpResponse ReleaseMachineLease(ApiCall& call);
HttpResponse GetMetadata(ApiCall& call);
HttpResponse GetMetadataKey(ApiCall& call);
HttpResponse SetMetadataKey(ApiCall& call);
HttpResponse DeleteMetadataKey(ApiCall& call);
HttpResponse ListVolumes(ApiCall& call);
HttpResponse CreateOneVolume(ApiCall& call);
HttpResponse GetVolume(ApiCall& call);
HttpResponse FindPlacements(ApiCall& call);

}  // namespace placer::flysim
