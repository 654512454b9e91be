#include "api/http_message.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace placer {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsUnreserved(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' || c == '~';
}

// The token after its scheme, if it begins with one: people paste what `fly tokens create` prints.
absl::string_view StripScheme(absl::string_view token) {
  token = absl::StripAsciiWhitespace(token);
  for (const char* scheme : {"FlyV1", "Bearer"}) {
    const absl::string_view name = scheme;
    if (token.size() > name.size() && absl::StartsWithIgnoreCase(token, name) &&
        absl::ascii_isspace(static_cast<unsigned char>(token[name.size()]))) {
      return absl::StripAsciiWhitespace(token.substr(name.size()));
    }
  }
  return token;
}

}  // namespace

bool IsRepeatable(const HttpRequest& request) {
  return request.repeatable || request.method == "GET" || request.method == "HEAD";
}

absl::string_view FindHeader(const std::vector<std::pair<std::string, std::string>>& headers,
                             absl::string_view name) {
  for (const auto& [key, value] : headers) {
    if (absl::EqualsIgnoreCase(key, name)) return value;
  }
  return "";
}

std::string PercentEncode(absl::string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHexDigits[byte >> 4];
    encoded += kHexDigits[byte & 15];
  }
  return encoded;
}

std::string PercentDecode(absl::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded += ' ';
      continue;
    }
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
      if (high >= 0 && low >= 0) {
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    decoded += text[i];
  }
  return decoded;
}

std::string MakeAuthorization(absl::string_view token) {
  const absl::string_view bare = StripScheme(token);
  if (bare.empty()) return "";
  for (absl::string_view part : absl::StrSplit(bare, ',')) {
    part = absl::StripAsciiWhitespace(part);
    if (absl::StartsWith(part, "fm1r_") || absl::StartsWith(part, "fm2_"))
      return absl::StrCat("FlyV1 ", bare);
  }
  return absl::StrCat("Bearer ", bare);
}

}  // namespace placer
