#include "controller/net/http_request_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace placer {
namespace {

bool IsToken(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c)) || absl::StrContains("\"(),/:;<=>?@[\\]{}", c))
      return false;
  }
  return !text.empty();
}

bool IsVisible(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

bool HasControl(absl::string_view text) {
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\t') return true;
  }
  return false;
}

std::string FormatHost(const Url& url) {
  std::string host = absl::StrContains(url.host, ':') ? absl::StrCat("[", url.host, "]") : url.host;
  const bool is_default = url.port == (url.scheme == "https" ? "443" : "80");
  return is_default ? host : absl::StrCat(host, ":", url.port);
}

}  // namespace

absl::Status CheckRequest(const HttpRequest& request) {
  if (!IsToken(request.method)) return absl::InvalidArgumentError("the request's method is no HTTP method");
  if (!absl::StartsWith(request.target, "/") || !IsVisible(request.target)) {
    return absl::InvalidArgumentError("the request's target is no percent-encoded path that begins with /");
  }
  for (const auto& [name, value] : request.headers) {
    if (!IsToken(name))
      return absl::InvalidArgumentError("a request header's name has a character that none may have");
    if (HasControl(value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the request header ", name, " has a control character"));
    }
  }
  return absl::OkStatus();
}

std::string FormatRequest(const HttpRequest& request, const Url& url) {
  std::string text = absl::StrCat(request.method, " ", request.target, " HTTP/1.1\r\nHost: ", FormatHost(url),
                                  "\r\nUser-Agent: fly-autoplacer\r\n");
  for (const auto& [name, value] : request.headers) absl::StrAppend(&text, name, ": ", value, "\r\n");
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    absl::StrAppend(&text, "Content-Length: ", request.body.size(), "\r\n");
  }
  absl::StrAppend(&text, "\r\n", request.body);
  return text;
}

std::string DescribeRequest(const HttpRequest& request, const Url& url) {
  const std::string host = absl::StrContains(url.host, ':') ? absl::StrCat("[", url.host, "]") : url.host;
  return absl::StrCat(request.method, " ", url.scheme, "://", host, ":", url.port,
                      request.target.substr(0, request.target.find('?')));
}

}  // namespace placer
