#include "controller/telemetry/redactor.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"

namespace placer {
namespace {

constexpr char kReplacement[] = "[redacted]";
constexpr std::size_t kMinSecretLength = 4;
constexpr std::size_t kMinPartLength = 16;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The number that `digits` hexadecimal digits at `at` spell; -1 where they do not.
int ReadHex(absl::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return -1;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const int digit = HexDigit(text[at + i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

bool IsShortEscape(char letter, char meaning) {
  switch (letter) {
    case 'n':
      return meaning == '\n';
    case 'r':
      return meaning == '\r';
    case 't':
      return meaning == '\t';
    default:
      return (letter == '"' || letter == '\\' || letter == '/') && letter == meaning;
  }
}

// Adds every position that follows `wanted`, in any spelling, at `at`.
void AddEnds(absl::string_view text, std::size_t at, char wanted, std::vector<std::size_t>& ends) {
  if (at >= text.size()) return;
  const int code = static_cast<unsigned char>(wanted);
  if (text[at] == wanted || (wanted == ' ' && text[at] == '+')) ends.push_back(at + 1);
  if (text[at] == '%' && ReadHex(text, at + 1, 2) == code) ends.push_back(at + 3);
  if (text[at] != '\\' || at + 1 >= text.size()) return;
  if (IsShortEscape(text[at + 1], wanted)) ends.push_back(at + 2);
  if (text[at + 1] == 'u' && code < 0x80 && ReadHex(text, at + 2, 4) == code) ends.push_back(at + 6);
}

// Most positions of a text fail here, before anything is allocated.
bool MayBegin(char found, char wanted) {
  return found == wanted || found == '%' || found == '\\' || (found == '+' && wanted == ' ');
}

// Where the longest spelling of `secret` that begins at `begin` ends. All spellings are followed side by
// side, as in an automaton: trying one after the other would take exponential time on hostile text.
std::optional<std::size_t> MatchAt(absl::string_view text, std::size_t begin, absl::string_view secret) {
  if (!MayBegin(text[begin], secret[0])) return std::nullopt;
  std::vector<std::size_t> positions = {begin};
  std::vector<std::size_t> next;
  for (const char wanted : secret) {
    next.clear();
    for (const std::size_t at : positions) AddEnds(text, at, wanted, next);
    if (next.empty()) return std::nullopt;
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    positions.swap(next);
  }
  return positions.back();
}

void AddParts(const std::string& secret, std::vector<std::string>& into) {
  for (const absl::string_view part : absl::StrSplit(secret, absl::ByAnyChar(", "))) {
    if (part.size() >= kMinPartLength) into.emplace_back(part);
  }
}

}  // namespace

Redactor::Redactor(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.size() < kMinSecretLength) continue;
    secrets_.push_back(secret);
    AddParts(secret, secrets_);
  }
  std::sort(secrets_.begin(), secrets_.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  secrets_.erase(std::unique(secrets_.begin(), secrets_.end()), secrets_.end());
}

std::string Redactor::Redact(absl::string_view text) const {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    for (const std::string& secret : secrets_) end = std::max(end, MatchAt(text, at, secret).value_or(at));
    if (end == at) {
      out += text[at++];
    } else {
      out += kReplacement;
      at = end;
    }
  }
  return out;
}

}  // namespace placer
