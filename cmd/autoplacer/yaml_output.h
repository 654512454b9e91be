// YAML output: a JSON answer as YAML in block style, for `-o yaml`. Keys keep their order; strings that YAML
// could read as something else are quoted.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cmd/autoplacer/options.h"

namespace placer {

// Internal: `json` is not JSON.
absl::StatusOr<std::string> ConvertJsonToYaml(absl::string_view json);
// JSON as asked: as it is, or as YAML. Ends with a newline.
absl::StatusOr<std::string> FormatAnswer(absl::string_view json, OutputFormat format);

}  // namespace placer
