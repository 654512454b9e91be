#include "api/diagnostic.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace placer {

std::string FormatDiagnostic(const Diagnostic& diagnostic) {
  std::string text = diagnostic.file;
  if (diagnostic.line > 0) {
    absl::StrAppend(&text, ":", diagnostic.line);
    if (diagnostic.column > 0) absl::StrAppend(&text, ":", diagnostic.column);
  }
  if (!text.empty()) text += ": ";
  text += diagnostic.severity == Diagnostic::Severity::kError ? "error: " : "warning: ";
  if (!diagnostic.field.empty()) absl::StrAppend(&text, diagnostic.field, ": ");
  return text + diagnostic.message;
}

bool HasErrors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Diagnostic::Severity::kError; });
}

}  // namespace placer
