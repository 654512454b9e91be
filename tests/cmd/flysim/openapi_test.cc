// Every answer against Fly's OpenAPI document.
#include "tests/simulated/openapi.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <string>

#include "api/machines_writes.h"
#include "cmd/flysim/answers.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

namespace json = boost::json;

constexpr char kMachines[] = "/apps/{app_name}/machines";
constexpr char kMachine[] = "/apps/{app_name}/machines/{machine_id}";
constexpr char kVolumes[] = "/apps/{app_name}/volumes";

class OpenApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    document_ = OpenApi::Load();
    if (document_ == nullptr) GTEST_SKIP() << "FLY_AUTOPLACER_DATA is not set";
    id_ = world_.AddMachine("iad", "stopped");
    world_.AddMachine("nrt", "failed");
    world_.SetHostStatus(world_.AddMachine("syd", "started"), "unreachable");
    world_.RemoveMachine(world_.AddMachine("gru", "started"));
  }

  HttpResponse Ask(HttpRequest request) { return MakeAnswer(world_, {}, request); }
  HttpResponse Get(const std::string& target, const std::string& token = "Bearer some") {
    return Ask({.target = target, .headers = {{"Authorization", token}}});
  }
  void ExpectValid(const std::string& body, const json::value& schema) {
    document_->Check(json::parse(body), schema, "body");
    for (const std::string& violation : document_->violations()) ADD_FAILURE() << violation;
    EXPECT_GT(document_->checked_values(), 0);
  }
  void ExpectValid(const HttpResponse& response, int status, const std::string& method,
                   const std::string& path) {
    EXPECT_EQ(response.status, status) << response.body;
    ExpectValid(response.body, document_->FindResponse(method, path, std::to_string(status)));
  }
  void ExpectError(const HttpResponse& response, int status) {
    EXPECT_EQ(response.status, status) << response.body;
    ExpectValid(response.body, document_->FindSchema("ErrorResponse"));
  }

  World world_{MakeOptions(0)};
  std::unique_ptr<OpenApi> document_;
  std::string id_;
};

TEST_F(OpenApiTest, TheMachineListIsValid) {
  ASSERT_TRUE(world_.Take({.machine_id = id_, .ttl = absl::Seconds(30)}).ok());
  ExpectValid(Get("/v1/apps/demo/machines?include_deleted=true"), 200, "get", kMachines);
  EXPECT_GT(document_->checked_values(), 100);
}

TEST_F(OpenApiTest, TheSummaryIsValid) {
  ExpectValid(Get("/v1/apps/demo/machines?summary=true"), 200, "get", kMachines);
}

TEST_F(OpenApiTest, OneMachineIsValid) {
  ExpectValid(Get("/v1/apps/demo/machines/" + id_), 200, "get", kMachine);
}

TEST_F(OpenApiTest, ACreatedAndAnUpdatedMachineAreValid) {
  ExpectValid(Ask(BuildCreateMachine("", "some", "demo", MakeCreate())), 200, "post", kMachines);
  ExpectValid(Ask(BuildUpdateMachine("", "some", "demo", {.machine_id = id_, .config = kSmallConfig})), 200,
              "post", kMachine);
}

TEST_F(OpenApiTest, LeasesAreValidWithinTheirEnvelope) {
  for (const HttpResponse& response : {Ask(BuildTakeLease("", "some", "demo", {.machine_id = id_})),
                                       Ask(BuildGetLease("", "some", "demo", id_))}) {
    ExpectValid(json::serialize(json::parse(response.body).at("data")), document_->FindSchema("Lease"));
  }
}

TEST_F(OpenApiTest, MetadataIsValid) {
  ExpectValid(Get("/v1/apps/demo/machines/" + id_ + "/metadata"), 200, "get",
              std::string(kMachine) + "/metadata");
  ExpectValid(Get("/v1/apps/demo/machines/" + id_ + "/metadata/fly_process_group"), 200, "get",
              std::string(kMachine) + "/metadata/{key}");
}

TEST_F(OpenApiTest, AWaitIsValid) {
  ExpectValid(Get("/v1/apps/demo/machines/" + id_ + "/wait?state=stopped"), 200, "get",
              std::string(kMachine) + "/wait");
}

TEST_F(OpenApiTest, VolumesAreValid) {
  ExpectValid(Ask(BuildCreateVolume("", "some", "demo", {.name = "data", .region = "iad"})), 200, "post",
              kVolumes);
  ExpectValid(Get("/v1/apps/demo/volumes"), 200, "get", kVolumes);
  ExpectValid(Get("/v1/apps/demo/volumes/" + world_.volumes().front().id), 200, "get",
              std::string(kVolumes) + "/{volume_id}");
}

TEST_F(OpenApiTest, PlatformAndAppAreValid) {
  ExpectValid(Get("/v1/platform/regions"), 200, "get", "/platform/regions");
  ExpectValid(Ask(BuildPlacements("", "some", {.organization = "personal"})), 200, "post",
              "/platform/placements");
  ExpectValid(Get("/v1/apps/demo"), 200, "get", "/apps/{app_name}");
}

TEST_F(OpenApiTest, ErrorsAreValid) {
  ExpectError(Get("/v1/apps/other/machines"), 404);
  ExpectError(Get("/v1/apps/demo/machines", ""), 401);
  ExpectError(Get("/v1/apps/demo/machines/none"), 404);
  const auto change = [&](MachineChange::Kind kind) {
    return Ask(BuildMachineChange("", "some", "demo", MakeChange(kind, id_)));
  };
  world_.SetMachineState(id_, "started");
  ExpectError(change(MachineChange::Kind::kDestroy), 412);
  ASSERT_TRUE(world_.Take({.machine_id = id_, .ttl = absl::Seconds(30)}).ok());
  ExpectError(change(MachineChange::Kind::kStop), 409);
  world_.SetCapacity("iad", 0);
  ExpectError(Ask(BuildCreateMachine("", "some", "demo", MakeCreate())), 422);
  ExpectError(Get("/v1/apps/demo/machines/" + id_ + "/wait?state=stopped"), 408);
  world_.SetFaults({.errors = 1});
  ExpectError(Get("/v1/apps/demo/machines"), 503);
  world_.SetFaults({.lost_replies = 1});
  world_.SetMachineState(id_, "stopped");
  PassSeconds(world_, 60);
  ExpectError(change(MachineChange::Kind::kStart), 408);
  ExpectError(Ask({.method = "POST", .target = "/_control", .headers = {{"Authorization", "Bearer some"}}}),
              400);
}

TEST_F(OpenApiTest, ARateLimitIsValid) {
  WorldOptions options = MakeOptions(0);
  options.rate_limits = true;
  World limited(options);
  HttpRequest request{.target = "/v1/apps/demo/machines", .headers = {{"Authorization", "Bearer some"}}};
  for (int i = 0; i < 3; ++i) ASSERT_EQ(MakeAnswer(limited, {}, request).status, 200);
  ExpectError(MakeAnswer(limited, {}, request), 429);
}

TEST_F(OpenApiTest, TheValidatorSeesAWrongTypeDeepInside) {
  std::string body = Get("/v1/apps/demo/machines").body;
  const std::string limit = "\"soft_limit\":20";
  ASSERT_NE(body.find(limit), std::string::npos);
  body.replace(body.find(limit), limit.size(), "\"soft_limit\":\"20\"");
  document_->Check(json::parse(body), document_->FindResponse("get", kMachines, "200"), "body");
  EXPECT_EQ(document_->violations().size(), 1u);
}

}  // namespace
}  // namespace placer::flysim
