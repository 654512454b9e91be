// Whole commands, from argv to an exit code.
#include "cmd/autoplacer/cli.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "cmd/autoplacer/options.h"
#include "controller/net/http_server.h"

namespace placer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kPolicy[] =
    "apiVersion: autoplacer.dev/v1\nkind: PlacementPolicy\nmetadata: {name: web}\nspec: {app: shop}\n";
constexpr char kMachines[] =
    R"([{"id":"m1","name":"n","region":"fra","state":"started","config":{"metadata":{"fly_process_group":"app"}}}])";

// In a folder of its own, so that no .env or policy of the visitor counts.
class Cli : public ::testing::Test {
 protected:
  Cli() : old_(std::filesystem::current_path()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "cli-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    std::filesystem::current_path(directory_);
  }
  ~Cli() override {
    std::filesystem::current_path(old_);
    std::filesystem::remove_all(directory_);
  }
  static void Write(const std::string& name, const std::string& text) { std::ofstream(name) << text; }

  int Run(std::vector<std::string> args) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int exit_code = RunCli(std::move(args));
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return exit_code;
  }
  // The same where nothing can be written to stdout.
  int RunOnAFullDisk(std::vector<std::string> args) {
    const int saved = dup(STDOUT_FILENO);
    const int full = open("/dev/full", O_WRONLY);
    dup2(full, STDOUT_FILENO);
    ::testing::internal::CaptureStderr();
    const int exit_code = RunCli(std::move(args));
    err_ = ::testing::internal::GetCapturedStderr();
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(full);
    return exit_code;
  }

  const std::filesystem::path old_;
  std::string directory_;
  std::string out_;
  std::string err_;
};

TEST_F(Cli, VersionAndSchemaNeedNoEnvironment) {
  Write(".env", "this is no variable\n");
  EXPECT_EQ(Run({"version"}), kExitOk) << err_;
  EXPECT_THAT(out_, StartsWith("autoplacer "));
  EXPECT_EQ(Run({"schema"}), kExitOk) << err_;
  EXPECT_THAT(out_, StartsWith("{"));
  EXPECT_EQ(Run({"get"}), kExitUsage);
}

TEST_F(Cli, AnAnswerThatCannotBeWrittenIsNotOk) {
  Write("policy.yaml", kPolicy);
  Write("config.yml", "dry_run: true\n");
  const std::vector<std::vector<std::string>> commands = {{"convert", "config.yml", "--app", "a"},
                                                          {"validate", "policy.yaml"},
                                                          {"schema"},
                                                          {"version"},
                                                          {"--help"},
                                                          {"plan", "--demo"},
                                                          {"plan", "--demo", "-o", "json"},
                                                          {"explain", "fra", "--demo"}};
  for (const std::vector<std::string>& each : commands) {
    EXPECT_EQ(RunOnAFullDisk(each), kExitNegative) << each[0];
    EXPECT_THAT(err_, HasSubstr("cannot write the answer")) << each[0];
  }
}

TEST_F(Cli, AFileThatIsTooLargeIsAMistakeOfTheCaller) {
  Write("policy.yaml", kPolicy);
  Write("large", std::string((1u << 20) + 1, '#'));
  EXPECT_EQ(Run({"plan", "--policy", "policy.yaml", "--rtt-file", "large"}), kExitUsage) << err_;
  EXPECT_EQ(Run({"run", "--policy", "policy.yaml", "--rtt-file", "large"}), kExitUsage) << err_;
  Write("large.yaml", std::string((1u << 20) + 1, '#'));
  EXPECT_EQ(Run({"plan", "--policy", "large.yaml"}), kExitUsage) << err_;
  EXPECT_EQ(Run({"run", "--policy", "large.yaml"}), kExitUsage) << err_;
  EXPECT_THAT(err_, HasSubstr("large.yaml"));
}

TEST_F(Cli, ExplainOfARegionThatNobodyKnowsStillSaysSo) {
  EXPECT_EQ(Run({"explain", "xyz", "--demo"}), kExitNegative);
  EXPECT_THAT(err_, HasSubstr("no decision about \"xyz\""));
}

// Both servers of a platform, in a thread of their own. Prometheus refuses the token.
class HalfBlindPlatform {
 public:
  explicit HalfBlindPlatform(bool lists_machines)
      : server_(io_,
                [lists_machines](HttpRequest request) -> Task<HttpResponse> {
                  const bool listed = lists_machines && request.method == "GET";
                  co_return listed ? HttpResponse{.status = 200, .body = kMachines}
                                   : HttpResponse{.status = 401};
                },
                {}) {
    const absl::Status listening = server_.Listen({.host = "127.0.0.1", .port = 0});
    EXPECT_TRUE(listening.ok()) << listening;
    thread_ = std::thread([this] { io_.run(); });
  }
  ~HalfBlindPlatform() {
    io_.stop();
    thread_.join();
  }
  std::vector<std::string> ExplainFra() const {
    const std::string url = absl::StrCat("http://127.0.0.1:", server_.port());
    return {"explain", "fra", "--policy", "policy.yaml", "--machines-url", url, "--prometheus-url", url};
  }

 private:
  asio::io_context io_;
  HttpServer server_;
  std::thread thread_;
};

TEST_F(Cli, ExplainDoesNotTakeWhatItCouldNotSeeForAnEmptyRegion) {
  Write("policy.yaml", kPolicy);
  Write(".env", "FLY_API_TOKEN=x\n");
  const HalfBlindPlatform platform(/*lists_machines=*/false);
  EXPECT_EQ(Run(platform.ExplainFra()), kExitNegative);
  EXPECT_THAT(err_, HasSubstr("MachinesObserved=False"));
  EXPECT_THAT(err_, Not(HasSubstr("no machine is there")));
}

TEST_F(Cli, ExplainWithoutTrafficTellsTheRestAndIsNotOk) {
  Write("policy.yaml", kPolicy);
  Write(".env", "FLY_API_TOKEN=x\n");
  const HalfBlindPlatform platform(/*lists_machines=*/true);
  EXPECT_EQ(Run(platform.ExplainFra()), kExitNegative);
  EXPECT_THAT(out_, StartsWith("fra:"));
  EXPECT_THAT(err_, HasSubstr("TrafficObserved=False"));
}

}  // namespace
}  // namespace placer
