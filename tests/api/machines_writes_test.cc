#include "api/machines_writes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "api/machines_api.h"

namespace placer {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
using Kind = MachineChange::Kind;

absl::string_view NonceOf(const HttpRequest& request) {
  return FindHeader(request.headers, "fly-machine-lease-nonce");
}

MachineChange Change(Kind kind) {
  return {.kind = kind, .machine_id = "m/1", .lease_nonce = "n0nce"};
}

TEST(MachinesWritesTest, ACreateNamesEverythingAndStaysOutOfTheProxy) {
  const HttpRequest request = BuildCreateMachine("/base", "fm2_t", "my/app",
                                                 {.name = "ap-\"1", .region = "fra", .config = R"({"a":1})"});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/base/v1/apps/my%2Fapp/machines");
  EXPECT_EQ(request.body,
            R"({"name":"ap-\"1","region":"fra","skip_service_registration":true,"config":{"a":1}})");
  EXPECT_EQ(FindHeader(request.headers, "content-type"), "application/json");
  EXPECT_EQ(FindHeader(request.headers, "authorization"), "FlyV1 fm2_t");
  EXPECT_FALSE(IsRepeatable(request));
}

TEST(MachinesWritesTest, AnUpdateStatesTheVersionAndTheLeaseItRestsOn) {
  const HttpRequest request = BuildUpdateMachine(
      "", "", "a", {.machine_id = "m", .config = "{}", .current_version = "01J", .lease_nonce = "n"});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/v1/apps/a/machines/m");
  EXPECT_EQ(request.body, R"({"current_version":"01J","config":{}})");
  EXPECT_EQ(NonceOf(request), "n");
}

TEST(MachinesWritesTest, AnUpdateSkipsTheLaunchOnlyWhereItIsAskedTo) {
  const HttpRequest request =
      BuildUpdateMachine("", "", "a", {.machine_id = "m", .config = "{}", .skip_launch = true});
  EXPECT_EQ(request.body, R"({"skip_launch":true,"config":{}})");
  EXPECT_EQ(BuildUpdateMachine("", "", "a", {.machine_id = "m", .config = "{}"}).body, R"({"config":{}})");
}

struct ChangeCase {
  Kind kind;
  const char* method;
  const char* target;
  const char* body;
};

TEST(MachinesWritesTest, EachChangeHasItsCall) {
  const ChangeCase cases[] = {
      {Kind::kStart, "POST", "/v1/apps/a/machines/m%2F1/start", ""},
      {Kind::kStop, "POST", "/v1/apps/a/machines/m%2F1/stop", "{}"},
      {Kind::kSuspend, "POST", "/v1/apps/a/machines/m%2F1/suspend", ""},
      {Kind::kDestroy, "DELETE", "/v1/apps/a/machines/m%2F1", ""},
      {Kind::kCordon, "POST", "/v1/apps/a/machines/m%2F1/cordon", ""},
      {Kind::kUncordon, "POST", "/v1/apps/a/machines/m%2F1/uncordon", ""},
      {Kind::kReleaseLease, "DELETE", "/v1/apps/a/machines/m%2F1/lease", ""},
  };
  for (const ChangeCase& c : cases) {
    const HttpRequest request = BuildMachineChange("", "", "a", Change(c.kind));
    EXPECT_EQ(request.method, c.method) << c.target;
    EXPECT_EQ(request.target, c.target);
    EXPECT_EQ(request.body, c.body) << c.target;
    EXPECT_EQ(NonceOf(request), "n0nce") << c.target;
    EXPECT_EQ(FindHeader(request.headers, "content-type").empty(), request.body.empty()) << c.target;
    EXPECT_FALSE(IsRepeatable(request)) << c.target;
  }
}

