// CapturingLog: keeps each line, as "message field=value ...".
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "controller/telemetry/log.h"

namespace placer {

class CapturingLog final : public Log {
 public:
  struct Line {
    LogLevel level;
    std::string text;
  };

  void Write(LogLevel level, absl::string_view message, LogFields fields) override {
    std::string text(message);
    for (const auto& [name, value] : fields) absl::StrAppend(&text, " ", name, "=", value);
    lines_.push_back({level, std::move(text)});
  }

  const std::vector<Line>& lines() const { return lines_; }
  bool Says(absl::string_view words) const {
    for (const Line& line : lines_) {
      if (absl::StrContains(line.text, words)) return true;
    }
    return false;
  }

 private:
  std::vector<Line> lines_;
};

}  // namespace placer
