#include "cmd/flysim/answers.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace placer::flysim {
namespace {

HttpResponse MakeJson(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

// `text` is one of this file's own and needs no escaping. The status is what Fly says of errors without a
// class.
HttpResponse MakeError(int http_status, absl::string_view text) {
  return MakeJson(http_status, absl::StrCat("{\"error\":\"", text, "\",\"status\":\"unknown\"}"));
}

struct Target {
  std::vector<std::string> segments;         // of the path, decoded
  std::map<std::string, std::string> query;  // decoded; the last one of a name counts
};

Target ParseTarget(const std::string& text) {
  Target target;
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('?', 1));
  for (const absl::string_view segment : absl::StrSplit(parts.first, '/', absl::SkipEmpty())) {
    target.segments.push_back(PercentDecode(segment));
  }
  for (const absl::string_view item : absl::StrSplit(parts.second, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(item, absl::MaxSplits('=', 1));
    target.query[PercentDecode(pair.first)] = PercentDecode(pair.second);
  }
  return target;
}

// "Bearer x" or "FlyV1 x" -> "x"; a bare token is itself.
absl::string_view StripScheme(absl::string_view authorization) {
  for (const absl::string_view scheme : {"Bearer ", "FlyV1 "}) {
    if (absl::StartsWithIgnoreCase(authorization, scheme)) {
      return absl::StripAsciiWhitespace(authorization.substr(scheme.size()));
    }
  }
  return absl::StripAsciiWhitespace(authorization);
}

bool HasScheme(absl::string_view authorization) {
  return absl::StartsWithIgnoreCase(authorization, "Bearer ") ||
         absl::StartsWithIgnoreCase(authorization, "FlyV1 ");
}

bool IsAuthorized(const AnswerOptions& options, const HttpRequest& request) {
  if (!options.needs_token) return true;
  const absl::string_view authorization = FindHeader(request.headers, "Authorization");
  if (!HasScheme(authorization) || StripScheme(authorization).empty()) return false;
  return options.token.empty() || StripScheme(authorization) == StripScheme(options.token);
}

bool IsTrue(const Target& target, const std::string& name) {
  const auto found = target.query.find(name);
  return found != target.query.end() && (found->second == "true" || found->second == "1");
}

HttpResponse ListMachines(const World& world, const Target& target) {
  MachineFilter filter{.include_deleted = IsTrue(target, "include_deleted"),
                       .summary = IsTrue(target, "summary")};
  if (const auto found = target.query.find("region"); found != target.query.end())
    filter.region = found->second;
  if (const auto found = target.query.find("state"); found != target.query.end()) {
    filter.states = std::vector<std::string>(absl::StrSplit(found->second, ',', absl::SkipEmpty()));
  }
  return MakeJson(200, world.RenderMachineList(filter));
}

// `path` is what follows /v1.
HttpResponse AnswerApi(const World& world, const Target& target) {
  const std::vector<std::string>& path = target.segments;
  if (path.size() == 3 && path[1] == "platform" && path[2] == "regions")
    return MakeJson(200, world.RenderRegions());
  if (path.size() < 4 || path.size() > 5 || path[1] != "apps" || path[3] != "machines") {
    return MakeError(404, "404 page not found");
  }
  if (path[2] != world.options().app) return MakeError(404, "App not found");
  if (path.size() == 4) return ListMachines(world, target);
  absl::StatusOr<std::string> machine = world.RenderMachine(path[4]);
  return machine.ok() ? MakeJson(200, *std::move(machine)) : MakeError(404, "machine not found");
}

}  // namespace

HttpResponse MakeAnswer(const World& world, const AnswerOptions& options, const HttpRequest& request) {
  const Target target = ParseTarget(request.target);
  const std::string first = target.segments.empty() ? "" : target.segments.front();
  const bool is_single = target.segments.size() == 1;
  if (first == "v1" && !IsAuthorized(options, request)) {
    return MakeError(401, "unauthenticated: send a token as Authorization: Bearer or FlyV1");
  }
  if (request.method != "GET") {
    HttpResponse refused = MakeError(405, "method not allowed: this platform can only be read");
    refused.headers.emplace_back("Allow", "GET");
    return refused;
  }
  if (first == "v1") return AnswerApi(world, target);
  if (is_single && first == "health") return MakeJson(200, "{\"status\":\"ok\"}");
  if (is_single && first == "metrics") {
    return {.status = 200,
            .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
            .body = world.RenderMetrics()};
  }
  return MakeError(404, "404 page not found");
}

}  // namespace placer::flysim
