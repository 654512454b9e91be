// Log: one structured line per event, text on a terminal and JSON otherwise, to stderr and a rotating file.
// Register every secret once: no sink ever prints it. Field names are those of the API and the metrics
// (policy, target_app, target_region, reason, ...).
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace placer {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kAuto, kText, kJson };

using LogFields = std::initializer_list<std::pair<const char*, std::string>>;

class Log {
 public:
  virtual ~Log() = default;
  virtual void Write(LogLevel level, absl::string_view message, LogFields fields) = 0;

  void Debug(absl::string_view message, LogFields fields = {}) { Write(LogLevel::kDebug, message, fields); }
  void Info(absl::string_view message, LogFields fields = {}) { Write(LogLevel::kInfo, message, fields); }
  void Warning(absl::string_view message, LogFields fields = {}) {
    Write(LogLevel::kWarning, message, fields);
  }
  void Error(absl::string_view message, LogFields fields = {}) { Write(LogLevel::kError, message, fields); }
};

// Discards everything.
class NullLog final : public Log {
 public:
  void Write(LogLevel, absl::string_view, LogFields) override {}
};

struct LogOptions {
  LogFormat format = LogFormat::kAuto;  // kAuto: text if stderr is a terminal, else JSON
  LogLevel level = LogLevel::kInfo;
  std::string file;  // "" = none; else rotated at 1 MB, 5 files kept. Lines in the file are JSON
  bool to_stderr = true;
};

// A log over spdlog. `secrets` are replaced by "[redacted]" wherever they appear in a line; each of at least
// 4 characters. Falls back to stderr alone, with a warning, where the file cannot be opened.
class SpdLog final : public Log {
 public:
  SpdLog(const LogOptions& options, const std::vector<std::string>& secrets);
  ~SpdLog() override;
  void Write(LogLevel level, absl::string_view message, LogFields fields) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace placer
