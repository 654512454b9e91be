// UTF-8 as the outside world sends it: whole, cut off, or not UTF-8 at all. Used before anything else looks
// at a file, and by the JSON writer, whose output must be valid whatever it is given. Overlong forms,
// surrogates and code points beyond U+10FFFF count as invalid.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace placer {

// Bytes of the well-formed sequence at the start of `text`; 0 if there is none (or `text` is empty).
std::size_t Utf8SequenceLength(absl::string_view text);

// Offset of the first byte that is not part of a well-formed sequence; npos if there is none.
std::size_t FindInvalidUtf8(absl::string_view text);

inline constexpr char kReplacementCharacter[] = "\xEF\xBF\xBD";

// Every byte that is not part of a well-formed sequence becomes U+FFFD.
std::string ReplaceInvalidUtf8(absl::string_view text);

}  // namespace placer
