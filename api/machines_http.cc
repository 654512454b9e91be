#include "api/machines_http.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "api/json_reading.h"
#include "api/machines_api.h"

namespace placer {

HttpRequest BuildMachinesCall(absl::string_view method, absl::string_view token, std::string target,
                              std::string body) {
  HttpRequest request;
  request.method = std::string(method);
  request.target = std::move(target);
  request.headers = {{"Accept", "application/json"}};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  if (std::string authorization = MakeAuthorization(token); !authorization.empty()) {
    request.headers.emplace_back("Authorization", std::move(authorization));
  }
  request.body = std::move(body);
  return request;
}

std::string MakeAppTarget(absl::string_view path_prefix, absl::string_view app, absl::string_view rest) {
  return absl::StrCat(path_prefix, "/v1/apps/", PercentEncode(app), "/", rest);
}

absl::StatusOr<boost::json::value> ReadMachinesBody(const HttpResponse& response,
                                                    boost::json::storage_ptr memory) {
  if (response.status / 100 != 2) return MakeMachinesApiError(response);
  absl::StatusOr<boost::json::value> body = ParseJsonBody(response.body, std::move(memory));
  if (!body.ok()) {
    return absl::InternalError(absl::StrCat("the Machines API's answer: ", body.status().message()));
  }
  return body;
}

}  // namespace placer
