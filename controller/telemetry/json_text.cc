#include "controller/telemetry/json_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "absl/strings/str_format.h"

namespace placer {
namespace {

constexpr char kReplacement[] = "\xEF\xBF\xBD";

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;  // bytes; 0: not well-formed here
};

// The well-formed sequence at the start of `text`, by table 3-7 of the Unicode standard.
CodePoint ReadCodePoint(absl::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (byte(1) < low || byte(1) > high) return {};
  std::uint32_t value = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return {};
    value = value << 6 | (byte(i) & 0x3Fu);
  }
  return {value, length};
}

void AppendEscaped(std::string& out, CodePoint point, absl::string_view bytes) {
  switch (point.value) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const bool control = point.value < 0x20 || (point.value >= 0x7F && point.value < 0xA0);
  const bool separator = point.value == 0x2028 || point.value == 0x2029;
  if (control || separator) {
    absl::StrAppendFormat(&out, "\\u%04x", point.value);
  } else {
    out.append(bytes.data(), bytes.size());
  }
}

template <typename Append>
void ForEachCodePoint(absl::string_view text, std::string& out, Append append) {
  while (!text.empty()) {
    const CodePoint point = ReadCodePoint(text);
    if (point.length == 0) {
      out += kReplacement;
      text.remove_prefix(1);
      continue;
    }
    append(point, text.substr(0, point.length));
    text.remove_prefix(point.length);
  }
}

}  // namespace

std::string ReplaceInvalidUtf8(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  ForEachCodePoint(text, out,
                   [&](CodePoint, absl::string_view bytes) { out.append(bytes.data(), bytes.size()); });
  return out;
}

std::string QuoteJson(absl::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  ForEachCodePoint(text, out,
                   [&](CodePoint point, absl::string_view bytes) { AppendEscaped(out, point, bytes); });
  out += '"';
  return out;
}

std::string FormatJsonFloat(double value) {
  if (!std::isfinite(value)) return "null";
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, value);
  std::string text(digits, end.ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace placer
