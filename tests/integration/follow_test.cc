// The whole program against real servers: traffic moves and the shadow follows, the policy file steers, bad
// files and blind moments take nothing away, silence shrinks to the floor, and a restart forgets nothing.
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/integration/lab.h"

namespace placer::testing {
namespace {

constexpr char kPolicy[] = R"(apiVersion: autoplacer.dev/v1
kind: PlacementPolicy
metadata: {name: web}
spec:
  app: demo
  interval: 1s
  traffic: {resolution: 3s, delay: 2s, maxAge: 12s}
  regions: {alwaysRunning: [ALWAYS], excluded: [EXCLUDED]}
  threshold: {per: 3s, deploy: 20, remove: 4, shortWindow: 2, longWindow: 4, attribution: None}
  capacity: {maxCreatesPerHour: 1000}
  behavior:
    scaleUp: {cooldown: 2s, maxActions: 4, per: 5s}
    scaleDown: {cooldown: COOLDOWN, stabilizationWindow: 3s, maxActions: 4, per: 5s}
  adopt: All
)";

struct Edits {
  std::string always;
  std::string excluded;
  std::string cooldown = "3s";
};

std::string MakePolicy(const Edits& edits) {
  return absl::StrReplaceAll(
      kPolicy, {{"ALWAYS", edits.always}, {"EXCLUDED", edits.excluded}, {"COOLDOWN", edits.cooldown}});
}

class FollowTest : public ::testing::TestWithParam<MetricsServer> {
 protected:
  void SetUp() override {
    if (!Lab::HasServer(GetParam())) GTEST_SKIP() << "the metrics server is not installed";
    lab_ = std::make_unique<Lab>(GetParam());
    const std::vector<std::string> busiest = lab_->FindBusiestRegions();
    ASSERT_GE(busiest.size(), 3u);
    here_ = busiest[0];
    there_ = busiest[1];
    quiet_ = busiest[2];
    lab_->StartMetricsServer();
  }

  // The policy path is a link from the start, so that each way of editing can be tried on it.
  void Start(const Edits& edits) {
    lab_->WriteFile("v1.yaml", MakePolicy(edits));
    std::filesystem::create_symlink("v1.yaml", lab_->PathOf("policy.yaml"));
    lab_->StartController(lab_->PathOf("policy.yaml"));
  }

  void SwapLink(const std::string& target) {
    std::filesystem::create_symlink(target, lab_->PathOf("next"));
    std::filesystem::rename(lab_->PathOf("next"), lab_->PathOf("policy.yaml"));
  }

  void ReplaceByRename(const std::string& text) {
    lab_->WriteFile("new.yaml", text);
    std::filesystem::rename(lab_->PathOf("new.yaml"), lab_->PathOf("policy.yaml"));
  }

