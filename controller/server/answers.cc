#include "controller/server/answers.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/policy.h"

namespace placer {
namespace {

namespace json = boost::json;

HttpResponse MakeAnswer(int status, const char* content_type, std::string body) {
  HttpResponse answer;
  answer.status = status;
  answer.headers = {
      {"Content-Type", content_type}, {"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  answer.body = std::move(body);
  return answer;
}

int HttpStatusOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

bool Acts(const PolicySnapshot& each) {
  if (each.policy.mode != Mode::kActive) return false;
  const Condition* acting = FindCondition(each.status.conditions, "Acting");
  return acting == nullptr || acting->status;
}

// A pass that cannot be stored decides well, and forgets its cooldowns at a restart.
bool IsUnwell(const PolicySnapshot& each) {
  const Condition* stored = FindCondition(each.status.conditions, "StateStored");
  return each.status.phase == "Degraded" || (stored != nullptr && !stored->status);
}

}  // namespace

HttpResponse MakeJsonAnswer(std::string body) {
  if (body.empty() || body.back() != '\n') body += '\n';
  return MakeAnswer(200, "application/json", std::move(body));
}

HttpResponse MakeTextAnswer(int status, std::string body) {
  return MakeAnswer(status, "text/plain; charset=utf-8", std::move(body));
}

HttpResponse MakeMetricsAnswer(std::string page) {
  return MakeAnswer(200, "text/plain; version=0.0.4", std::move(page));
}

HttpResponse MakeErrorAnswer(int status, absl::string_view message) {
  const json::value body = {{"error", json::string_view(message.data(), message.size())}};
  return MakeAnswer(status, "application/json", json::serialize(body) + "\n");
}

HttpResponse MakeErrorAnswer(const absl::Status& status) {
  HttpResponse answer = MakeErrorAnswer(HttpStatusOf(status), status.message());
  if (answer.status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"autoplacer\"");
  return answer;
}

std::string FormatHealth(bool ready, const std::vector<Diagnostic>& rejected,
                         const std::vector<PolicySnapshot>& policies) {
  const bool degraded = HasErrors(rejected) || std::any_of(policies.begin(), policies.end(), IsUnwell);
  const bool acts = std::any_of(policies.begin(), policies.end(), Acts);
  const char* status = degraded ? "degraded" : ready ? "healthy" : "starting";
  return json::serialize(json::value{{"status", status}, {"config_loaded", ready}, {"dry_run", !acts}});
}

std::string ExplainNotReady(const std::vector<Diagnostic>& rejected) {
  for (const Diagnostic& each : rejected) {
    if (each.severity == Diagnostic::Severity::kError) {
      return absl::StrCat("no policy is in force: ", FormatDiagnostic(each));
    }
  }
  return "policies are not loaded yet";
}

std::string FormatIndex(const std::vector<std::string>& endpoints) {
  json::array list;
  for (const std::string& each : endpoints) list.emplace_back(each);
  return json::serialize(
      json::value{{"name", "fly-autoplacer"}, {"apiVersion", kApiVersion}, {"endpoints", std::move(list)}});
}

}  // namespace placer
