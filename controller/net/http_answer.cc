// Answers of the HTTP server as text.
#include <boost/beast/http/status.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "controller/net/http_session.h"

namespace placer {
namespace {

bool IsFraming(absl::string_view name) {
  return absl::EqualsIgnoreCase(name, "Content-Length") ||
         absl::EqualsIgnoreCase(name, "Transfer-Encoding") || absl::EqualsIgnoreCase(name, "Connection");
}

bool HasControl(absl::string_view text) {
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) return true;
  }
  return false;
}

}  // namespace

HttpResponse MakeErrorAnswer(int status, const char* text) {
  return HttpResponse{.status = status,
                      .headers = {{"Content-Type", "application/json"}},
                      .body = absl::StrCat("{\"error\":\"", text, "\"}\n")};
}

std::string FormatAnswerHead(const HttpResponse& response, bool keep_alive) {
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  std::string head =
      absl::StrCat("HTTP/1.1 ", response.status, " ", std::string(reason.data(), reason.size()), "\r\n");
  for (const auto& [name, value] : response.headers) {
    if (name.empty() || IsFraming(name) || HasControl(name) || HasControl(value)) continue;
    absl::StrAppend(&head, name, ": ", value, "\r\n");
  }
  if (response.status != 204 && response.status != 304) {
    absl::StrAppend(&head, "Content-Length: ", response.body.size(), "\r\n");
  }
  absl::StrAppend(&head, "Connection: ", keep_alive ? "keep-alive" : "close", "\r\n\r\n");
  return head;
}

}  // namespace placer
