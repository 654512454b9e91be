#include "cmd/autoplacer/print.h"

#include <cstdio>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cmd/autoplacer/controller_client.h"
#include "cmd/autoplacer/yaml_output.h"

namespace placer {

bool PrintOut(absl::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return std::fflush(stdout) == 0 && written;
}

void PrintError(absl::string_view message) {
  const std::string line = absl::StrCat("autoplacer: ", message, "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void PrintDiagnostics(const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& each : diagnostics) {
    const std::string line = FormatDiagnostic(each) + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
  }
}

int PrintAnswer(absl::string_view text) {
  if (PrintOut(text)) return kExitOk;
  PrintError("cannot write the answer");
  return kExitNegative;
}

int PrintAnswer(absl::string_view json, OutputFormat format) {
  const absl::StatusOr<std::string> text = FormatAnswer(json, format);
  if (!text.ok()) return Fail(text.status());
  return PrintAnswer(*text);
}

int Fail(const absl::Status& status) {
  PrintError(status.message());
  return ExitCodeOf(status);
}

}  // namespace placer
