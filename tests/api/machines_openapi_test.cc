// Every request that we can send to the Machines API against Fly's OpenAPI document.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/machine_template.h"
#include "api/machines_api.h"
#include "api/machines_writes.h"
#include "tests/simulated/openapi.h"

namespace placer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = MachineChange::Kind;

// A config as it is read back, with what must not be sent again.
constexpr char kReadBack[] = R"({"image":"registry.fly.io/web:t","env":{"A":"b"},
    "guest":{"cpu_kind":"shared","cpus":1,"memory_mb":256},"metadata":{"fly_process_group":"app"},
    "services":[{"protocol":"tcp","internal_port":8080,"autostop":true,"autostart":true,"min_machines_running":0,
      "force_instance_key":null,"ports":[{"port":443,"handlers":["tls","http"]}],
      "concurrency":{"type":"requests","soft_limit":20,"hard_limit":25},
      "checks":[{"type":"http","interval":"15s","timeout":"2s","grace_period":"5s","method":"GET","path":"/"}]},
      {"protocol":"tcp","internal_port":5000,"autostop":false}],
    "mounts":[{"volume":"vol_a","path":"/data","name":"data","size_gb":1,"encrypted":true}],
    "restart":{"policy":"on-failure","max_retries":10},"checks":null})";

std::string CloneConfig() {
  const auto config =
      MakeCloneConfig({.machine_id = "m0", .image_ref = "registry.fly.io/web@sha256:d", .config = kReadBack},
                      {.policy = "web", .intent = "i", .owner = "me 5", .volume_ids = {"vol_b"}});
  EXPECT_TRUE(config.ok()) << config.status();
  return config.value_or("");
}

std::vector<HttpRequest> EveryRequest() {
  std::vector<HttpRequest> requests = {
      BuildListMachines("", "t", "a"),
      BuildGetMachine("", "t", "a", "m"),
      BuildListRegions("", "t"),
      BuildCreateMachine("", "t", "a", {.name = "ap-web-fra-1-g1", .region = "fra", .config = CloneConfig()}),
      BuildUpdateMachine(
          "", "t", "a",
          {.machine_id = "m", .config = CloneConfig(), .current_version = "v", .lease_nonce = "n"}),
      BuildUpdateMachine("", "t", "a", {.machine_id = "m", .config = CloneConfig(), .skip_launch = true}),
      BuildTakeLease("", "t", "a", {.machine_id = "m", .ttl = absl::Minutes(1), .description = "d"}),
      BuildTakeLease("", "t", "a", {.machine_id = "m", .ttl = absl::Minutes(1), .nonce = "n"}),
      BuildGetLease("", "t", "a", "m"),
      BuildListVolumes("", "t", "a"),
      BuildCreateVolume("", "t", "a", {.name = "data", .region = "fra", .size_gb = 3}),
      BuildPlacements("", "t", {.organization = "personal", .region = "fra", .count = 2}),
      BuildPlacements("", "t", {.organization = "personal"}),
  };
  for (const Kind kind : {Kind::kStart, Kind::kStop, Kind::kSuspend, Kind::kDestroy, Kind::kCordon,
                          Kind::kUncordon, Kind::kReleaseLease}) {
    requests.push_back(
        BuildMachineChange("", "t", "a", {.kind = kind, .machine_id = "m", .lease_nonce = "n"}));
  }
  for (const char* value : {"v", ""}) {
    requests.push_back(BuildMachineChange(
        "", "t", "a", {.kind = Kind::kSetMetadata, .machine_id = "m", .key = "k", .value = value}));
  }
  for (const char* state : {"started", "stopped", "suspended", "destroyed"}) {
    requests.push_back(BuildWaitForState(
        "", "t", "a", {.machine_id = "m", .instance_id = "v", .state = state, .timeout = absl::Seconds(9)}));
  }
  return requests;
}

class MachinesOpenApiTest : public testing::Test {
 protected:
  void SetUp() override {
    document_ = OpenApi::Load();
    if (document_ == nullptr) GTEST_SKIP() << "FLY_AUTOPLACER_DATA is not set";
    document_->set_closed(true);
  }
  std::vector<std::string> ViolationsOf(const HttpRequest& request) {
    const std::size_t before = document_->violations().size();
    document_->CheckRequest(request);
    return {document_->violations().begin() + static_cast<std::ptrdiff_t>(before),
            document_->violations().end()};
  }

  std::unique_ptr<OpenApi> document_;
};

TEST_F(MachinesOpenApiTest, EveryRequestThatWeSendIsValid) {
  for (const HttpRequest& request : EveryRequest()) {
    EXPECT_THAT(ViolationsOf(request), IsEmpty()) << request.body;
  }
  EXPECT_GT(document_->checked_values(), 100);
}

TEST_F(MachinesOpenApiTest, TheValidatorSeesWhatIsWrong) {
  HttpRequest request = BuildWaitForState("", "", "a", {.machine_id = "m", .state = "happy"});
  EXPECT_THAT(
      ViolationsOf(request),
      ElementsAre(
          "GET /v1/apps/a/machines/m/wait?state=happy&timeout=1 state is none of the allowed values"));
  EXPECT_THAT(
      ViolationsOf({.target = "/v1/apps/a/machines/m/wait?patience=1"}),
      ElementsAre("GET /v1/apps/a/machines/m/wait?patience=1: the query parameter patience is not known"));
  EXPECT_THAT(ViolationsOf({.method = "PATCH", .target = "/v1/apps/a/machines"}),
              ElementsAre("PATCH /v1/apps/a/machines: no such path or method"));
  EXPECT_THAT(ViolationsOf({.target = "/v2/platform/regions"}),
              ElementsAre("GET /v2/platform/regions: no such path or method"));
  EXPECT_THAT(ViolationsOf(BuildMachineChange("", "", "a", {.kind = Kind::kReleaseLease, .machine_id = "m"})),
              ElementsAre("DELETE /v1/apps/a/machines/m/lease: lacks the parameter fly-machine-lease-nonce"));
  request = BuildCreateMachine("", "", "a", {.config = kReadBack});
  // Two autostops, each by its type and by its value; a null key and null checks.
  EXPECT_EQ(ViolationsOf(request).size(), 6u);
  request = BuildCreateVolume("", "", "a", {});
  request.body = "{";
  EXPECT_THAT(ViolationsOf(request), ElementsAre("POST /v1/apps/a/volumes: its body is no JSON"));
  request.body = R"({"nam":"x"})";
  EXPECT_THAT(ViolationsOf(request), ElementsAre("POST /v1/apps/a/volumes body.nam is not known"));
  request.body = "";
  EXPECT_THAT(ViolationsOf(request), ElementsAre("POST /v1/apps/a/volumes: lacks its body"));
}

}  // namespace
}  // namespace placer
