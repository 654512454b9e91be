// Diagnostics of files that people write: where, what, and what would be right. All are collected, none is
// thrown.
#pragma once

#include <string>
#include <vector>

namespace placer {

struct Diagnostic {
  enum class Severity { kError, kWarning };
  Severity severity = Severity::kError;
  std::string file;
  int line = 0;         // 1-based; 0: the file as a whole
  int column = 0;       // 1-based
  std::string field;    // "spec.threshold.deploy"; may be empty
  std::string message;  // what was found and what would be right, without a trailing stop
};

// "policy.yaml:12:5: error: spec.threshold.remove: 60 is not below deploy (50); use a number below 50"
std::string FormatDiagnostic(const Diagnostic& diagnostic);
bool HasErrors(const std::vector<Diagnostic>& diagnostics);

}  // namespace placer
