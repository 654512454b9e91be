// Answers: the bodies and status codes of our HTTP API that are not API objects, as pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "api/diagnostic.h"
#include "api/http_message.h"
#include "controller/telemetry/metrics.h"

namespace placer {

HttpResponse MakeJsonAnswer(std::string body);
HttpResponse MakeTextAnswer(int status, std::string body);
HttpResponse MakeMetricsAnswer(std::string page);  // Prometheus' text format
// {"error": message}
HttpResponse MakeErrorAnswer(int status, absl::string_view message);
// InvalidArgument 400, Unauthenticated 401 (with WWW-Authenticate), PermissionDenied 403, NotFound 404,
// Cancelled and Unavailable 503, else 500.
HttpResponse MakeErrorAnswer(const absl::Status& status);

// {"status","config_loaded","dry_run"}. status: starting | healthy | degraded (the policy file is broken, or
// a policy is in that phase). dry_run: nothing is done on the platform.
std::string FormatHealth(bool ready, const std::vector<Diagnostic>& rejected,
                         const std::vector<PolicySnapshot>& policies);
std::string ExplainNotReady(const std::vector<Diagnostic>& rejected);
// {"name","apiVersion","endpoints"} on one line.
std::string FormatIndex(const std::vector<std::string>& endpoints);

}  // namespace placer
