#include "api/machines_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/api/recorded_answers.h"

namespace placer {
namespace {

using testing::HasSubstr;

Machine ParseOne(const std::string& fields) {
  const auto machine = ParseMachine(
      HttpResponse{.body = absl::StrCat(R"({"id":"m1","region":"fra","state":"started")", fields, "}")});
  EXPECT_TRUE(machine.ok()) << machine.status();
  return machine.ok() ? *machine : Machine{};
}

TEST(MachinesApiTest, RequestsNameTheAppEncodedAndCarryTheToken) {
  const HttpRequest list = BuildListMachines("/base", "fm2_t", "my/app");
  EXPECT_EQ(list.method, "GET");
  EXPECT_EQ(list.target, "/base/v1/apps/my%2Fapp/machines");
  EXPECT_EQ(FindHeader(list.headers, "authorization"), "FlyV1 fm2_t");
  EXPECT_EQ(BuildGetMachine("", "", "a", "../x").target, "/v1/apps/a/machines/..%2Fx");
  EXPECT_EQ(BuildListRegions("", "").target, "/v1/platform/regions");
  EXPECT_EQ(FindHeader(BuildListRegions("", "").headers, "authorization"), "");
}

TEST(MachinesApiTest, AFullMachineIsReadFieldByField) {
  const Machine machine =
      ParseOne(R"(,"name":"n","instance_id":"i","host_status":"unreachable","cordoned":true,
    "created_at":"2026-09-01T00:50:00Z","updated_at":"2026-09-01T01:50:00.5+01:00","image_ref":{"digest":"sha256:d"},
    "checks":[{"name":"http","status":"critical","output":"boom"}],"unknown":{"x":[1]},
    "config":{"image":"registry/x","env":{"PRIMARY_REGION":"fra"},"metadata":{"fly_process_group":"web"},
      "standbys":["m0"],"mounts":[{"volume":"vol"}],"services":[{"autostop":false},{"autostop":"suspend"}]})");
  EXPECT_EQ(machine.id, "m1");
  EXPECT_EQ(machine.name, "n");
  EXPECT_EQ(machine.instance_id, "i");
  EXPECT_EQ(machine.host_status, "unreachable");
  EXPECT_TRUE(machine.cordoned);
  EXPECT_EQ(machine.created_at, absl::FromUnixSeconds(1788223800));
  EXPECT_EQ(machine.updated_at, absl::FromUnixMillis(1788223800500));
  EXPECT_EQ(machine.image, "sha256:d");
  ASSERT_EQ(machine.checks.size(), 1);
  EXPECT_EQ(machine.checks[0].status, "critical");
  EXPECT_EQ(machine.primary_region, "fra");
  EXPECT_EQ(machine.process_group, "web");
  EXPECT_TRUE(machine.is_standby);
  EXPECT_TRUE(machine.has_volumes);
  EXPECT_FALSE(machine.is_release_command);
}

TEST(MachinesApiTest, WhatIsMissingHasItsPlainMeaning) {
  const Machine machine = ParseOne(R"(,"config":{"image":"registry/x"},"checks":null)");
  EXPECT_FALSE(machine.cordoned);
  EXPECT_EQ(machine.host_status, "ok");
  EXPECT_EQ(machine.process_group, "app");
  EXPECT_EQ(machine.image, "registry/x");
  EXPECT_TRUE(machine.has_config);
  EXPECT_EQ(machine.primary_region, "");
  EXPECT_EQ(machine.created_at, absl::InfinitePast());
}

TEST(MachinesApiTest, ABadTimeIsNoError) {
  EXPECT_EQ(ParseOne(R"(,"created_at":"soon")").created_at, absl::InfinitePast());
}

TEST(MachinesApiTest, GroupOfAnIncompleteConfigIsReadOrUnknown) {
  const Machine known =
      ParseOne(R"(,"config":null,"incomplete_config":{"metadata":{"fly_process_group":"web"}})");
  EXPECT_EQ(known.process_group, "web");
  EXPECT_FALSE(known.has_config);
  EXPECT_EQ(ParseOne(R"(,"incomplete_config":{})").process_group, "");
  EXPECT_EQ(ParseOne("").process_group, "");
}

struct OneOffCase {
  const char* config;
  bool want;
};

TEST(MachinesApiTest, OneOffMachinesAreRecognised) {
  const OneOffCase cases[] = {
      {R"({"metadata":{"fly_process_group":"fly_app_release_command"}})", true},
      {R"({"metadata":{"fly_process_group":"fly_app_console"}})", true},
      {R"({"auto_destroy":true,"restart":{"policy":"no"}})", true},
      {R"({"auto_destroy":true,"restart":{"policy":"always"}})", false},
      {R"({"auto_destroy":true})", false},
      {R"({"restart":{"policy":"no"}})", false},
  };
  for (const OneOffCase& c : cases) {
    EXPECT_EQ(ParseOne(absl::StrCat(",\"config\":", c.config)).is_release_command, c.want) << c.config;
  }
}

TEST(MachinesApiTest, ListIsSortedById) {
  const auto machines = ParseMachineList(HttpResponse{
      .body =
          R"([{"id":"b","region":"fra","state":"started"},{"id":"a","region":"iad","state":"stopped"}])"});
  ASSERT_TRUE(machines.ok()) << machines.status();
  EXPECT_EQ((*machines)[0].id, "a");
  EXPECT_EQ((*machines)[1].id, "b");
}

TEST(MachinesApiTest, AnEmptyListIsEmpty) {
  const auto machines = ParseMachineList(HttpResponse{.body = "[]"});
  ASSERT_TRUE(machines.ok());
  EXPECT_TRUE(machines->empty());
}

struct BadListCase {
  const char* body;
  const char* words;
};

TEST(MachinesApiTest, AListThatIsNotAsPromisedIsInternalAndSaysWhere) {
  const BadListCase cases[] = {
      {"", "the body is empty"},
      {"<html>", "not JSON"},
      {"{}", "the body is object, want an array"},
      {"null", "the body is null"},
      {"[1]", "[0] is number, want an object"},
      {R"([{"region":"fra","state":"started"}])", "[0].id is missing, want a string"},
      {R"([{"id":"","region":"fra","state":"started"}])",
       "[0].id is string, want a string that is not empty"},
      {R"([{"id":"a","region":7,"state":"started"}])", "[0].region is number, want a string"},
      {R"([{"id":"a","region":"fra"}])", "[0].state is missing"},
      {R"([{"id":"a","region":"fra","state":"started","cordoned":"no"}])",
       "[0].cordoned is string, want true or false"},
      {R"([{"id":"a","region":"fra","state":"started","config":[]}])", "[0].config is array, want an object"},
      {R"([{"id":"a","region":"fra","state":"started","config":{"metadata":{"k":1}}}])",
       "[0].config.metadata.k is number"},
      {R"([{"id":"a","region":"fra","state":"started","config":{"mounts":{}}}])",
       "[0].config.mounts is object"},
      {R"([{"id":"a","region":"fra","state":"started","checks":[3]}])",
       "[0].checks is number, want an array of objects"},
      {R"([{"id":"a","region":"fra","state":"s"},{"id":"a","region":"fra","state":"s"}])",
       "the machine a comes twice"},
  };
  for (const BadListCase& c : cases) {
    const absl::Status status = ParseMachineList(HttpResponse{.body = c.body}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << c.body;
    EXPECT_THAT(status.message(), HasSubstr(c.words)) << c.body;
  }
}

TEST(MachinesApiTest, RegionsAreReadAndSorted) {
  const auto regions = ParseRegionList(HttpResponse{.body = R"({"nearest":"fra","regions":[
    {"code":"nrt","name":"Tokyo, Japan","latitude":35.62161,"longitude":139.741856},
    {"code":"bom","name":"Mumbai, India","deprecated":true}]})"});
  ASSERT_TRUE(regions.ok()) << regions.status();
  EXPECT_EQ((*regions)[0].code, "bom");
  EXPECT_TRUE((*regions)[0].deprecated);
  EXPECT_FALSE((*regions)[0].coordinates.has_value());
  EXPECT_EQ((*regions)[1].coordinates->longitude_deg, 139.741856);
}

TEST(MachinesApiTest, RegionsThatAreNotAsPromisedAreInternal) {
  for (const char* body : {"[]", "{}", R"({"regions":{}})", R"({"regions":[{"name":"x"}]})",
                           R"({"regions":[{"code":"fra","latitude":"x","longitude":1}]})",
                           R"({"regions":[{"code":"fra","latitude":91,"longitude":1}]})",
                           R"({"regions":[{"code":"fra","latitude":1e400,"longitude":1}]})",
                           R"({"regions":[{"code":"fra"},{"code":"fra"}]})"}) {
    EXPECT_EQ(ParseRegionList(HttpResponse{.body = body}).status().code(), absl::StatusCode::kInternal)
        << body;
  }
}

TEST(MachinesApiTest, EachHttpStatusSaysWhatToDoNext) {
  using absl::StatusCode;
  for (const auto& [http, want] :
       std::vector<std::pair<int, StatusCode>>{{400, StatusCode::kInvalidArgument},
                                               {401, StatusCode::kUnauthenticated},
                                               {403, StatusCode::kPermissionDenied},
                                               {404, StatusCode::kNotFound},
                                               {408, StatusCode::kUnavailable},
                                               {409, StatusCode::kAborted},
                                               {412, StatusCode::kFailedPrecondition},
                                               {422, StatusCode::kInvalidArgument},
                                               {429, StatusCode::kResourceExhausted},
                                               {500, StatusCode::kUnavailable},
                                               {503, StatusCode::kUnavailable},
                                               {302, StatusCode::kInternal}}) {
    EXPECT_EQ(ParseMachineList(HttpResponse{.status = http, .body = "x"}).status().code(), want) << http;
  }
}

TEST(MachinesApiTest, ErrorsCarryTheRequestIdAndNoMoreThan300CharactersOfText) {
  const absl::Status status = MakeMachinesApiError(
      {.status = 500, .headers = {{"Fly-Request-Id", "01ABC-fra"}}, .body = std::string(9000, 'x')});
  EXPECT_THAT(status.message(), HasSubstr("[request 01ABC-fra]"));
  EXPECT_LT(status.message().size(), 400u);
}

TEST(MachinesApiTest, EveryRecordedErrorIsAnErrorInThePlatformsWords) {
  SKIP_WITHOUT_RECORDED_ANSWERS();
  const boost::json::value vectors = boost::json::parse(ReadRecordedFile("fly/fly-error-vectors.json"));
  for (const boost::json::value& vector : vectors.as_array()) {
    const std::string body = vector.at("body").as_string().c_str();
    const absl::Status status =
        MakeMachinesApiError({.status = static_cast<int>(vector.at("http_status").as_int64()), .body = body});
    EXPECT_FALSE(status.ok());
    const std::string text =
        absl::StartsWith(body, "{") ? boost::json::parse(body).at("error").as_string().c_str() : body;
    EXPECT_TRUE(absl::StrContains(status.message(), text)) << status;
  }
  EXPECT_GE(vectors.as_array().size(), 22u);
}

}  // namespace
}  // namespace placer
