#include "controller/store/import.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/controller/store/store_fixture.h"

namespace placer {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(StoreTest, TheProofOfConceptsStateIsTakenOver) {
  WriteFile("deployment_state_dry_run.json",
            R"({"fra": "2026-10-12T20:17:07.111783+00:00", "iad": null, "sfo": "2026-10-20T15:27:46"})");
  const auto state = Open("default")->Load("default", Mode::kDryRun);
  ASSERT_TRUE(state.ok()) << state.status();
  ASSERT_THAT(state->history.regions, SizeIs(3));
  const RegionHistory& fra = state->history.regions.at("fra");
  EXPECT_EQ(fra.placed, true);
  ASSERT_TRUE(fra.last_action.has_value());
  EXPECT_EQ(fra.last_action->action, Action::kDeploy);
  EXPECT_EQ(absl::FormatTime(fra.last_action->ended, absl::UTCTimeZone()),
            "2026-10-12T20:17:07.111783+00:00");
  EXPECT_EQ(state->history.regions.at("iad").placed, true);
  EXPECT_FALSE(state->history.regions.at("iad").last_action.has_value());
  EXPECT_TRUE(state->history.regions.at("sfo").last_action.has_value());
}

TEST_F(StoreTest, TheOlderListFormIsTakenOver) {
  WriteFile("deployment_state.json", R"(["iad", "cdg"])");
  const auto state = Open("default")->Load("default", Mode::kActive);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->history.regions.at("cdg").placed, true);
  EXPECT_THAT(state->history.regions, SizeIs(2));
}

TEST_F(StoreTest, OnlyTheFlatPolicyImports) {
  WriteFile("deployment_state_dry_run.json", R"(["iad"])");
  WriteFile("web/deployment_state_dry_run.json", R"(["iad"])");
  EXPECT_TRUE(absl::IsNotFound(Open("default")->Load("web", Mode::kDryRun).status()));
  EXPECT_TRUE(absl::IsNotFound(Open("")->Load("", Mode::kDryRun).status()));
}

TEST_F(StoreTest, TheOtherModesFileIsNotImported) {
  WriteFile("deployment_state_dry_run.json", R"(["iad"])");
  EXPECT_TRUE(absl::IsNotFound(Open("default")->Load("default", Mode::kActive).status()));
}

TEST_F(StoreTest, ImportedTrafficIsStoredWithTheFirstPass) {
  WriteFile("traffic_history_dry_run.json", R"({"2026-11-24T22:40:00.5+00:00": {"cdg": 27, "ams": 1.5}})");
  const auto store = Open("default");
  EXPECT_TRUE(absl::IsNotFound(store->Load("default", Mode::kDryRun).status()));
  ASSERT_TRUE(Commit(*store, MakeRecord("default")).ok());
  const auto traffic = StoredTraffic("default");
  ASSERT_THAT(*traffic, SizeIs(1));
  EXPECT_EQ(traffic->begin()->second, (std::map<std::string, double>{{"ams", 1.5}, {"cdg", 27}}));
}

TEST_F(StoreTest, AKillBeforeTheFirstPassImportsAgain) {
  WriteFile("deployment_state_dry_run.json", R"(["iad"])");
  EXPECT_TRUE(Open("default")->Load("default", Mode::kDryRun).ok());
  EXPECT_TRUE(Open("default")->Load("default", Mode::kDryRun).ok());
}

TEST_F(StoreTest, OurOwnMirrorsAreNeverImported) {
  WriteFile("deployment_state_dry_run.json", R"(["iad"])");
  const auto store = Open("default");
  ASSERT_TRUE(Commit(*store, MakeRecord("default")).ok());
  ASSERT_TRUE(Await(store->Forget("default", Mode::kDryRun)).ok());
  WriteFile("deployment_state_dry_run.json", R"(["iad"])");
  EXPECT_TRUE(absl::IsNotFound(store->Load("default", Mode::kDryRun).status()));
}

struct BadFile {
  const char* name;
  std::string text;
  const char* words;
};

class BadStateFileTest : public StoreTest, public testing::WithParamInterface<BadFile> {};

