// `validate` and `convert` on real files.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "api/policy_codec.h"
#include "cmd/autoplacer/commands.h"
#include "tests/simulated/temporary_folder.h"

namespace placer {
namespace {

using ::testing::HasSubstr;

constexpr char kGood[] =
    "apiVersion: autoplacer.dev/v1\nkind: PlacementPolicy\nmetadata: {name: web}\nspec: {app: shop}\n";

class PolicyFiles : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_.PathOf(name);
    std::ofstream(path) << text;
    return path;
  }

  TemporaryFolder folder_;
};

using Validate = PolicyFiles;
using Convert = PolicyFiles;

struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};

template <typename Call>
Outcome Capture(Call call) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const int exit_code = call();
  std::string out = ::testing::internal::GetCapturedStdout();
  return {exit_code, std::move(out), ::testing::internal::GetCapturedStderr()};
}

Outcome RunValidateOn(const std::string& path) {
  return Capture([&] { return RunValidate({.file = path}, Environment{}); });
}

TEST_F(Validate, SaysOkForAGoodFile) {
  const Outcome outcome = RunValidateOn(Write("a.yaml", kGood));
  EXPECT_EQ(outcome.exit_code, kExitOk);
  EXPECT_THAT(outcome.out, HasSubstr("ok, 1 policy"));
}

TEST_F(Validate, ADashReadsStdin) {
  const int saved = dup(STDIN_FILENO);
  const int file = open(Write("a.yaml", std::string(kGood) + "unknown: 1\n").c_str(), O_RDONLY);
  dup2(file, STDIN_FILENO);
  const Outcome outcome = RunValidateOn("-");
  dup2(saved, STDIN_FILENO);
  close(saved);
  close(file);
  EXPECT_EQ(outcome.exit_code, kExitNegative);
  EXPECT_THAT(outcome.out, HasSubstr("stdin:5:1: error"));
}

TEST_F(Validate, PrintsEveryErrorWithItsPlaceAndCountsThem) {
  const Outcome outcome = RunValidateOn(Write("a.yaml", std::string(kGood) + "unknown1: 1\nunknown2: 2\n"));
  EXPECT_EQ(outcome.exit_code, kExitNegative);
  EXPECT_THAT(outcome.out, HasSubstr("a.yaml:5:1: error"));
  EXPECT_THAT(outcome.out, HasSubstr("a.yaml:6:1: error"));
  EXPECT_THAT(outcome.out, HasSubstr("2 errors"));
}

TEST_F(Validate, FindsTheSameNameInTwoFilesOfADirectory) {
  Write("a.yaml", kGood);
  Write("b.yaml", kGood);
  const Outcome outcome = RunValidateOn(folder_.path());
  EXPECT_EQ(outcome.exit_code, kExitNegative);
  EXPECT_THAT(outcome.out, HasSubstr("\"web\" is also defined in"));
}

TEST_F(Validate, AFileThatIsNotThereIsNegative) {
  const Outcome outcome = RunValidateOn(folder_.PathOf("none.yaml"));
  EXPECT_EQ(outcome.exit_code, kExitNegative);
  EXPECT_THAT(outcome.err, HasSubstr("none.yaml"));
}

TEST_F(Convert, PrintsAPolicyThatReadsBackAsTheFlatConfigMeant) {
  const std::string path =
      Write("config.yml", "dry_run: true\ntraffic_threshold: 60\ndeployment_threshold: 20\n");
  const Outcome outcome = Capture([&] { return RunConvert({.file = path, .app = "shop"}); });
  ASSERT_EQ(outcome.exit_code, kExitOk) << outcome.err;
  const ParsedPolicies parsed = ParsePolicies(outcome.out, "out.yaml", {});
  ASSERT_EQ(parsed.policies.size(), 1u) << outcome.out;
  EXPECT_EQ(parsed.policies[0].app, "shop");
  EXPECT_EQ(parsed.policies[0].threshold.deploy, 60);
  EXPECT_EQ(parsed.policies[0].threshold.remove, 20);
  EXPECT_EQ(parsed.policies[0].threshold.attribution, Attribution::kNone);
  EXPECT_EQ(parsed.policies[0].adopt, Adopt::kAll);
}

TEST_F(Convert, ExplainsInCommentsWhatIsNotADefault) {
  const std::string path = Write("config.yml", "dry_run: true\n");
  const Outcome outcome = Capture([&] { return RunConvert({.file = path, .app = "shop"}); });
  EXPECT_THAT(outcome.out, ::testing::StartsWith("# "));
  EXPECT_THAT(outcome.out, HasSubstr("attribution: None"));
}

TEST_F(Convert, SendsWarningsToStderrSoThatStdoutIsThePolicy) {
  const std::string path = Write("config.yml", "dry_run: true\nallowed_regions: [fra, sfo]\n");
  const Outcome outcome = Capture([&] { return RunConvert({.file = path, .app = "shop"}); });
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("warning"));
  EXPECT_THAT(outcome.out, ::testing::Not(HasSubstr("warning")));
}

TEST_F(Convert, OfABrokenFileIsNegativeAndPrintsNoPolicy) {
  const std::string path = Write("config.yml", "dry_run: [\n");
  const Outcome outcome = Capture([&] { return RunConvert({.file = path, .app = "shop"}); });
  EXPECT_EQ(outcome.exit_code, kExitNegative);
  EXPECT_EQ(outcome.out, "");
}

}  // namespace
}  // namespace placer
