#include "controller/telemetry/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "controller/telemetry/log_line.h"
#include "tests/simulated/temporary_folder.h"

namespace placer {
namespace {

using testing::HasSubstr;
using testing::Not;

LogEvent MakeEvent(std::string message, std::vector<std::pair<std::string, std::string>> fields = {}) {
  return {.time = absl::FromUnixMillis(1795560372250),
          .message = std::move(message),
          .fields = std::move(fields)};
}

TEST(LogLineTest, TextIsOneReadableLine) {
  EXPECT_EQ(FormatLogText(MakeEvent("region added", {{"policy", "web"}, {"target_region", "fra"}}), false),
            "2026-11-24T22:46:12Z INFO  region added  policy=web target_region=fra");
}

TEST(LogLineTest, TextQuotesValuesThatWouldBeMisread) {
  EXPECT_EQ(
      FormatLogText(MakeEvent("m", {{"a", "two words"}, {"b", ""}, {"c", "x=y"}, {"d", "\"q\""}}), false),
      "2026-11-24T22:46:12Z INFO  m  a=\"two words\" b=\"\" c=\"x=y\" d=\"\\\"q\\\"\"");
}

TEST(LogLineTest, TextKeepsQuotesOfAMessage) {
  EXPECT_THAT(FormatLogText(MakeEvent("did you mean \"sjc\"?"), false), HasSubstr("did you mean \"sjc\"?"));
}

TEST(LogLineTest, ColourIsAroundTheLevelOnly) {
  EXPECT_EQ(FormatLogText(MakeEvent("m"), true), "2026-11-24T22:46:12Z \x1b[32mINFO \x1b[0m m");
}

TEST(LogLineTest, JsonIsOneObject) {
  EXPECT_EQ(FormatLogJson(MakeEvent("region added", {{"policy", "web"}})),
            R"({"time":"2026-11-24T22:46:12.250Z","level":"info","message":"region added","policy":"web"})");
}

TEST(LogLineTest, AFieldCannotTakeTheLinesOwnNames) {
  const auto line = boost::json::parse(FormatLogJson(MakeEvent("m", {{"level", "x"}}))).as_object();
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("field_level"), "x");
}

class HostileTextTest : public testing::TestWithParam<std::string> {};

TEST_P(HostileTextTest, StaysOneLineThatSteersNoTerminal) {
  const LogEvent event = MakeEvent(GetParam(), {{"field", GetParam()}});
  for (const std::string& line : {FormatLogText(event, false), FormatLogJson(event)}) {
    EXPECT_THAT(line, Not(testing::ContainsRegex("[\x01-\x1f\x7f]"))) << line;
    EXPECT_EQ(line.find('\0'), std::string::npos);
  }
}

TEST_P(HostileTextTest, IsParsableJson) {
  boost::system::error_code error;
  boost::json::parse(FormatLogJson(MakeEvent(GetParam(), {{"field", GetParam()}})), error);
  EXPECT_FALSE(error) << error.message();
}

INSTANTIATE_TEST_SUITE_P(, HostileTextTest,
                         testing::Values("a\nb\r\nc", "\x1b[2J", std::string("\0nul", 4), "\xff\xfe",
                                         "\"}\n{\"", "back\\slash\\", "tab\t\x7f"));

TEST(LogLineTest, AHugeValueIsShortened) {
  const std::string line = FormatLogJson(MakeEvent("m", {{"body", std::string(1'000'000, 'x')}}));
  EXPECT_LT(line.size(), 20'000u);
  EXPECT_THAT(line, HasSubstr("(1000000 bytes)"));
}

class SpdLogTest : public testing::Test {
 protected:
  LogOptions FileOnly(LogLevel level = LogLevel::kInfo) const {
    return {.level = level, .file = folder_.PathOf("logs/auto_placer.log"), .to_stderr = false};
  }
  std::string ReadLog() const {
    std::ifstream file(folder_.PathOf("logs/auto_placer.log"));
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  TemporaryFolder folder_;
};

TEST_F(SpdLogTest, TheFileHoldsJsonLines) {
  SpdLog log(FileOnly(), {});
  log.Warning("held", {{"policy", "web"}});
  log.Info("percent {} %v %s");
  const std::string text = ReadLog();
  const std::size_t end = text.find('\n');
  const auto first = boost::json::parse(text.substr(0, end)).as_object();
  EXPECT_EQ(first.at("level"), "warning");
  EXPECT_EQ(first.at("policy"), "web");
  const auto second = boost::json::parse(text.substr(end + 1, text.size() - end - 2)).as_object();
  EXPECT_EQ(second.at("message"), "percent {} %v %s");
}

TEST_F(SpdLogTest, LessImportantLinesAreLeftOut) {
  SpdLog log(FileOnly(LogLevel::kWarning), {});
  log.Info("quiet");
  log.Error("loud");
  EXPECT_THAT(ReadLog(), Not(HasSubstr("quiet")));
  EXPECT_THAT(ReadLog(), HasSubstr("loud"));
}

TEST_F(SpdLogTest, SecretsShowNeitherInMessagesNorInFields) {
  const std::string token = "fm2_a/b+c=,\"d\\e";
  SpdLog log(FileOnly(), {token});
  log.Error("got " + token, {{"url", "http://x/?t=fm2_a%2Fb%2Bc%3D%2C%22d%5Ce"},
                             {"body", "{\"t\":\"fm2_a/b+c=,\\\"d\\\\e\"}"}});
  const std::string text = ReadLog();
  EXPECT_THAT(text, Not(HasSubstr("fm2_a")));
  EXPECT_EQ(boost::json::parse(text).at("message"), "got [redacted]");
}

TEST_F(SpdLogTest, FilesRotateAndTheirNumberIsBounded) {
  SpdLog log(FileOnly(), {});
  const std::string body(15'000, 'x');
  for (int i = 0; i < 400; ++i) log.Info("filler", {{"body", body}});
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.PathOf("logs"))) {
    EXPECT_LE(entry.file_size(), 1u << 20);
    ++files;
  }
  EXPECT_EQ(files, 5);
}

TEST_F(SpdLogTest, AFileThatCannotBeOpenedFallsBackToStderr) {
  std::ofstream(folder_.PathOf("logs")) << "a file where the folder should be";
  testing::internal::CaptureStderr();
  {
    SpdLog log({.format = LogFormat::kText, .file = folder_.PathOf("logs/x.log"), .to_stderr = false}, {});
    log.Info("still here");
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("WARN  the log file cannot be opened"));
  EXPECT_THAT(text, HasSubstr("INFO  still here\n"));
}

bool HasPseudoTerminals() {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  const bool usable = master >= 0 && unlockpt(master) == 0 && access(ptsname(master), R_OK) == 0;
  if (master >= 0) close(master);
  return usable;
}

// What a log writes to stderr where that is a terminal.
std::string WriteToTerminal(const LogOptions& options) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  grantpt(master);
  unlockpt(master);
  const int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
  const int saved = dup(STDERR_FILENO);
  dup2(terminal, STDERR_FILENO);
  SpdLog(options, {}).Info("m");
  dup2(saved, STDERR_FILENO);
  char text[256] = {};
  const ssize_t size = read(master, text, sizeof text);
  for (const int file : {saved, terminal, master}) close(file);
  return std::string(text, size > 0 ? static_cast<std::size_t>(size) : 0);
}

TEST_F(SpdLogTest, OnATerminalTheAutomaticFormIsColouredText) {
  if (!HasPseudoTerminals()) GTEST_SKIP() << "no /dev/pts";
  unsetenv("NO_COLOR");
  EXPECT_THAT(WriteToTerminal({}), HasSubstr("Z \x1b[32mINFO \x1b[0m m"));
}

TEST_F(SpdLogTest, NoColorIsObeyed) {
  if (!HasPseudoTerminals()) GTEST_SKIP() << "no /dev/pts";
  setenv("NO_COLOR", "1", 1);
  EXPECT_THAT(WriteToTerminal({}), HasSubstr("Z INFO  m"));
  unsetenv("NO_COLOR");
}

TEST_F(SpdLogTest, WithoutATerminalTheAutomaticFormIsJson) {
  testing::internal::CaptureStderr();
  {
    SpdLog({}, {}).Info("m");
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::StartsWith("{\"time\":"));
}

}  // namespace
}  // namespace placer
