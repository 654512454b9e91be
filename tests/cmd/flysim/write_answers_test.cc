// Our own client's requests against flysim's answers, without a socket; and the errors that Fly was seen to
// answer, through the whole way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "api/machines_api.h"
#include "api/machines_writes.h"
#include "cmd/flysim/answers.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

using ::testing::HasSubstr;
using Kind = MachineChange::Kind;

class WriteAnswersTest : public ::testing::Test {
 protected:
  HttpResponse Ask(const HttpRequest& request) { return MakeAnswer(world_, {}, request); }
  absl::StatusOr<Machine> Create(const CreateMachine& request) {
    return ParseMachine(Ask(BuildCreateMachine("", "some", "demo", request)));
  }
  absl::Status Apply(const MachineChange& change) {
    return ParseMachineChanged(Ask(BuildMachineChange("", "some", "demo", change)), change);
  }
  absl::StatusOr<Lease> Take(const TakeLease& request) {
    return ParseTakenLease(Ask(BuildTakeLease("", "some", "demo", request)));
  }

  World world_{MakeOptions(0)};
  std::string id_ = world_.AddMachine("iad", "stopped");
};

TEST_F(WriteAnswersTest, ACreatedMachineReadsBackAsItIsInTheWorld) {
  const auto created = Create(MakeCreate());
  ASSERT_TRUE(created.ok()) << created.status();
  const Machine known = FindMachine(world_, created->id);
  EXPECT_EQ(created->name, known.name);
  EXPECT_EQ(created->metadata, known.metadata);
  EXPECT_EQ(*created->config, *known.config);
  EXPECT_EQ(created->image_ref, known.image_ref);
  EXPECT_EQ(created->hard_limit, known.hard_limit);
  EXPECT_EQ(created->config_changed_at, known.config_changed_at);
  EXPECT_TRUE(created->cordoned);
}

TEST_F(WriteAnswersTest, AnUpdateReadsBackWithItsNewInstance) {
  const std::string before = FindMachine(world_, id_).instance_id;
  const UpdateMachine update{.machine_id = id_, .config = kSmallConfig, .current_version = before};
  const auto updated = ParseMachine(Ask(BuildUpdateMachine("", "some", "demo", update)));
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_NE(updated->instance_id, before);
  EXPECT_EQ(ScopeOf(ParseMachine(Ask(BuildUpdateMachine("", "some", "demo", update))).status()),
            ErrorScope::kConflict);
}

TEST_F(WriteAnswersTest, AnUpdateThatSkipsItsLaunchStopsWhatRan) {
  for (const bool skips : {true, false}) {
    const std::string id = world_.AddMachine("iad", "started");
    const UpdateMachine update{.machine_id = id, .config = kSmallConfig, .skip_launch = skips};
    ASSERT_TRUE(ParseMachine(Ask(BuildUpdateMachine("", "some", "demo", update))).ok());
    PassSeconds(world_, 10);
    EXPECT_EQ(FindMachine(world_, id).state, skips ? "stopped" : "started");
  }
}

TEST_F(WriteAnswersTest, EveryChangeArrives) {
  EXPECT_TRUE(Apply(MakeChange(Kind::kCordon, id_)).ok());
  EXPECT_TRUE(FindMachine(world_, id_).cordoned);
  EXPECT_TRUE(Apply(MakeChange(Kind::kUncordon, id_)).ok());
  EXPECT_FALSE(FindMachine(world_, id_).cordoned);
  EXPECT_TRUE(Apply(MakeChange(Kind::kStart, id_)).ok());
  PassSeconds(world_, 10);
  EXPECT_EQ(FindMachine(world_, id_).state, "started");
  EXPECT_TRUE(Apply(MakeChange(Kind::kSuspend, id_)).ok());
  PassSeconds(world_, 5);
  EXPECT_EQ(FindMachine(world_, id_).state, "suspended");
  EXPECT_TRUE(Apply(MakeChange(Kind::kStop, id_)).ok());
  PassSeconds(world_, 5);
  EXPECT_EQ(FindMachine(world_, id_).state, "stopped");
  EXPECT_TRUE(Apply(MakeChange(Kind::kDestroy, id_)).ok());
  PassSeconds(world_, 5);
  EXPECT_EQ(ParseMachine(Ask(BuildGetMachine("", "some", "demo", id_)))->state, "destroyed");
  EXPECT_EQ(ScopeOf(Apply(MakeChange(Kind::kStart, id_))), ErrorScope::kGone);
}

