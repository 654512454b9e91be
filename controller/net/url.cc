#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "controller/net/http_client.h"

namespace placer {
namespace {

// No part of the URL is repeated: it may hold a password.
absl::Status MakeUrlError(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(why, "; want http://HOST[:PORT][/PATH] or https://..."));
}

bool IsHostCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_';
}

absl::Status SplitHostAndPort(absl::string_view authority, Url& url) {
  absl::string_view port;
  bool has_port = false;
  if (absl::StartsWith(authority, "[")) {
    const std::size_t close = authority.find(']');
    if (close == absl::string_view::npos) return MakeUrlError("the URL's [ has no ]");
    url.host = std::string(authority.substr(1, close - 1));
    const absl::string_view rest = authority.substr(close + 1);
    has_port = absl::StartsWith(rest, ":");
    if (!rest.empty() && !has_port) return MakeUrlError("the URL has text after ]");
    if (has_port) port = rest.substr(1);
    for (const char c : url.host) {
      if (!absl::ascii_isxdigit(static_cast<unsigned char>(c)) && c != ':' && c != '.') {
        return MakeUrlError("the URL's [...] is no IPv6 address");
      }
    }
  } else {
    const std::size_t colon = authority.find(':');
    has_port = colon != absl::string_view::npos;
    url.host = absl::AsciiStrToLower(authority.substr(0, colon));
    if (has_port) port = authority.substr(colon + 1);
    for (const char c : url.host) {
      if (!IsHostCharacter(c)) return MakeUrlError("the URL's host has a character that no host name has");
    }
  }
  if (url.host.empty()) return MakeUrlError("the URL has no host");
  if (!has_port) return absl::OkStatus();
  std::uint32_t number = 0;
  if (port.empty() || port.size() > 5 || !absl::ascii_isdigit(static_cast<unsigned char>(port[0])) ||
      !absl::SimpleAtoi(port, &number) || number == 0 || number > 65535) {
    return MakeUrlError("the URL's port is no number from 1 to 65535");
  }
  url.port = absl::StrCat(number);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Url> ParseUrl(const std::string& text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  const std::size_t scheme_end = trimmed.find("://");
  if (scheme_end == absl::string_view::npos) return MakeUrlError("the URL has no scheme");
  Url url;
  url.scheme = absl::AsciiStrToLower(trimmed.substr(0, scheme_end));
  if (url.scheme != "http" && url.scheme != "https")
    return MakeUrlError("the URL's scheme is neither http nor https");
  const absl::string_view rest = trimmed.substr(scheme_end + 3);
  if (rest.find('?') != absl::string_view::npos) return MakeUrlError("the URL has a query");
  if (rest.find('#') != absl::string_view::npos) return MakeUrlError("the URL has a fragment");
  const std::size_t slash = rest.find('/');
  const absl::string_view authority = rest.substr(0, slash);
  if (authority.find('@') != absl::string_view::npos) return MakeUrlError("the URL has user info");
  url.port = url.scheme == "https" ? "443" : "80";
  if (absl::Status status = SplitHostAndPort(authority, url); !status.ok()) return status;
  if (slash != absl::string_view::npos) url.path = std::string(rest.substr(slash));
  for (const char c : url.path) {
    if (c <= 0x20 || c >= 0x7f)
      return MakeUrlError("the URL's path has a character that must be percent-encoded");
  }
  while (absl::EndsWith(url.path, "/")) url.path.pop_back();
  return url;
}

}  // namespace placer
