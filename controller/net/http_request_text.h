// Requests of the HTTP client as text. Pure: tested without a socket.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "api/http_message.h"
#include "controller/net/http_client.h"

namespace placer {

// InvalidArgument where the request cannot be written as HTTP/1.1: a control character in the target or in a
// header would let its author write headers of their own. The message names the part, never its value.
absl::Status CheckRequest(const HttpRequest& request);
// Head and body, with Host, User-Agent and Content-Length.
std::string FormatRequest(const HttpRequest& request, const Url& url);
// "GET https://host:443/path" for messages: without the query, which may be long.
std::string DescribeRequest(const HttpRequest& request, const Url& url);

}  // namespace placer
