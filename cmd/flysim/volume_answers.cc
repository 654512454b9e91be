// What calls about volumes and about room on the platform answer.
#include <algorithm>

#include "api/json_writer.h"
#include "cmd/flysim/api_call.h"
#include "cmd/flysim/core/refusal.h"
#include "cmd/flysim/request_body.h"

namespace placer::flysim {

HttpResponse ListVolumes(ApiCall& call) {
  const absl::StatusOr<std::vector<Volume>> volumes = call.world.ListVolumes();
  return volumes.ok() ? MakeJson(200, call.world.RenderVolumes()) : MakeRefusalAnswer(volumes.status());
}

HttpResponse CreateOneVolume(ApiCall& call) {
  RequestBody body(call.request.body);
  const CreateVolume request{.name = body.Text("name"),
                             .region = body.Text("region"),
                             .size_gb = static_cast<int>(body.Integer("size_gb", 3, 1, 500)),
                             .encrypted = body.Bool("encrypted", true)};
  if (!body.status().ok()) return MakeRefusalAnswer(body.status());
  const absl::StatusOr<Volume> volume = call.world.Create(request);
  return volume.ok() ? MakeJson(200, call.world.RenderVolume(volume->id))
                     : MakeRefusalAnswer(volume.status());
}

HttpResponse GetVolume(ApiCall& call) {
  if (const absl::Status status = call.world.Admit("get_volume", call.id); !status.ok())
    return MakeRefusalAnswer(status);
  const std::vector<Volume> volumes = call.world.volumes();
  const bool is_known =
      std::any_of(volumes.begin(), volumes.end(), [&](const Volume& volume) { return volume.id == call.id; });
  return is_known ? MakeJson(200, call.world.RenderVolume(call.id)) : MakeError(404, "volume not found");
}

HttpResponse FindPlacements(ApiCall& call) {
  RequestBody body(call.request.body);
  const PlacementsQuery query{.organization = body.Text("org_slug"),
                              .region = body.Text("region"),
                              .count = static_cast<int>(body.Integer("count", 0, 0, 1000))};
  if (!body.status().ok()) return MakeRefusalAnswer(body.status());
  if (query.organization.empty()) return MakeRefusalAnswer(RefuseBadRequest("org_slug is required"));
  if (const absl::Status status = call.world.Admit("placements", ""); !status.ok())
    return MakeRefusalAnswer(status);
  JsonWriter answer(false);
  answer.BeginObject();
  answer.Key("regions");
  answer.BeginArray();
  for (const RegionRoom& room : call.world.FindRoom(query)) {
    answer.BeginObject();
    answer.String("region", room.region);
    answer.Integer("count", room.count);
    answer.EndObject();
  }
  answer.EndArray();
  answer.EndObject();
  return MakeJson(200, answer.text());
}

}  // namespace placer::flysim
