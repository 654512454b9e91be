// Redactor: finds secrets in text that came from anywhere, however they were written there: plain,
// percent-encoded (also in part, and + for a space), or escaped as JSON does. Matching is by character, not
// by a list of spellings, so that a mixture is found too.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace placer {

class Redactor {
 public:
  // Secrets of fewer than 4 characters are ignored: they would redact ordinary words. A secret of several
  // tokens
  // ("FlyV1 fm2_a,fm2_b") also stands for each of its long parts.
  explicit Redactor(const std::vector<std::string>& secrets);

  // `text` with each secret replaced by "[redacted]".
  std::string Redact(absl::string_view text) const;

 private:
  std::vector<std::string> secrets_;  // longest first
};

}  // namespace placer
