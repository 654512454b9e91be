// .env files: KEY=value lines, as the proof of concept read them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "api/diagnostic.h"

namespace placer {

struct ParsedDotenv {
  std::map<std::string, std::string> values;
  std::vector<Diagnostic> diagnostics;  // never contain a value: it may be a secret
};

// Accepts comments, blank lines, `export `, and single or double quotes. At most 64 KiB.
ParsedDotenv ParseDotenv(absl::string_view text, const std::string& file);

}  // namespace placer