TEST(MachinesWritesTest, WithoutALeaseNoNonceIsSent) {
  for (const HttpRequest& request :
       {BuildMachineChange("", "", "a", {.kind = Kind::kStart, .machine_id = "m"}),
        BuildUpdateMachine("", "", "a", {.machine_id = "m", .config = "{}"}),
        BuildTakeLease("", "", "a", {.machine_id = "m", .ttl = absl::Seconds(9)})}) {
    for (const auto& [name, value] : request.headers) EXPECT_NE(name, "fly-machine-lease-nonce");
  }
}

TEST(MachinesWritesTest, MetadataIsWrittenKeyByKeyAndDeletedByAnEmptyValue) {
  MachineChange change{.kind = Kind::kSetMetadata, .machine_id = "m", .key = "k/1", .value = "v\"\n"};
  const HttpRequest set = BuildMachineChange("", "", "a", change);
  EXPECT_EQ(set.method, "POST");
  EXPECT_EQ(set.target, "/v1/apps/a/machines/m/metadata/k%2F1");
  EXPECT_EQ(set.body, R"({"value":"v\"\n"})");
  change.value = "";
  const HttpRequest erase = BuildMachineChange("", "", "a", change);
  EXPECT_EQ(erase.method, "DELETE");
  EXPECT_EQ(erase.target, "/v1/apps/a/machines/m/metadata/k%2F1");
  EXPECT_EQ(erase.body, "");
}

TEST(MachinesWritesTest, ALeaseIsTakenForWholeSecondsAndRenewedByItsNonce) {
  const TakeLease take{.machine_id = "m", .ttl = absl::Milliseconds(30500), .description = "fly-autoplacer"};
  const HttpRequest fresh = BuildTakeLease("", "", "a", take);
  EXPECT_EQ(fresh.method, "POST");
  EXPECT_EQ(fresh.target, "/v1/apps/a/machines/m/lease?ttl=31");
  EXPECT_EQ(fresh.body, R"({"description":"fly-autoplacer","ttl":31})");
  TakeLease renew = take;
  renew.nonce = "n";
  EXPECT_EQ(NonceOf(BuildTakeLease("", "", "a", renew)), "n");
  EXPECT_EQ(BuildGetLease("", "", "a", "m").method, "GET");
  EXPECT_EQ(BuildGetLease("", "", "a", "m").target, "/v1/apps/a/machines/m/lease");
}

TEST(MachinesWritesTest, AWaitAsksForStateAndVersionAndOutlivesItsOwnTimeout) {
  const HttpRequest wait = BuildWaitForState(
      "", "", "a",
      {.machine_id = "m", .instance_id = "01J", .state = "stopped", .timeout = absl::Seconds(20)});
  EXPECT_EQ(wait.method, "GET");
  EXPECT_EQ(wait.target, "/v1/apps/a/machines/m/wait?state=stopped&timeout=20&instance_id=01J");
  EXPECT_GT(wait.timeout, absl::Seconds(20));
}

TEST(MachinesWritesTest, AWaitsTimeoutStaysWithinWhatThePlatformAllows) {
  for (const auto& [timeout, want] :
       std::vector<std::pair<absl::Duration, const char*>>{{absl::ZeroDuration(), "1"},
                                                           {absl::Milliseconds(1500), "2"},
                                                           {absl::Seconds(60), "60"},
                                                           {absl::Hours(1), "60"},
                                                           {absl::InfiniteDuration(), "60"}}) {
    EXPECT_EQ(
        BuildWaitForState("", "", "a", {.machine_id = "m", .state = "started", .timeout = timeout}).target,
        absl::StrCat("/v1/apps/a/machines/m/wait?state=started&timeout=", want));
  }
}

