// Which function answers which call of the Machines API.
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cmd/flysim/api_call.h"
#include "cmd/flysim/core/refusal.h"

namespace placer::flysim {
namespace {

HttpResponse GetRegions(ApiCall& call) {
  return MakeJson(200, call.world.RenderRegions());
}
HttpResponse GetApp(ApiCall& call) {
  return MakeJson(200, call.world.RenderApp());
}

struct Route {
  const char* method;
  const char* path;  // below /v1; a segment in capitals stands for any
  HttpResponse (*answer)(ApiCall&);
};

constexpr Route kRoutes[] = {
    {"GET", "platform/regions", GetRegions},
    {"POST", "platform/placements", FindPlacements},
    {"GET", "apps/APP", GetApp},
    {"GET", "apps/APP/machines", ListMachines},
    {"POST", "apps/APP/machines", CreateOne},
    {"GET", "apps/APP/machines/ID", GetMachine},
    {"POST", "apps/APP/machines/ID", UpdateOne},
    {"DELETE", "apps/APP/machines/ID", DestroyOne},
    {"POST", "apps/APP/machines/ID/start", ChangeOne},
    {"POST", "apps/APP/machines/ID/stop", ChangeOne},
    {"POST", "apps/APP/machines/ID/suspend", ChangeOne},
    {"POST", "apps/APP/machines/ID/cordon", ChangeOne},
    {"POST", "apps/APP/machines/ID/uncordon", ChangeOne},
    {"GET", "apps/APP/machines/ID/wait", WaitForOne},
    {"GET", "apps/APP/machines/ID/lease", GetMachineLease},
    {"POST", "apps/APP/machines/ID/lease", TakeMachineLease},
    {"DELETE", "apps/APP/machines/ID/lease", ReleaseMachineLease},
    {"GET", "apps/APP/machines/ID/metadata", GetMetadata},
    {"GET", "apps/APP/machines/ID/metadata/KEY", GetMetadataKey},
    {"POST", "apps/APP/machines/ID/metadata/KEY", SetMetadataKey},
    {"DELETE", "apps/APP/machines/ID/metadata/KEY", DeleteMetadataKey},
    {"GET", "apps/APP/volumes", ListVolumes},
    {"POST", "apps/APP/volumes", CreateOneVolume},
    {"GET", "apps/APP/volumes/ID", GetVolume},
};

bool Matches(const Route& route, const std::vector<std::string>& segments) {
  const std::vector<std::string> wanted = absl::StrSplit(route.path, '/');
  if (segments.size() != wanted.size() + 1) return false;  // after "v1"
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const bool is_any = wanted[i] == "APP" || wanted[i] == "ID" || wanted[i] == "KEY";
    if (!is_any && wanted[i] != segments[i + 1]) return false;
  }
  return true;
}

}  // namespace

HttpResponse MakeJson(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

HttpResponse MakeError(int http_status, absl::string_view text) {
  return MakeRefusalAnswer(MakeRefusal(http_status, text, "unknown"));
}

HttpResponse AnswerApi(World& world, const HttpRequest& request, const Target& target) {
  const std::vector<std::string>& segments = target.segments;
  std::vector<std::string> allowed;
  for (const Route& route : kRoutes) {
    if (!Matches(route, segments)) continue;
    if (segments[1] == "apps" && segments[2] != world.options().app) return MakeError(404, "App not found");
    allowed.emplace_back(route.method);
    if (request.method != route.method) continue;
    ApiCall call{.world = world,
                 .request = request,
                 .target = target,
                 .id = segments.size() > 4 ? segments[4] : "",
                 .key = segments.size() > 6 ? segments[6] : ""};
    return route.answer(call);
  }
  if (allowed.empty()) return MakeError(404, "404 page not found");
  HttpResponse refused = MakeError(405, "method not allowed");
  refused.headers.emplace_back("Allow", absl::StrJoin(allowed, ", "));
  return refused;
}

}  // namespace placer::flysim
