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
    if (std::abs(number) < 1e12) {
      const long long hundredths = std::llround(number * 100);
      if (hundredths < 0) text_ += '-';
      const auto end = std::to_chars(digits, digits + sizeof(digits), std::abs(hundredths) / 100).ptr;
      text_.append(digits, end);
      text_ += '.';
      text_ += static_cast<char>('0' + std::abs(hundredths) / 10 % 10);
      text_ += static_cast<char>('0' + std::abs(hundredths) % 10);
    } else {
      text_.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
    }
    return *this;
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace placer