  std::unique_ptr<Lab> lab_;
  std::string here_;
  std::string there_;
  std::string quiet_;
};

TEST_P(FollowTest, TheShadowFollowsTrafficThatMoves) {
  lab_->OnlyTrafficIn({here_});
  Start({});
  ASSERT_TRUE(lab_->WaitFor([&] { return lab_->Shadow(here_); })) << lab_->Describe();
  lab_->OnlyTrafficIn({there_});
  EXPECT_TRUE(lab_->WaitFor([&] { return lab_->Shadow(there_); })) << lab_->Describe();
  EXPECT_TRUE(lab_->WaitFor([&] { return !lab_->Shadow(here_); })) << lab_->Describe();
  EXPECT_EQ(lab_->Placement("observed"), (std::map<std::string, int>{{"fra", 1}}));
  EXPECT_EQ(lab_->world().machines().size(), 1u);
}

TEST_P(FollowTest, EachWayOfEditingThePolicyIsObeyedAndABrokenOneIsNot) {
  lab_->OnlyTrafficIn({here_});
  Start({});
  ASSERT_TRUE(lab_->WaitFor([&] { return lab_->Shadow(here_); })) << lab_->Describe();

  lab_->WriteFile("v1.yaml", MakePolicy({.always = there_}));
  EXPECT_TRUE(lab_->WaitFor([&] { return lab_->Shadow(there_); })) << "in place: " << lab_->Describe();

  lab_->WriteFile("v2.yaml", MakePolicy({.always = quiet_}));
  SwapLink("v2.yaml");
  EXPECT_TRUE(lab_->WaitFor([&] { return lab_->Shadow(quiet_); })) << "symlink swap: " << lab_->Describe();

  ReplaceByRename(MakePolicy({.excluded = quiet_}));
  EXPECT_TRUE(lab_->WaitFor([&] { return !lab_->Shadow(quiet_); })) << "rename: " << lab_->Describe();

  ReplaceByRename(absl::StrReplaceAll(MakePolicy({.excluded = here_}), {{"remove: 4", "remove: 400"}}));
  EXPECT_TRUE(lab_->WaitFor([&] { return lab_->Condition("PolicyAccepted", "status") == "False"; }));
  // The threshold map stands in line 9 of the file.
  EXPECT_NE(lab_->Condition("PolicyAccepted", "message").find("policy.yaml:9:"), std::string::npos)
      << lab_->Condition("PolicyAccepted", "message");
  EXPECT_TRUE(lab_->HoldsFor([&] { return lab_->Shadow(here_); }, absl::Seconds(5)))
      << "the last good policy stays";
}

TEST_P(FollowTest, BlindnessRemovesNothingByTrafficWhileThePolicyStillSteers) {
  lab_->OnlyTrafficIn({here_, there_});
  Start({});
  ASSERT_TRUE(lab_->WaitFor([&] { return lab_->Shadow(here_) && lab_->Shadow(there_); })) << lab_->Describe();

  lab_->StopMetricsServer();
  lab_->OnlyTrafficIn({});
  EXPECT_TRUE(lab_->WaitFor([&] { return lab_->Condition("TrafficObserved", "status") == "False"; }));
  EXPECT_TRUE(lab_->HoldsFor([&] { return lab_->Shadow(here_) && lab_->Shadow(there_); }, absl::Seconds(25)))
      << lab_->Describe();

  lab_->WriteFile("v1.yaml", MakePolicy({.excluded = here_}));
  EXPECT_TRUE(lab_->WaitFor([&] { return !lab_->Shadow(here_); })) << lab_->Describe();
  EXPECT_TRUE(lab_->Shadow(there_));
}

TEST_P(FollowTest, TrueSilenceShrinksToTheFloor) {
  lab_->OnlyTrafficIn({here_, there_});
  Start({});
  ASSERT_TRUE(lab_->WaitFor([&] { return lab_->Shadow(here_) && lab_->Shadow(there_); })) << lab_->Describe();
  lab_->OnlyTrafficIn({});
  EXPECT_TRUE(lab_->WaitFor([&] { return lab_->Placement("shadow").size() == 1; })) << lab_->Describe();
  EXPECT_TRUE(lab_->HoldsFor([&] { return lab_->Placement("shadow").size() == 1; }, absl::Seconds(10)))
      << lab_->Describe();
}

TEST_P(FollowTest, ARestartKeepsTheShadowAndTheCooldowns) {
  lab_->OnlyTrafficIn({here_});
  Start({.cooldown = "10m"});
  ASSERT_TRUE(lab_->WaitFor([&] { return lab_->Shadow(here_); })) << lab_->Describe();
  lab_->OnlyTrafficIn({});
  const auto cooling = [&] {
    const boost::json::value region = lab_->Region(here_);
    return !region.is_null() && region.at("reason") == "Cooldown";
  };
  ASSERT_TRUE(lab_->WaitFor(cooling)) << lab_->Describe();
  const double before = lab_->Region(here_).at("cooldownRemainingSeconds").to_number<double>();

  ASSERT_TRUE(lab_->StopController()) << lab_->Describe();
  lab_->StartController(lab_->PathOf("policy.yaml"));
  ASSERT_TRUE(lab_->WaitFor([&] { return !lab_->Region(here_).is_null(); })) << lab_->Describe();
  EXPECT_TRUE(lab_->Shadow(here_)) << lab_->Describe();
  ASSERT_TRUE(lab_->WaitFor(cooling)) << lab_->Describe();
  const double after = lab_->Region(here_).at("cooldownRemainingSeconds").to_number<double>();
  EXPECT_GT(after, 0);
  EXPECT_LE(after, before);
}

INSTANTIATE_TEST_SUITE_P(RealServers, FollowTest,
                         ::testing::Values(MetricsServer::kPrometheus, MetricsServer::kVictoriaMetrics),
                         NameOf);

}  // namespace
}  // namespace placer::testing
