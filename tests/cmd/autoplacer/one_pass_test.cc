#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cmd/autoplacer/commands.h"
#include "cmd/autoplacer/wiring.h"

namespace placer {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

OnePass RunDemoPass() {
  return RunOnePass(RunOptions{.demo = true}, Environment());
}

TEST(OnePassTest, ReportsTheFirstPassAndWhatItWouldDo) {
  const OnePass pass = RunDemoPass();
  ASSERT_TRUE(pass.status.ok()) << pass.status;
  ASSERT_THAT(pass.policies, SizeIs(1));
  EXPECT_EQ(pass.policies[0].status.passes, 1);
  ASSERT_THAT(pass.reports, SizeIs(1));
  EXPECT_THAT(pass.reports[0].deployed, Not(IsEmpty()));
  EXPECT_EQ(pass.reports[0].current_deployment, std::vector<std::string>{"fra"});
}

TEST(OnePassTest, ShowsTheMachinesAsThePlatformListsThem) {
  const OnePass pass = RunDemoPass();
  ASSERT_THAT(pass.machines, SizeIs(1));
  EXPECT_THAT(pass.machines[0], SizeIs(1));  // nothing of the shadow
}

TEST(Explain, TakesARegionInCapitals) {
  ::testing::internal::CaptureStdout();
  const int exit_code = RunExplain({.run = {.demo = true}, .offline = true, .region = "FRA"}, Environment());
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), StartsWith("fra:"));
  EXPECT_EQ(exit_code, kExitOk);
}

TEST(OnePassTest, AMissingPolicyIsAMistakeOfTheCaller) {
  const OnePass pass = RunOnePass(RunOptions{.policy = "/nowhere/policy.yaml"}, Environment());
  EXPECT_TRUE(absl::IsInvalidArgument(pass.status)) << pass.status;
}

TEST(OnePassTest, WhatIsMissingIsAUsageErrorAndABrokenPolicyIsNot) {
  EXPECT_EQ(FailPass({.status = absl::NotFoundError("no such file")}), kExitUsage);
  EXPECT_EQ(FailPass({.status = absl::InvalidArgumentError("no URL")}), kExitUsage);
  EXPECT_EQ(
      FailPass({.diagnostics = {{.message = "is wrong"}}, .status = absl::InvalidArgumentError("errors")}),
      kExitNegative);
}

}  // namespace
}  // namespace placer
