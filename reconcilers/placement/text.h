// Text: appends words and numbers to a sentence. A pass writes two sentences per region, so this avoids the
// general formatter, which would cost more than the decision.
#pragma once

#include <charconv>
#include <cmath>
#include <string>

#include "absl/strings/string_view.h"

namespace placer {

class Text {
 public:
  // `expected`: characters to make room for; one allocation then does.
  explicit Text(std::size_t expected) { text_.reserve(expected); }

  Text& Add(absl::string_view words) {
    text_.append(words.data(), words.size());
    return *this;
  }
  Text& Add(int number) {
    char digits[16];
    text_.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
    return *this;
  }
  // With two decimals.
  Text& Add(double number) {
    char digits[48];
    char* end = digits;
    if (std::abs(number) < 1e12) {
      const auto hundredths = std::llround(std::abs(number) * 100);
      if (number < 0 && hundredths > 0) *end++ = '-';
      end = std::to_chars(end, digits + sizeof(digits), hundredths / 100).ptr;
      *end++ = '.';
      *end++ = static_cast<char>('0' + hundredths / 10 % 10);
      *end++ = static_cast<char>('0' + hundredths % 10);
    } else {
      end = std::to_chars(end, digits + sizeof(digits), number).ptr;
    }
    text_.append(digits, end);
    return *this;
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace placer
