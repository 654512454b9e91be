// Print: the two streams of a command.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "api/diagnostic.h"
#include "cmd/autoplacer/options.h"

namespace placer {

// Whether all of it could be written: a full disk must not leave half a file and an exit code of 0.
[[nodiscard]] bool PrintOut(absl::string_view text);
void PrintError(absl::string_view message);                         // "autoplacer: MESSAGE" on stderr
void PrintDiagnostics(const std::vector<Diagnostic>& diagnostics);  // one line each on stderr
// An answer on stdout, as it is, or from JSON as JSON or YAML. kExitNegative where it cannot be written.
int PrintAnswer(absl::string_view text);
int PrintAnswer(absl::string_view json, OutputFormat format);
// Prints the message and tells the exit code.
int Fail(const absl::Status& status);

}  // namespace placer
