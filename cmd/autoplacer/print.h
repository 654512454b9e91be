// Print: the two streams of a command.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "api/diagnostic.h"
#include "cmd/autoplacer/options.h"

namespace placer {

void PrintOut(absl::string_view text);
void PrintError(absl::string_view message);                         // "autoplacer: MESSAGE" on stderr
void PrintDiagnostics(const std::vector<Diagnostic>& diagnostics);  // one line each on stderr
// JSON or YAML on stdout.
int PrintAnswer(absl::string_view json, OutputFormat format);
// Prints the message and tells the exit code.
int Fail(const absl::Status& status);

}  // namespace placer
