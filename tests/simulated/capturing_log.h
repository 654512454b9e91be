// CapturingLog: keeps each line, as "WARN message field=value ...".
#pragma once

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "controller/telemetry/log.h"

namespace placer {

class CapturingLog final : public Log {
 public:
  void Write(LogLevel level, absl::string_view message, LogFields fields) override {
    std::string line = absl::StrCat(NameOf(level), " ", message);
    for (const auto& [name, value] : fields) absl::StrAppend(&line, " ", name, "=", value);
    lines_.push_back(line);
  }

  const std::vector<std::string>& lines() const { return lines_; }
  bool Says(absl::string_view words) const {
    for (const std::string& line : lines_) {
      if (absl::StrContains(line, words)) return true;
    }
    return false;
  }

 private:
  static const char* NameOf(LogLevel level) {
    return level == LogLevel::kError ? "ERROR" : level == LogLevel::kWarning ? "WARN" : "INFO";
  }

  std::vector<std::string> lines_;
};

}  // namespace placer