TEST_F(WriteAnswersTest, MetadataIsSetReadAndDeleted) {
  MachineChange set{.kind = Kind::kSetMetadata, .machine_id = id_, .key = "a/b c", .value = "x\"y"};
  ASSERT_TRUE(Apply(set).ok());
  EXPECT_EQ(FindMachine(world_, id_).metadata.at("a/b c"), "x\"y");
  HttpRequest read = BuildMachineChange("", "some", "demo", set);
  read.method = "GET";
  EXPECT_EQ(Ask(read).body, "{\"value\":\"x\\\"y\"}");
  set.value = "";
  ASSERT_TRUE(Apply(set).ok());
  EXPECT_EQ(Ask(read).status, 404);
}

TEST_F(WriteAnswersTest, ALeaseIsTakenSeenRenewedAndReleased) {
  const TakeLease take{.machine_id = id_, .ttl = absl::Seconds(30), .description = "us"};
  const auto lease = Take(take);
  ASSERT_TRUE(lease.ok()) << lease.status();
  EXPECT_EQ(lease->expires_at, kStart + absl::Seconds(30));
  const auto seen = ParseLease(Ask(BuildGetLease("", "some", "demo", id_)));
  EXPECT_EQ(seen->description, "us");
  EXPECT_EQ(seen->nonce, "");
  EXPECT_EQ(ScopeOf(Take(take).status()), ErrorScope::kConflict);
  PassSeconds(world_, 10);
  TakeLease renew = take;
  renew.nonce = lease->nonce;
  EXPECT_EQ(Take(renew)->expires_at, kStart + absl::Seconds(40));
  EXPECT_EQ(ScopeOf(Apply(MakeChange(Kind::kStart, id_))), ErrorScope::kConflict);
  EXPECT_TRUE(Apply(MakeChange(Kind::kReleaseLease, id_, lease->nonce)).ok());
  EXPECT_EQ(ScopeOf(ParseLease(Ask(BuildGetLease("", "some", "demo", id_))).status()), ErrorScope::kGone);
}

