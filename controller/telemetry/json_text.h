// Text that is safe to put into a line of JSON, a log line or a label, whatever bytes it came with. Shared by
// the log, the metrics and the store's mirror files.
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace placer {

// Every byte that is not part of well-formed UTF-8 becomes U+FFFD.
std::string ReplaceInvalidUtf8(absl::string_view text);

// A JSON string with its quotes: control characters (C0, DEL, C1) and line separators escaped, invalid UTF-8
// replaced. The result is one line.
std::string QuoteJson(absl::string_view text);

// The shortest decimal form, always with a point or an exponent ("12.0"); "null" where it is not finite.
std::string FormatJsonFloat(double value);

}  // namespace placer
