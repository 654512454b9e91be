#include "controller/server/access.h"

#include <openssl/crypto.h>

#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace placer {
namespace {

bool IsDecimal(absl::string_view text, std::size_t max_digits, int max_value) {
  if (text.empty() || text.size() > max_digits) return false;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  int value = 0;
  return absl::SimpleAtoi(text, &value) && value <= max_value;
}

bool IsLoopbackIpv4(absl::string_view host) {
  const std::vector<absl::string_view> octets = absl::StrSplit(host, '.');
  if (octets.size() != 4 || octets[0] != "127") return false;
  for (const absl::string_view octet : octets) {
    if (!IsDecimal(octet, 3, 255)) return false;
  }
  return true;
}

std::vector<absl::string_view> FindAll(const HttpRequest& request, absl::string_view name) {
  std::vector<absl::string_view> values;
  for (const auto& [key, value] : request.headers) {
    if (absl::EqualsIgnoreCase(key, name)) values.push_back(value);
  }
  return values;
}

// Some value of a header that came more than once may have been meant for someone else: every one must pass.
absl::Status CheckBrowserHeaders(const HttpRequest& request) {
  const std::vector<absl::string_view> hosts = FindAll(request, "Host");
  if (hosts.size() != 1 || !IsLoopbackHost(hosts[0])) {
    return absl::PermissionDeniedError(
        "this server listens on loopback only and takes mutating calls addressed to localhost, 127.0.0.0/8 "
        "or [::1]; "
        "the Host header names something else");
  }
  for (const absl::string_view origin : FindAll(request, "Origin")) {
    if (!IsLoopbackOrigin(origin)) {
      return absl::PermissionDeniedError("mutating calls from web pages of another origin are refused");
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool IsLoopbackHost(absl::string_view host) {
  absl::string_view name = host;
  absl::string_view port;
  bool has_port = false;
  if (absl::StartsWith(host, "[")) {
    const std::size_t close = host.find(']');
    if (close == absl::string_view::npos) return false;
    name = host.substr(0, close + 1);
    port = host.substr(close + 1);
    has_port = !port.empty();
    if (has_port && !absl::ConsumePrefix(&port, ":")) return false;
  } else if (const std::size_t colon = host.find(':'); colon != absl::string_view::npos) {
    name = host.substr(0, colon);
    port = host.substr(colon + 1);
    has_port = true;
  }
  if (has_port && !IsDecimal(port, 5, 65535)) return false;
  return absl::EqualsIgnoreCase(name, "localhost") || name == "[::1]" || IsLoopbackIpv4(name);
}

bool IsLoopbackOrigin(absl::string_view origin) {
  if (!absl::ConsumePrefix(&origin, "http://") && !absl::ConsumePrefix(&origin, "https://")) return false;
  return IsLoopbackHost(origin);
}

bool TokensEqual(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

absl::Status CheckMutatingCall(const HttpRequest& request, const AccessRules& rules) {
  const std::vector<absl::string_view> authorizations = FindAll(request, "Authorization");
  if (!rules.token.empty() && !authorizations.empty()) {
    absl::string_view value = authorizations[0];
    const bool bearer = authorizations.size() == 1 && absl::StartsWithIgnoreCase(value, "Bearer ");
    if (bearer) value.remove_prefix(7);
    if (bearer && TokensEqual(absl::StripAsciiWhitespace(value), rules.token)) return absl::OkStatus();
    return absl::UnauthenticatedError("the bearer token is not the one in AUTOPLACER_TOKEN");
  }
  if (rules.loopback) return CheckBrowserHeaders(request);
  if (rules.token.empty()) {
    return absl::PermissionDeniedError(
        "mutating calls are off: start the controller with AUTOPLACER_TOKEN set, or bind it to loopback");
  }
  return absl::UnauthenticatedError(
      "a bearer token is needed: Authorization: Bearer <the value of AUTOPLACER_TOKEN>");
}

}  // namespace placer
