// What all requests and answers of the Machines API have in common. Included by .cc files of api/ only.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "api/http_message.h"
#include "api/json_reading.h"

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

// Sorts by `key` and refuses a key that comes twice, of what `what` names.
template <typename T>
absl::Status SortAndCheckUnique(std::vector<T>& items, std::string T::* key, const char* what) {
  const auto less = [key](const T& a, const T& b) { return a.*key < b.*key; };
  std::sort(items.begin(), items.end(), less);
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (items[i].*key == items[i - 1].*key) {
      return absl::InternalError(absl::StrCat("the Machines API's answer: the ", what, " ",
                                              MakeExcerpt(items[i].*key, 60), " comes twice"));
    }
  }
  return absl::OkStatus();
}

}  // namespace placer