TEST_F(WriteAnswersTest, AWaitIsAnsweredByTheStateAsItIs) {
  const auto wait = [&](const std::string& state) {
    return ParseWaited(Ask(BuildWaitForState(
        "", "some", "demo", {.machine_id = id_, .state = state, .timeout = absl::Seconds(5)})));
  };
  EXPECT_TRUE(wait("stopped").ok());
  EXPECT_EQ(wait("started").code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(wait("flying").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(WriteAnswersTest, AWaitForAnotherInstanceIsNotOver) {
  const WaitForState wait{
      .machine_id = id_, .instance_id = "01OTHER", .state = "stopped", .timeout = absl::Seconds(5)};
  EXPECT_EQ(ParseWaited(Ask(BuildWaitForState("", "some", "demo", wait))).code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(WriteAnswersTest, VolumesAreCreatedAndListed) {
  const auto volume = ParseVolume(
      Ask(BuildCreateVolume("", "some", "demo", {.name = "data", .region = "iad", .size_gb = 2})));
  ASSERT_TRUE(volume.ok()) << volume.status();
  EXPECT_EQ(volume->size_gb, 2);
  const auto volumes = ParseVolumeList(Ask(BuildListVolumes("", "some", "demo")));
  ASSERT_EQ(volumes->size(), 1u);
  EXPECT_EQ(volumes->front().id, volume->id);
}

TEST_F(WriteAnswersTest, PlacementsTellTheRoomPerRegion) {
  world_.SetCapacity("iad", 3);
  const auto rooms = ParsePlacements(
      Ask(BuildPlacements("", "some", {.organization = "personal", .region = "iad", .count = 9})));
  ASSERT_EQ(rooms->size(), 1u);
  EXPECT_EQ(rooms->front().count, 2);
}

TEST_F(WriteAnswersTest, ALostReplyIsNoAnswerOfThePlatform) {
  world_.SetFaults({.lost_replies = 1});
  EXPECT_EQ(ScopeOf(Create(MakeCreate()).status()), ErrorScope::kUnknown);
  EXPECT_EQ(world_.machines().size(), 3u);
}

TEST_F(WriteAnswersTest, AStopWithAnArrayIsRefusedAsFlyDoes) {
  HttpRequest request = BuildMachineChange("", "some", "demo", MakeChange(Kind::kStop, id_));
  request.body = "[]";
  const HttpResponse response = Ask(request);
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("main.stopRequest"));
}

struct HostileCase {
  const char* name;
  const char* method;
  const char* target;
  const char* body;
  int status;
};

class HostileTest : public WriteAnswersTest, public ::testing::WithParamInterface<HostileCase> {};

TEST_P(HostileTest, IsAnsweredWithAnErrorAndChangesNothing) {
  HttpRequest request{.method = GetParam().method, .target = GetParam().target, .body = GetParam().body};
  request.headers = {{"Authorization", "Bearer some"}};
  const std::string before = world_.RenderMachineList();
  EXPECT_EQ(Ask(request).status, GetParam().status);
  EXPECT_EQ(world_.RenderMachineList(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, HostileTest,
    ::testing::Values(
        HostileCase{"CreateWithoutBody", "POST", "/v1/apps/demo/machines", "", 400},
        HostileCase{"CreateWithBrokenJson", "POST", "/v1/apps/demo/machines", "{", 400},
        HostileCase{"CreateWithAnArray", "POST", "/v1/apps/demo/machines", "[1]", 400},
        HostileCase{"NameIsANumber", "POST", "/v1/apps/demo/machines", R"({"name":1})", 400},
        HostileCase{"ConfigIsText", "POST", "/v1/apps/demo/machines", R"({"region":"iad","config":"x"})",
                    400},
        HostileCase{"VolumeTooLarge", "POST", "/v1/apps/demo/volumes", R"({"region":"iad","size_gb":1e9})",
                    400},
        HostileCase{"UnknownVerb", "POST", "/v1/apps/demo/machines/x/explode", "", 404},
        HostileCase{"UnknownMachine", "POST", "/v1/apps/demo/machines/x/start", "", 404},
        HostileCase{"LeaseOfAnUnknownMachine", "POST", "/v1/apps/demo/machines/x/lease", "{}", 404},
        HostileCase{"MetadataOfAnUnknownMachine", "POST", "/v1/apps/demo/machines/x/metadata/k",
                    R"({"value":"v"})", 404},
        HostileCase{"WrongMethod", "PUT", "/v1/apps/demo/machines", "", 405},
        HostileCase{"OtherApp", "POST", "/v1/apps/other/machines", "{}", 404},
        HostileCase{"PlacementsWithoutOrganization", "POST", "/v1/platform/placements", "{}", 400}),
    [](const auto& tested) { return tested.param.name; });

// What our client makes of each answer that Fly was seen to give is the same in process as over HTTP.
TEST_F(WriteAnswersTest, EveryErrorThatFlyWasSeenToAnswerCanBeScripted) {
  const char* folder = std::getenv("FLY_AUTOPLACER_DATA");
  if (folder == nullptr) GTEST_SKIP() << "FLY_AUTOPLACER_DATA is not set";
  std::ifstream file(std::string(folder) + "/fly/fly-error-vectors.json");
  std::stringstream text;
  text << file.rdbuf();
  const boost::json::value vectors = boost::json::parse(text.str());
  ASSERT_GE(vectors.as_array().size(), 20u);
  for (const boost::json::value& vector : vectors.as_array()) {
    const int http_status = static_cast<int>(vector.at("http_status").as_int64());
    const std::string body = vector.at("body").as_string().c_str();
    world_.FailCreates("iad", http_status, body, 2);
    const HttpResponse response = Ask(BuildCreateMachine("", "some", "demo", MakeCreate()));
    EXPECT_EQ(response.status, http_status);
    EXPECT_EQ(response.body, body);
    const absl::Status in_process = world_.Create(MakeCreate()).status();
    EXPECT_EQ(in_process.code(), ParseMachine(response).status().code()) << body;
    EXPECT_EQ(in_process.message(), ParseMachine(response).status().message());
    EXPECT_EQ(ScopeOf(in_process), ScopeOf(ParseMachine(response).status())) << body;
  }
}

}  // namespace
}  // namespace placer::flysim
