// What all requests and answers of the Machines API have in common. Included by .cc files of api/ only.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "api/http_message.h"

namespace placer {

// `token` may be empty. A body is JSON.
HttpRequest BuildMachinesCall(absl::string_view method, absl::string_view token, std::string target,
                              std::string body = "");
// "<prefix>/v1/apps/<app>/<rest>": `rest` is percent-encoded by the caller.
std::string MakeAppTarget(absl::string_view path_prefix, absl::string_view app, absl::string_view rest);

// The JSON body of a 2xx answer, or the status that the answer means (MakeMachinesApiError).
// `memory` as for ParseJsonBody.
absl::StatusOr<boost::json::value> ReadMachinesBody(const HttpResponse& response,
                                                    boost::json::storage_ptr memory = {});

}  // namespace placer
