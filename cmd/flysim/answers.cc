#include "cmd/flysim/answers.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "cmd/flysim/api_call.h"
#include "cmd/flysim/control.h"
#include "cmd/flysim/query_answers.h"
#include "cmd/flysim/target.h"

namespace placer::flysim {
namespace {

// "Bearer x" or "FlyV1 x" -> "x"; a bare token is itself.
absl::string_view StripScheme(absl::string_view authorization) {
  for (const absl::string_view scheme : {"Bearer ", "FlyV1 "}) {
    if (absl::StartsWithIgnoreCase(authorization, scheme)) {
      return absl::StripAsciiWhitespace(authorization.substr(scheme.size()));
    }
  }
  return absl::StripAsciiWhitespace(authorization);
}

bool IsRangeQuery(const Target& target) {
  return target.segments == std::vector<std::string>{"api", "v1", "query_range"};
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

}  // namespace

std::string FindApp(const HttpRequest& request) {
  const Target target = ParseTarget(request.target);
  const std::vector<std::string>& path = target.segments;
  if (path.size() > 2 && path[0] == "v1" && path[1] == "apps") return path[2];
  return IsRangeQuery(target) ? FindQueriedApp(request) : target.Find("app");
}

std::optional<WaitForState> FindWait(const World& world, const AnswerOptions& options,
                                     const HttpRequest& request) {
  const Target target = ParseTarget(request.target);
  const std::vector<std::string>& path = target.segments;
  const bool is_wait = request.method == "GET" && path.size() == 6 && path[0] == "v1" && path[1] == "apps" &&
                       path[2] == world.options().app && path[3] == "machines" && path[5] == "wait";
  if (!is_wait || !IsAuthorized(options, request)) return std::nullopt;
  return ReadWait(path[4], target);
}

HttpResponse MakeAnswer(World& world, const AnswerOptions& options, const HttpRequest& request) {
  const Target target = ParseTarget(request.target);
  const std::string first = target.segments.empty() ? "" : target.segments.front();
  const bool is_single = target.segments.size() == 1;
  const bool is_control = is_single && first == "_control";
  if ((first == "v1" || is_control) && !IsAuthorized(options, request)) {
    return MakeError(401, "unauthenticated: send a token as Authorization: Bearer or FlyV1");
  }
  if (is_control) return AnswerControl(world, request);
  if (first == "v1") return AnswerApi(world, request, target);
  if (IsRangeQuery(target)) return AnswerRangeQuery(world, request);
  const bool is_known = is_single && (first == "health" || first == "metrics");
  if (!is_known) return MakeError(404, "404 page not found");
  if (request.method != "GET") {
    HttpResponse refused = MakeError(405, "method not allowed");
    refused.headers.emplace_back("Allow", "GET");
    return refused;
  }
  if (first == "health") return MakeJson(200, "{\"status\":\"ok\"}");
  return {.status = 200,
          .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
          .body = world.RenderMetrics()};
}

}  // namespace placer::flysim