TEST_P(BadStateFileTest, IsIgnoredKeptAndWarnedOf) {
  WriteFile("deployment_state_dry_run.json", GetParam().text);
  EXPECT_TRUE(absl::IsNotFound(Open("default")->Load("default", Mode::kDryRun).status()));
  EXPECT_EQ(ReadFile("deployment_state_dry_run.json"), GetParam().text);
  ASSERT_THAT(log_.lines(), SizeIs(1));
  EXPECT_THAT(log_.lines()[0], HasSubstr(GetParam().words));
  EXPECT_LT(log_.lines()[0].size(), 400u);
}

INSTANTIATE_TEST_SUITE_P(
    , BadStateFileTest,
    testing::Values(BadFile{"NotJson", "{\"fra\": ", "not JSON"},
                    BadFile{"TooLarge", "[\"" + std::string(kMaxImportBytes, 'a') + "\"]", "larger than"},
                    BadFile{"TooDeep", std::string(100, '[') + std::string(100, ']'), "not JSON"},
                    BadFile{"Number", "7", "not an object or a list"},
                    BadFile{"ListOfNumbers", "[1]", "no region code"},
                    BadFile{"HostileRegion", "[\"../../etc/passwd\\n\"]", "no region code"},
                    BadFile{"InvalidUtf8", "[\"fr\xff\"]", "not JSON"}),
    [](const auto& param) { return param.param.name; });

TEST(ImportTest, ABlankFileHoldsNothing) {
  ImportedFiles files;
  ParseDeploymentState(" \n", At(), files);
  ParseTrafficHistory("", At(), files);
  EXPECT_THAT(files.history.regions, IsEmpty());
  EXPECT_THAT(files.warnings, IsEmpty());
}

class AbsurdTimeTest : public testing::TestWithParam<const char*> {};

TEST_P(AbsurdTimeTest, CountsAsNeverDeployedWithAWarning) {
  ImportedFiles files;
  ParseDeploymentState(std::string("{\"fra\": ") + GetParam() + "}", At(), files);
  ASSERT_THAT(files.history.regions, SizeIs(1));
  EXPECT_EQ(files.history.regions.at("fra").placed, true);
  EXPECT_FALSE(files.history.regions.at("fra").last_action.has_value());
  EXPECT_THAT(files.warnings, SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(, AbsurdTimeTest,
                         testing::Values("\"infinite-future\"", "\"infinite-past\"",
                                         "\"9999-01-01T00:00:00Z\"", "\"1970-01-01T00:00:00Z\"",
                                         "\"2026-13-01T00:00:00Z\"", "\"yesterday\"", "\"\"", "17", "{}",
                                         "true"));

TEST(ImportTest, BadTrafficIsLeftOutPointByPointAndValueByValue) {
  ImportedFiles files;
  ParseTrafficHistory(R"({"2026-11-24T22:00:00Z": {"fra": 1, "iad": -1, "ams": "2", "syd": 1e400, "X Y": 3},
                          "soon": {"fra": 2}, "2026-11-24T22:01:00Z": [4]})",
                      At(), files);
  ASSERT_THAT(files.traffic, SizeIs(1));
  EXPECT_EQ(files.traffic.begin()->second, (std::map<std::string, double>{{"fra", 1}}));
  EXPECT_THAT(files.warnings, SizeIs(6));
}

TEST(ImportTest, AFileOfNonsenseMakesFewWarnings) {
  ImportedFiles files;
  std::string text = "[0";
  for (int i = 1; i < 900; ++i) text += ",0";
  ParseDeploymentState(text + "]", At(), files);
  EXPECT_THAT(files.warnings, SizeIs(11));
  EXPECT_EQ(files.warnings.back(), "and 890 more of this kind");
}

TEST_F(StoreTest, APipeInPlaceOfTheFileIsNotWaitedFor) {
  ASSERT_EQ(mkfifo(Path("deployment_state_dry_run.json").c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsNotFound(Open("default")->Load("default", Mode::kDryRun).status()));
  ASSERT_THAT(log_.lines(), SizeIs(1));
  EXPECT_THAT(log_.lines()[0], HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace placer
