#include "controller/server/routes.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "controller/server/access.h"
#include "controller/server/answers.h"

namespace placer {
namespace {

constexpr char kPolicies[] = "/apis/autoplacer.dev/v1/placementpolicies";
constexpr char kEvents[] = "/apis/autoplacer.dev/v1/events";
constexpr int kDefaultEvents = 100;
constexpr int kMaxEvents = 1000;

struct Context {
  Controller& controller;
  const Metrics& metrics;
  RoutesOptions options;
};

// A request taken apart: what the routes read.
struct Call {
  std::string name;  // the path's last component where the route has one
  std::vector<std::pair<std::string, std::string>> query;
};

absl::string_view FindParameter(const Call& call, absl::string_view name) {
  for (const auto& [key, value] : call.query) {
    if (key == name) return value;
  }
  return {};
}

using Serve = Task<HttpResponse> (*)(std::shared_ptr<const Context>, Call);

struct Route {
  const char* method;
  const char* path;
  bool takes_name;  // the path is followed by /NAME
  bool mutates;
  bool is_probe;  // also served by --metrics-listen
  Serve serve;
};

Task<HttpResponse> ServeTrigger(std::shared_ptr<const Context> context, Call call) {
  absl::StatusOr<PassReport> report =
      co_await context->controller.Trigger(std::string(FindParameter(call, "policy")));
  if (!report.ok()) co_return MakeErrorAnswer(report.status());
  co_return MakeJsonAnswer(FormatPassReport(*report));
}

Task<HttpResponse> ServeHealth(std::shared_ptr<const Context> context, Call) {
  co_return MakeJsonAnswer(FormatHealth(context->controller.Ready(), context->controller.Rejected(),
                                        context->controller.Snapshot()));
}

Task<HttpResponse> ServeLivez(std::shared_ptr<const Context>, Call) {
  co_return MakeTextAnswer(200, "ok");
}

Task<HttpResponse> ServeReadyz(std::shared_ptr<const Context> context, Call) {
  if (context->controller.Ready()) co_return MakeTextAnswer(200, "ok");
  co_return MakeTextAnswer(503, ExplainNotReady(context->controller.Rejected()));
}

Task<HttpResponse> ServeMetrics(std::shared_ptr<const Context> context, Call) {
  co_return MakeMetricsAnswer(context->metrics.Render());
}

Task<HttpResponse> ServePolicies(std::shared_ptr<const Context> context, Call) {
  std::vector<std::string> objects;
  for (const PolicySnapshot& each : context->controller.Snapshot()) {
    objects.push_back(FormatPolicyObject(each.policy, each.status, false));
  }
  co_return MakeJsonAnswer(FormatPolicyList(objects));
}

Task<HttpResponse> ServePolicy(std::shared_ptr<const Context> context, Call call) {
  const std::optional<PolicySnapshot> found = context->controller.Find(call.name);
  if (found) co_return MakeJsonAnswer(FormatPolicyObject(found->policy, found->status, true));
  co_return MakeErrorAnswer(404,
                            absl::StrCat("no policy named \"", call.name, "\"; ", kPolicies, " lists them"));
}

Task<HttpResponse> ServeEvents(std::shared_ptr<const Context> context, Call call) {
  int limit = kDefaultEvents;
  const absl::string_view text = FindParameter(call, "limit");
  if (!text.empty() && (!absl::SimpleAtoi(text, &limit) || limit < 1 || limit > kMaxEvents)) {
    co_return MakeErrorAnswer(400, absl::StrCat("limit must be a number from 1 to ", kMaxEvents));
  }
  const absl::StatusOr<std::vector<Event>> events =
      context->controller.RecentEvents(std::string(FindParameter(call, "policy")), limit);
  if (!events.ok()) co_return MakeErrorAnswer(events.status());
  std::vector<std::string> items;
  for (const Event& each : *events) items.push_back(FormatEventJson(each));
  co_return MakeJsonAnswer(absl::StrCat("{\"apiVersion\":\"", kApiVersion,
                                        "\",\"kind\":\"EventList\",\"items\":[", absl::StrJoin(items, ","),
                                        "]}"));
}

Task<HttpResponse> ServeIndex(std::shared_ptr<const Context>, Call);

constexpr Route kRoutes[] = {
    {"GET", "/", false, false, false, ServeIndex},
    {"POST", "/trigger", false, true, false, ServeTrigger},
    {"GET", "/health", false, false, false, ServeHealth},
    {"GET", "/livez", false, false, true, ServeLivez},
    {"GET", "/readyz", false, false, true, ServeReadyz},
    {"GET", "/metrics", false, false, true, ServeMetrics},
    {"GET", kPolicies, false, false, false, ServePolicies},
    {"GET", kPolicies, true, false, false, ServePolicy},
    {"GET", kEvents, false, false, false, ServeEvents},
};

Task<HttpResponse> ServeIndex(std::shared_ptr<const Context>, Call) {
  std::vector<std::string> endpoints;
  for (const Route& route : kRoutes) {
    endpoints.push_back(absl::StrCat(route.method, " ", route.path, route.takes_name ? "/{name}" : ""));
  }
  co_return MakeJsonAnswer(FormatIndex(endpoints));
}

bool PathMatches(const Route& route, absl::string_view path, std::string& name) {
  if (!route.takes_name) return path == route.path;
  if (!absl::ConsumePrefix(&path, route.path) || !absl::ConsumePrefix(&path, "/")) return false;
  if (path.empty() || absl::StrContains(path, "/")) return false;
  name = PercentDecode(path);
  return true;
}

std::vector<std::pair<std::string, std::string>> ParseQuery(absl::string_view text) {
  std::vector<std::pair<std::string, std::string>> query;
  for (const absl::string_view part : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    query.emplace_back(PercentDecode(pair.first), PercentDecode(pair.second));
  }
  return query;
}

HttpResponse RefuseMethod(absl::string_view allowed) {
  HttpResponse answer = MakeErrorAnswer(405, absl::StrCat("this endpoint takes ", allowed));
  answer.headers.emplace_back("Allow", std::string(allowed));
  return answer;
}

Task<HttpResponse> Dispatch(std::shared_ptr<const Context> context, HttpRequest request) {
  const std::pair<absl::string_view, absl::string_view> target =
      absl::StrSplit(request.target, absl::MaxSplits('?', 1));
  const absl::string_view method = request.method;
  const char* other_method = nullptr;
  for (const Route& route : kRoutes) {
    if (context->options.metrics_only && !route.is_probe) continue;
    Call call;
    if (!PathMatches(route, target.first, call.name)) continue;
    if (method != route.method) {
      other_method = route.method;
      continue;
    }
    if (route.mutates) {
      const absl::Status access =
          CheckMutatingCall(request, {context->options.loopback, context->options.token});
      if (!access.ok()) co_return MakeErrorAnswer(access);
    }
    call.query = ParseQuery(target.second);
    co_return co_await route.serve(context, std::move(call));
  }
  if (other_method != nullptr)
    co_return RefuseMethod(absl::string_view(other_method) == "GET" ? "GET, HEAD" : "POST");
  co_return MakeErrorAnswer(404, "no such endpoint; GET / names them");
}

}  // namespace

HttpHandler MakeRoutes(Controller& controller, const Metrics& metrics, RoutesOptions options) {
  auto context = std::make_shared<const Context>(Context{controller, metrics, std::move(options)});
  return [context](HttpRequest request) { return Dispatch(context, std::move(request)); };
}

}  // namespace placer
