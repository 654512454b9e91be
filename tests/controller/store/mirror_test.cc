#include "controller/store/mirror.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "tests/controller/store/store_fixture.h"

namespace placer {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

PassRecord MakePlacedRecord(const std::string& policy, Mode mode = Mode::kDryRun) {
  PassRecord record = MakeRecord(policy, mode);
  record.state.history.regions["fra"] = {
      .placed = true, .last_action = LastAction{.action = Action::kDeploy, .ended = At(0.5)}, .machines = 1};
  record.state.history.regions["iad"] = {.machines = 2};
  record.state.history.regions["syd"] = {.placed = false};
  record.traffic[At(0)] = {{"fra", 12}, {"iad", 0.5}};
  record.traffic[At(60)] = {{"fra", 13}};
  return record;
}

TEST_F(StoreTest, MirrorShowsRegionsWithMachinesAndTheirLastAction) {
  ASSERT_TRUE(Commit(*Open("default"), MakePlacedRecord("default")).ok());
  EXPECT_EQ(ReadFile("deployment_state_dry_run.json"),
            "{\n  \"fra\": \"2026-11-24T22:46:12.5+00:00\",\n  \"iad\": null\n}\n");
}

TEST_F(StoreTest, MirrorShowsTrafficNewestFirst) {
  ASSERT_TRUE(Commit(*Open("default"), MakePlacedRecord("default")).ok());
  EXPECT_EQ(ReadFile("traffic_history_dry_run.json"),
            "{\n  \"2026-11-24T22:47:12+00:00\": {\n    \"fra\": 13\n  },\n"
            "  \"2026-11-24T22:46:12+00:00\": {\n    \"fra\": 12,\n    \"iad\": 0.5\n  }\n}\n");
}

TEST_F(StoreTest, MirrorKeepsTheLastTwentyPoints) {
  PassRecord record = MakeRecord("default");
  for (int i = 0; i < 25; ++i) record.traffic[At(60 * i)]["fra"] = i;
  ASSERT_TRUE(Commit(*Open("default"), record).ok());
  const auto points = boost::json::parse(ReadFile("traffic_history_dry_run.json")).as_object();
  EXPECT_THAT(points, SizeIs(20));
  EXPECT_FALSE(points.contains("2026-11-24T22:50:12+00:00"));
}

TEST_F(StoreTest, EveryPolicyAndModeHasFilesOfItsOwn) {
  const auto store = Open("default");
  ASSERT_TRUE(Commit(*store, MakePlacedRecord("default", Mode::kActive)).ok());
  ASSERT_TRUE(Commit(*store, MakePlacedRecord("web")).ok());
  EXPECT_THAT(FilesLike("deployment_state"), testing::ElementsAre("deployment_state.json"));
  EXPECT_THAT(ReadFile("web/deployment_state_dry_run.json"), HasSubstr("fra"));
}

TEST_F(StoreTest, AnEmptyPlacementIsAnEmptyObject) {
  ASSERT_TRUE(Commit(*Open("default"), MakeRecord("default")).ok());
  EXPECT_EQ(ReadFile("deployment_state_dry_run.json"), "{}\n");
  EXPECT_EQ(ReadFile("traffic_history_dry_run.json"), "{}\n");
}

TEST_F(StoreTest, NoTemporaryFileStays) {
  ASSERT_TRUE(Commit(*Open("default"), MakePlacedRecord("default")).ok());
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_NE(entry.path().extension(), ".tmp");
  }
}

TEST_F(StoreTest, ADeletedMirrorComesBack) {
  const auto store = Open("default");
  ASSERT_TRUE(Commit(*store, MakePlacedRecord("default")).ok());
  std::filesystem::remove(Path("deployment_state_dry_run.json"));
  ASSERT_TRUE(Commit(*store, MakePlacedRecord("default")).ok());
  EXPECT_THAT(ReadFile("deployment_state_dry_run.json"), HasSubstr("fra"));
}

TEST_F(StoreTest, ForgettingASetRemovesItsDeploymentState) {
  const auto store = Open("default");
  ASSERT_TRUE(Commit(*store, MakePlacedRecord("default")).ok());
  ASSERT_TRUE(Await(store->Forget("default", Mode::kDryRun)).ok());
  EXPECT_THAT(FilesLike("deployment_state"), IsEmpty());
}

TEST_F(StoreTest, ForgettingWhatWasNeverStoredLeavesFilesAlone) {
  WriteFile("deployment_state_dry_run.json", "{\"fra\": null}");
  ASSERT_TRUE(Await(Open("default")->Forget("default", Mode::kDryRun)).ok());
  EXPECT_EQ(ReadFile("deployment_state_dry_run.json"), "{\"fra\": null}");
}

TEST_F(StoreTest, AMirrorThatCannotBeWrittenWarnsOnceAndFailsNoCommit) {
  WriteFile("web", "a file where the policy's folder should be");
  const auto store = Open();
  EXPECT_TRUE(Commit(*store, MakePlacedRecord("web")).ok());
  EXPECT_TRUE(Commit(*store, MakePlacedRecord("web")).ok());
  ASSERT_THAT(log_.lines(), SizeIs(1));
  EXPECT_THAT(log_.lines()[0], HasSubstr("deployment_state_dry_run.json"));
}

TEST_F(StoreTest, AMirrorThatCannotBeWrittenWarnsOnceWhateverElseIsStored) {
  WriteFile("web", "a file where the policy's folder should be");
  const auto store = Open();
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_TRUE(Commit(*store, MakePlacedRecord("web")).ok());
    EXPECT_TRUE(Commit(*store, MakePlacedRecord("api")).ok());
    EXPECT_TRUE(Await(store->Save("web", Mode::kDryRun, PolicyState())).ok());
  }
  EXPECT_THAT(log_.lines(), SizeIs(1));
}

TEST_F(StoreTest, AMirrorThatWasWrittenAgainMayWarnAnew) {
  const auto store = Open();
  for (int time = 0; time < 2; ++time) {
    WriteFile("web", "a file where the policy's folder should be");
    EXPECT_TRUE(Commit(*store, MakePlacedRecord("web")).ok());
    std::filesystem::remove(Path("web"));
    EXPECT_TRUE(Commit(*store, MakePlacedRecord("web")).ok());
    std::filesystem::remove_all(Path("web"));
  }
  EXPECT_THAT(log_.lines(), SizeIs(2));
}

TEST_F(StoreTest, HostileNamesLeadNowhereElse) {
  for (const char* name : {"../../etc", "..", ".", "/tmp/x", "a/b", "a\nb", ""}) {
    const MirrorPaths paths = ComputeMirrorPaths("/data", "default", {.policy = name, .mode = Mode::kActive});
    const std::filesystem::path path = std::filesystem::path(paths.deployment_state).lexically_normal();
    EXPECT_EQ(path.parent_path().parent_path(), "/data") << paths.deployment_state;
  }
}

TEST_F(StoreTest, HostileRegionsStayJson) {
  History history;
  history.regions["a\"\n\\\xff"].machines = 1;
  const auto parsed = boost::json::parse(FormatDeploymentState(history));
  EXPECT_TRUE(parsed.as_object().contains("a\"\n\\\xEF\xBF\xBD"));
}

}  // namespace
}  // namespace placer