TEST(MachinesWritesTest, VolumesAndPlacementsAreAskedFor) {
  EXPECT_EQ(BuildListVolumes("/b", "", "a").target, "/b/v1/apps/a/volumes");
  const HttpRequest volume = BuildCreateVolume("", "", "a", {.name = "data", .region = "fra", .size_gb = 3});
  EXPECT_EQ(volume.method, "POST");
  EXPECT_EQ(volume.target, "/v1/apps/a/volumes");
  EXPECT_EQ(volume.body, R"({"name":"data","region":"fra","size_gb":3,"encrypted":true})");
  const HttpRequest room =
      BuildPlacements("", "", {.organization = "personal", .region = "fra,iad", .count = 2});
  EXPECT_EQ(room.target, "/v1/platform/placements");
  EXPECT_EQ(room.body, R"({"org_slug":"personal","region":"fra,iad","count":2})");
  EXPECT_TRUE(IsRepeatable(room));
  EXPECT_EQ(BuildPlacements("", "", {.organization = "o"}).body, R"({"org_slug":"o","count":1})");
}

TEST(MachinesWritesTest, AChangeIsDoneByAny2xx) {
  for (const int status : {200, 201, 204}) {
    EXPECT_TRUE(ParseMachineChanged({.status = status}, Change(Kind::kStop)).ok()) << status;
  }
  EXPECT_EQ(ParseMachineChanged({.status = 409}, Change(Kind::kStop)).code(), StatusCode::kAborted);
}

TEST(MachinesWritesTest, WhatWasToGoAndIsNotThereIsDone) {
  const HttpResponse gone{.status = 404, .body = R"({"error":"not found"})"};
  EXPECT_TRUE(ParseMachineChanged(gone, Change(Kind::kReleaseLease)).ok());
  EXPECT_TRUE(ParseMachineChanged(gone, {.kind = Kind::kSetMetadata, .machine_id = "m", .key = "k"}).ok());
  for (const MachineChange& change :
       {Change(Kind::kDestroy), Change(Kind::kStart),
        MachineChange{.kind = Kind::kSetMetadata, .machine_id = "m", .key = "k", .value = "v"}}) {
    EXPECT_EQ(ScopeOf(ParseMachineChanged(gone, change)), ErrorScope::kGone) << ToString(change.kind);
    EXPECT_FALSE(ParseMachineChanged(gone, change).ok()) << ToString(change.kind);
  }
}

TEST(MachinesWritesTest, ALeaseIsReadWithAndWithoutItsEnvelope) {
  const std::string bare =
      R"({"nonce":"n","expires_at":1788223800,"owner":"me@x","description":"d","version":"01J"})";
  for (const std::string& body : {bare, absl::StrCat(R"({"status":"success","data":)", bare, "}")}) {
    const auto lease = ParseTakenLease({.status = 201, .body = body});
    ASSERT_TRUE(lease.ok()) << lease.status();
    EXPECT_EQ(lease->nonce, "n");
    EXPECT_EQ(lease->owner, "me@x");
    EXPECT_EQ(lease->description, "d");
    EXPECT_EQ(lease->expires_at, absl::FromUnixSeconds(1788223800));
  }
}

TEST(MachinesWritesTest, SomebodyElsesLeaseMayLackItsNonce) {
  const HttpResponse answer{.body = R"({"data":{"owner":"x","expires_at":null}})"};
  const auto lease = ParseLease(answer);
  ASSERT_TRUE(lease.ok()) << lease.status();
  EXPECT_EQ(lease->expires_at, absl::InfiniteFuture());
  EXPECT_EQ(ParseTakenLease(answer).status().message(),
            "the Machines API's answer: the lease's nonce is missing, want a string");
}

TEST(MachinesWritesTest, WhatIsNoLeaseIsInternal) {
  for (const char* body : {"", "[]", "null", "{}", R"({"data":{}})", R"({"nonce":7})", R"({"data":[]})"}) {
    EXPECT_EQ(ParseTakenLease({.body = body}).status().code(), StatusCode::kInternal) << body;
  }
  EXPECT_EQ(ScopeOf(ParseTakenLease({.status = 409}).status()), ErrorScope::kConflict);
}

