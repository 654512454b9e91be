// Whole commands, from argv to an exit code.
#include "cmd/autoplacer/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "cmd/autoplacer/options.h"

namespace placer {
namespace {

using ::testing::HasSubstr;

constexpr char kPolicy[] =
    "apiVersion: autoplacer.dev/v1\nkind: PlacementPolicy\nmetadata: {name: web}\nspec: {app: shop}\n";

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

  const std::filesystem::path old_;
  std::string directory_;
  std::string out_;
  std::string err_;
};

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

}  // namespace
}  // namespace placer
