// JsonWriter: JSON text, written front to back. Boost.JSON writes doubles as 1.25E1 and non-finite ones as
// bare words; people read this output, and every parser must accept it. Commas and indentation are the
// writer's business; the caller must pair Begin and End, and name each value of an object with Key.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace placer {

// The shortest text that reads back as `value`: "12.5", "1000000", "1e+300". "null" if it is not finite.
std::string FormatJsonNumber(double value);
// In quotes and on one line: control characters (C0, DEL, C1) and line separators escaped, bytes that are not
// UTF-8 replaced by U+FFFD.
std::string FormatJsonString(absl::string_view text);

class JsonWriter {
 public:
  // `pretty`: indented by two spaces, one member per line; else on one line without spaces.
  explicit JsonWriter(bool pretty) : pretty_(pretty) {}

  void BeginObject() { Begin('{'); }
  void EndObject() { End('}'); }
  void BeginArray() { Begin('['); }
  void EndArray() { End(']'); }
  void Key(absl::string_view name);
  void String(absl::string_view text);
  void Number(double value);
  void Integer(std::int64_t value);
  void Bool(bool value);
  void Null();
  void Time(absl::Time time);        // RFC 3339 in UTC; null if infinite
  void Raw(absl::string_view json);  // a whole value that is JSON already

  // Key, then the value.
  void String(absl::string_view key, absl::string_view text);
  void Number(absl::string_view key, double value);
  void Integer(absl::string_view key, std::int64_t value);
  void Bool(absl::string_view key, bool value);
  void Time(absl::string_view key, absl::Time time);
  void Raw(absl::string_view key, absl::string_view json);

  // The text so far; call it once everything is closed.
  const std::string& text() const { return text_; }

 private:
  void Begin(char bracket);
  void End(char bracket);
  void Separate();
  void BreakLine();

  bool pretty_;
  std::string text_;
  std::vector<bool> has_members_;  // of each open object or array
  bool after_key_ = false;
};

}  // namespace placer