TEST(MachinesWritesTest, AWaitEndsInTimeOrNot) {
  EXPECT_TRUE(ParseWaited({.body = R"({"ok":true})"}).ok());
  const std::string late = R"({"error":"deadline_exceeded: machine failed to reach desired state, started"})";
  for (const int status : {408, 412, 504}) {
    const absl::Status waited = ParseWaited({.status = status, .body = late});
    EXPECT_EQ(waited.code(), StatusCode::kDeadlineExceeded) << status;
    EXPECT_THAT(waited.message(), HasSubstr("failed to reach desired state"));
  }
  EXPECT_EQ(ParseWaited({.status = 408}).code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ParseWaited({.status = 404}).code(), StatusCode::kNotFound);
}

TEST(MachinesWritesTest, VolumesAreReadAndSorted) {
  const auto volumes =
      ParseVolumeList({.body = R"([{"id":"vol_b","name":"data","region":"fra","state":"created",
      "size_gb":3,"attached_machine_id":"m"},{"id":"vol_a","region":"iad","attached_machine_id":null}])"});
  ASSERT_TRUE(volumes.ok()) << volumes.status();
  EXPECT_EQ((*volumes)[0].id, "vol_a");
  EXPECT_EQ((*volumes)[0].attached_machine, "");
  EXPECT_EQ((*volumes)[0].size_gb, 0);
  EXPECT_EQ((*volumes)[1].name, "data");
  EXPECT_EQ((*volumes)[1].state, "created");
  EXPECT_EQ((*volumes)[1].attached_machine, "m");
  EXPECT_EQ((*volumes)[1].size_gb, 3);
  EXPECT_EQ(ParseVolume({.body = R"({"id":"v","region":"fra"})"})->id, "v");
  EXPECT_TRUE(ParseVolumeList({.body = "null"})->empty());
}

TEST(MachinesWritesTest, PlacementsAreReadAndSorted) {
  const auto rooms = ParsePlacements(
      {.body =
           R"({"regions":[{"region":"iad","count":2},{"region":"fra","count":99999999999},{"region":"ams"}]})"});
  ASSERT_TRUE(rooms.ok()) << rooms.status();
  EXPECT_EQ((*rooms)[0].region, "ams");
  EXPECT_EQ((*rooms)[0].count, 0);
  EXPECT_EQ((*rooms)[1].count, 1'000'000);
  EXPECT_EQ((*rooms)[2].count, 2);
  EXPECT_TRUE(ParsePlacements({.body = R"({"regions":null})"})->empty());
}

TEST(MachinesWritesTest, AnswersThatAreNotAsPromisedAreInternalAndSayWhere) {
  const auto expect = [](const absl::Status& status, const char* words) {
    EXPECT_EQ(status.code(), StatusCode::kInternal) << words;
    EXPECT_THAT(status.message(), HasSubstr(words));
  };
  expect(ParseVolumeList({.body = "{}"}).status(), "the body is object, want an array of volumes");
  expect(ParseVolumeList({.body = "[1]"}).status(), "[0] is number, want an object");
  expect(ParseVolumeList({.body = R"([{"region":"fra"}])"}).status(), "[0].id is missing");
  expect(ParseVolumeList({.body = R"([{"id":"v","region":"fra","name":7}])"}).status(), "[0].name is number");
  expect(ParseVolumeList({.body = R"([{"id":"v","region":"a"},{"id":"v","region":"b"}])"}).status(),
         "v comes twice");
  expect(ParseVolume({.body = "[]"}).status(), "volume is array, want an object");
  expect(ParsePlacements({.body = "[]"}).status(), "the body is array, want an object with regions");
  expect(ParsePlacements({.body = R"({"regions":{}})"}).status(), "regions is object, want an array");
  expect(ParsePlacements({.body = R"({"regions":[{"count":1}]})"}).status(), "regions[0].region is missing");
  expect(ParsePlacements({.body = R"({"regions":[7]})"}).status(), "regions[0] is number");
}

}  // namespace
}  // namespace placer
