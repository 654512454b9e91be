#include "api/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "api/utf8.h"

namespace placer {
namespace {

// Within these magnitudes a plain decimal is short enough to read.
constexpr double kSmallestPlain = 1e-6;
constexpr double kLargestPlain = 1e15;

void AppendEscaped(std::string& out, char c) {
  switch (c) {
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
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
    absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  } else {
    out += c;
  }
}

// Control characters beyond ASCII, and line separators: harmless in JSON, but not on a terminal or in a log
// line.
bool AppendEscapedWide(std::string& out, absl::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() == 2 && byte(0) == 0xC2 && byte(1) < 0xA0) {
    absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(byte(1)));
    return true;
  }
  if (bytes == "\xE2\x80\xA8" || bytes == "\xE2\x80\xA9") {
    absl::StrAppendFormat(&out, "\\u%04x", 0x2000u | (byte(2) & 0x3Fu));
    return true;
  }
  return false;
}

}  // namespace

std::string FormatJsonNumber(double value) {
  if (!std::isfinite(value)) return "null";
  if (value == 0) return "0";  // also -0
  const double magnitude = std::fabs(value);
  const bool plain = magnitude >= kSmallestPlain && magnitude < kLargestPlain;
  std::array<char, 64> buffer;
  const auto end =
      plain ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed)
            : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), end.ptr);
}

std::string FormatJsonString(absl::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = Utf8SequenceLength(text);
    if (length == 0) {
      out += kReplacementCharacter;
    } else if (length == 1) {
      AppendEscaped(out, text.front());
    } else if (!AppendEscapedWide(out, text.substr(0, length))) {
      out.append(text.data(), length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + '"';
}

void JsonWriter::BreakLine() {
  if (!pretty_) return;
  text_ += '\n';
  text_.append(2 * has_members_.size(), ' ');
}

void JsonWriter::Separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (has_members_.empty()) return;
  if (has_members_.back()) text_ += ',';
  has_members_.back() = true;
  BreakLine();
}

void JsonWriter::String(absl::string_view key, absl::string_view text) {
  Key(key);
  String(text);
}
void JsonWriter::Number(absl::string_view key, double value) {
  Key(key);
  Number(value);
}
void JsonWriter::Integer(absl::string_view key, std::int64_t value) {
  Key(key);
  Integer(value);
}
void JsonWriter::Bool(absl::string_view key, bool value) {
  Key(key);
  Bool(value);
}
void JsonWriter::Time(absl::string_view key, absl::Time time) {
  Key(key);
  Time(time);
}
void JsonWriter::Raw(absl::string_view key, absl::string_view json) {
  Key(key);
  Raw(json);
}

void JsonWriter::Begin(char bracket) {
  Separate();
  text_ += bracket;
  has_members_.push_back(false);
}

void JsonWriter::End(char bracket) {
  const bool had_members = has_members_.back();
  has_members_.pop_back();
  if (had_members) BreakLine();
  text_ += bracket;
}

void JsonWriter::Key(absl::string_view name) {
  Separate();
  text_ += FormatJsonString(name);
  text_ += pretty_ ? ": " : ":";
  after_key_ = true;
}

void JsonWriter::Raw(absl::string_view json) {
  Separate();
  text_.append(json.data(), json.size());
}

void JsonWriter::String(absl::string_view text) {
  Raw(FormatJsonString(text));
}
void JsonWriter::Number(double value) {
  Raw(FormatJsonNumber(value));
}
void JsonWriter::Integer(std::int64_t value) {
  Raw(absl::StrCat(value));
}
void JsonWriter::Bool(bool value) {
  Raw(value ? "true" : "false");
}
void JsonWriter::Null() {
  Raw("null");
}

void JsonWriter::Time(absl::Time time) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) {
    Null();
  } else {
    String(absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone()));
  }
}

}  // namespace placer
