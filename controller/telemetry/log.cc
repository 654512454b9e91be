#include "controller/telemetry/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/time/clock.h"
#include "controller/telemetry/log_line.h"
#include "controller/telemetry/redactor.h"

namespace placer {
namespace {

constexpr std::size_t kMaxFileBytes = 1u << 20;
constexpr std::size_t kOlderFiles = 4;  // with the current one: 5

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

// Lines come ready made; spdlog writes them, whole, one after the other.
std::unique_ptr<spdlog::logger> MakeLogger(spdlog::sink_ptr sink) {
  auto logger = std::make_unique<spdlog::logger>("", std::move(sink));
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  // A log that cannot be written must not stop a controller that can act.
  logger->set_error_handler([](const std::string&) {});
  return logger;
}

}  // namespace

struct SpdLog::State {
  explicit State(const std::vector<std::string>& secrets) : redactor(secrets) {}

  Redactor redactor;
  LogLevel level = LogLevel::kInfo;
  bool text_on_stderr = false;
  bool colour = false;
  std::unique_ptr<spdlog::logger> stderr_logger;  // either may be null
  std::unique_ptr<spdlog::logger> file_logger;
};

SpdLog::SpdLog(const LogOptions& options, const std::vector<std::string>& secrets)
    : state_(std::make_unique<State>(secrets)) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  state_->level = options.level;
  state_->text_on_stderr =
      options.format == LogFormat::kText || (options.format == LogFormat::kAuto && terminal);
  state_->colour = terminal && !IsSet("NO_COLOR");
  if (options.to_stderr)
    state_->stderr_logger = MakeLogger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (options.file.empty()) return;
  try {
    state_->file_logger = MakeLogger(
        std::make_shared<spdlog::sinks::rotating_file_sink_mt>(options.file, kMaxFileBytes, kOlderFiles));
  } catch (const spdlog::spdlog_ex& error) {
    if (!state_->stderr_logger) {
      state_->stderr_logger = MakeLogger(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    }
    Warning("the log file cannot be opened; logging to stderr alone",
            {{"file", options.file}, {"error", error.what()}});
  }
}

SpdLog::~SpdLog() = default;

void SpdLog::Write(LogLevel level, absl::string_view message, LogFields fields) {
  if (level < state_->level) return;
  LogEvent event{.time = absl::Now(), .level = level, .message = state_->redactor.Redact(message)};
  for (const auto& [name, value] : fields) event.fields.emplace_back(name, state_->redactor.Redact(value));
  if (state_->stderr_logger) {
    state_->stderr_logger->info(state_->text_on_stderr ? FormatLogText(event, state_->colour)
                                                       : FormatLogJson(event));
  }
  if (state_->file_logger) state_->file_logger->info(FormatLogJson(event));
}

}  // namespace placer
