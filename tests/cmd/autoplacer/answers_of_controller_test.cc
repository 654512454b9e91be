// What the commands make of a controller's answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/status_codec.h"
#include "cmd/autoplacer/controller_client.h"
#include "cmd/autoplacer/pass_report.h"

namespace placer {
namespace {

using ::testing::HasSubstr;

TEST(ControllerAnswer, ASuccessIsItsBody) {
  EXPECT_EQ(*ReadAnswer({.status = 200, .body = "{}"}), "{}");
}

TEST(ControllerAnswer, AnErrorIsTheServersOwnWordsAndAnExitCode) {
  struct Case {
    int status;
    absl::StatusCode code;
    ExitCode exit_code;
  };
  const Case cases[] = {
      {400, absl::StatusCode::kInvalidArgument, kExitNegative},
      {404, absl::StatusCode::kNotFound, kExitNegative},
      {401, absl::StatusCode::kPermissionDenied, kExitUnreachable},
      {403, absl::StatusCode::kPermissionDenied, kExitUnreachable},
      {503, absl::StatusCode::kUnavailable, kExitUnreachable},
      {500, absl::StatusCode::kInternal, kExitUnreachable},
  };
  for (const Case& each : cases) {
    const absl::StatusOr<std::string> answer =
        ReadAnswer({.status = each.status, .body = R"({"error":"because"})"});
    EXPECT_EQ(answer.status().code(), each.code) << each.status;
    EXPECT_EQ(ExitCodeOf(answer.status()), each.exit_code) << each.status;
    EXPECT_THAT(std::string(answer.status().message()), HasSubstr("because"));
  }
}

TEST(ControllerAnswer, AnErrorPageOfAnotherServerIsCutShort) {
  const absl::StatusOr<std::string> answer = ReadAnswer({.status = 502, .body = std::string(100'000, 'x')});
  EXPECT_LT(answer.status().message().size(), 1000u);
}

TEST(ControllerPath, EncodesTheNameOfAPolicy) {
  EXPECT_EQ(MakePolicyPath("a/b?c"), "/apis/autoplacer.dev/v1/placementpolicies/a%2Fb%3Fc");
}

TEST(ControllerCall, ToNobodyNamesTheServerAndIsUnreachable) {
  ClientOptions options;
  options.server = "http://127.0.0.1:1";
  const absl::StatusOr<std::string> answer = CallController(options, "secret-token", "POST", "/trigger");
  EXPECT_EQ(ExitCodeOf(answer.status()), kExitUnreachable);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("http://127.0.0.1:1"));
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("autoplacer run"));
}

TEST(ControllerCall, ToABadUrlSaysWhichFlagIsWrong) {
  ClientOptions options;
  options.server = "ftp://x";
  EXPECT_THAT(std::string(CallController(options, "", "GET", "/").status().message()), HasSubstr("--server"));
}

TEST(PassReport, ReadsBackWhatTriggerAnswers) {
  PassReport report;
  report.deployed = {"ams"};
  report.removed = {"fra"};
  report.skipped = {{"nrt", Action::kDeploy, "Cooldown period (5 seconds remaining)"}};
  report.errors = {{"gru", Action::kRemove, "no capacity"}};
  report.current_deployment = {"fra"};
  report.updated_deployment = {"ams"};
  const absl::StatusOr<PassReport> parsed = ParsePassReport(FormatPassReport(report));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(FormatPassReport(*parsed), FormatPassReport(report));
}

TEST(PassReport, ShowsFailuresBeforeWhatWasSkipped) {
  PassReport report;
  report.skipped = {{"nrt", Action::kDeploy, "Cooldown"}};
  report.errors = {{"gru", Action::kRemove, "no capacity"}};
  const std::string text = RenderPassReport(report, {});
  EXPECT_THAT(text, HasSubstr("failed: no capacity"));
  EXPECT_LT(text.find("gru"), text.find("nrt"));
}

TEST(PassReport, RefusesWhatIsNone) {
  for (const char* body : {"", "[]", "{}", "{\"deployed\":[]}"}) {
    EXPECT_FALSE(ParsePassReport(body).ok()) << body;
  }
}

}  // namespace
}  // namespace placer
