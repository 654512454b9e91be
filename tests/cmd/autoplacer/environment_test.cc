#include "cmd/autoplacer/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/simulated/temporary_folder.h"

namespace placer {
namespace {

using Variables = std::map<std::string, std::string>;

Environment Make(const Variables& process, const Variables& dotenv = {}) {
  const auto read = [process](const std::string& name) -> std::optional<std::string> {
    const auto found = process.find(name);
    if (found == process.end()) return std::nullopt;
    return found->second;
  };
  return MakeEnvironment(read, dotenv);
}

TEST(Environment, TheProcessWinsOverTheFile) {
  const Environment made =
      Make({{"FLY_API_TOKEN", "a"}}, {{"FLY_API_TOKEN", "b"}, {"FLY_PROMETHEUS_URL", "http://p"}});
  EXPECT_EQ(made.api_token, "a");
  EXPECT_EQ(made.prometheus_url, "http://p");
}

TEST(Environment, AnEmptyVariableCountsAsNotSet) {
  EXPECT_EQ(Make({{"FLY_API_TOKEN", ""}}, {{"FLY_API_TOKEN", "b"}}).api_token, "b");
}

TEST(Environment, ThePrometheusTokenFallsBackToTheApiToken) {
  EXPECT_EQ(Make({{"FLY_API_TOKEN", "a"}}).prometheus_token, "a");
  EXPECT_EQ(Make({{"FLY_API_TOKEN", "a"}, {"AUTOPLACER_PROMETHEUS_TOKEN", "p"}}).prometheus_token, "p");
}

TEST(Environment, OffFlyTheAppNameIsTheTargetUnlessOurOwnVariableSays) {
  EXPECT_EQ(Make({{"FLY_APP_NAME", "web"}}).default_app, "web");
  EXPECT_EQ(Make({{"FLY_APP_NAME", "web"}, {"AUTOPLACER_APP", "shop"}}).default_app, "shop");
  EXPECT_EQ(Make({{"FLY_APP_NAME", "web"}}).own_app, "");
}

TEST(Environment, ThePrivateAddressComesFromFlyAndNotFromAFile) {
  EXPECT_EQ(Make({{"FLY_PRIVATE_IP", "fdaa::3"}}).private_ip, "fdaa::3");
  EXPECT_EQ(Make({}, {{"FLY_PRIVATE_IP", "fdaa::3"}}).private_ip, "");
}

TEST(Environment, OnFlyTheAppNameIsOurselvesAndNeverTheTarget) {
  const Environment made = Make({{"FLY_MACHINE_ID", "m1"}, {"FLY_APP_NAME", "placer"}});
  EXPECT_EQ(made.default_app, "");
  EXPECT_EQ(made.own_app, "placer");
  EXPECT_EQ(made.machine_id, "m1");
}

TEST(Environment, OnFlyNotEvenTheFileMakesTheAppNameTheTarget) {
  EXPECT_EQ(Make({{"FLY_MACHINE_ID", "m1"}}, {{"FLY_APP_NAME", "web"}}).default_app, "");
}

TEST(Environment, OnFlyOurOwnVariableNamesTheTarget) {
  EXPECT_EQ(
      Make({{"FLY_MACHINE_ID", "m1"}, {"FLY_APP_NAME", "placer"}, {"AUTOPLACER_APP", "web"}}).default_app,
      "web");
}

TEST(Environment, AFileCannotPretendThatThisIsFly) {
  const Environment made = Make({{"FLY_APP_NAME", "web"}}, {{"FLY_MACHINE_ID", "m1"}});
  EXPECT_EQ(made.machine_id, "");
  EXPECT_EQ(made.default_app, "web");
}

TEST(Environment, SecretsAreTheTokensEachOnce) {
  const Environment made =
      Make({{"FLY_API_TOKEN", "a"}, {"AUTOPLACER_TOKEN", "t"}, {"FLY_PROMETHEUS_URL", "http://p"}});
  EXPECT_THAT(Secrets(made), ::testing::UnorderedElementsAre("a", "t"));
}

TEST(Environment, AMissingFileIsNamed) {
  const absl::StatusOr<Environment> loaded = LoadEnvironment("/nonexistent/.env");
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(loaded.status().message()), ::testing::HasSubstr("/nonexistent/.env"));
}

TEST(Environment, ABrokenFileIsRefusedWithoutItsValues) {
  const TemporaryFolder folder;
  const std::string path = folder.PathOf("broken.env");
  std::ofstream(path) << "FLY_API_TOKEN=\"very-secret\nthis is no assignment very-secret\n";
  const absl::StatusOr<Environment> loaded = LoadEnvironment(path);
  ASSERT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(loaded.status().message()), ::testing::Not(::testing::HasSubstr("very-secret")));
}

}  // namespace
}  // namespace placer
