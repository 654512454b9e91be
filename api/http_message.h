// Requests and answers as plain values, so that clients and routes are built and tested without a socket.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace placer {

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";  // origin form: path and query, percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // It only reads, though its method does not say so: the server may see it twice.
  bool repeatable = false;
  absl::Duration timeout = absl::ZeroDuration();  // for the whole call; zero: what the client has for all
};
// The server may see it twice without harm: a GET or HEAD, or one marked so.
bool IsRepeatable(const HttpRequest& request);

struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// Value of the first header of this name, compared without case; "" if there is none.
absl::string_view FindHeader(const std::vector<std::pair<std::string, std::string>>& headers,
                             absl::string_view name);
// For one query or form component: everything but unreserved characters as %XX.
std::string PercentEncode(absl::string_view text);
// "+" becomes a space; a bad escape is kept as it stands.
std::string PercentDecode(absl::string_view text);
// `Authorization` for a token: its scheme stripped; FlyV1 for a macaroon (a comma-separated part starts with
// fm1r_ or fm2_), else Bearer. Empty for an empty token.
std::string MakeAuthorization(absl::string_view token);

}  // namespace placer
