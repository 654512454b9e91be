#include "cmd/flysim/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "api/machines_api.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

HttpRequest MakeRequest(const std::string& target, const std::string& authorization = "Bearer some") {
  HttpRequest request{.target = target};
  if (!authorization.empty()) request.headers.emplace_back("authorization", authorization);
  return request;
}

class AnswersTest : public ::testing::Test {
 protected:
  HttpResponse Ask(const HttpRequest& request) { return MakeAnswer(world_, options_, request); }
  HttpResponse Ask(const std::string& target) { return Ask(MakeRequest(target)); }
  std::vector<std::string> ListRegions(const std::string& query) {
    std::vector<std::string> regions;
    const auto machines = ParseMachineList(Ask("/v1/apps/demo/machines" + query));
    for (const Machine& machine : machines.value()) {
      regions.push_back(machine.region + " " + machine.state);
    }
    std::sort(regions.begin(), regions.end());
    return regions;
  }

  World world_{MakeOptions(0)};
  AnswerOptions options_;
};

TEST_F(AnswersTest, OurOwnClientReadsTheMachinesAsTheyAre) {
  const std::string cordoned = world_.AddMachine("iad", "started");
  world_.SetCordoned(cordoned, true);
  world_.AddMachine("nrt", "stopped");
  world_.AddMachine("gru", "failed");
  ASSERT_TRUE(
      world_.Take({.machine_id = world_.AddMachine("syd", "started"), .ttl = absl::Seconds(30)}).ok());
  world_.AddMachine({.region = "sin", .process_group = "fly_app_console"});
  world_.AddMachine({.region = "lhr", .from_flyctl = false});
  world_.SetHostStatus(world_.AddMachine("bog", "started"), "unreachable");
  world_.SetHostStatus(world_.AddMachine("otp", "started"), "unknown", /*hides_group=*/true);
  const auto parsed = ParseMachineList(MakeAnswer(world_, options_, BuildListMachines("", "some", "demo")));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const std::vector<Machine> machines = world_.machines();
  ASSERT_EQ(parsed->size(), machines.size());
  for (std::size_t i = 0; i < machines.size(); ++i) {
    const Machine& got = (*parsed)[i];
    const Machine& want = machines[i];
    EXPECT_EQ(got.id, want.id);
    EXPECT_EQ(got.name, want.name);
    EXPECT_EQ(got.region, want.region);
    EXPECT_EQ(got.state, want.state);
    EXPECT_EQ(got.instance_id, want.instance_id);
    EXPECT_EQ(got.image, want.image);
    EXPECT_EQ(got.process_group, want.process_group);
    EXPECT_EQ(got.host_status, want.host_status);
    EXPECT_EQ(got.image_ref, want.image_ref);
    EXPECT_EQ(got.hard_limit, want.hard_limit);
    EXPECT_EQ(got.config_changed_at, want.config_changed_at);
    EXPECT_EQ(got.lease.has_value(), want.lease.has_value());
    EXPECT_EQ(got.config == nullptr ? "" : *got.config, want.config == nullptr ? "" : *want.config);
    EXPECT_EQ(got.cordoned, want.cordoned);
    EXPECT_EQ(got.has_config, want.has_config);
    EXPECT_EQ(got.is_standby, want.is_standby);
    EXPECT_EQ(got.is_release_command, want.is_release_command);
    EXPECT_EQ(got.has_volumes, want.has_volumes);
    EXPECT_EQ(got.metadata, want.metadata);
    EXPECT_EQ(got.primary_region, want.primary_region);
    EXPECT_EQ(got.created_at, want.created_at);
    EXPECT_EQ(got.updated_at, want.updated_at);
    EXPECT_EQ(IsHealthy(got), IsHealthy(want));
    ASSERT_EQ(got.checks.size(), want.checks.size());
    ASSERT_FALSE(got.checks.empty());
    EXPECT_EQ(got.checks[0].name, want.checks[0].name);
    EXPECT_EQ(got.checks[0].status, want.checks[0].status);
  }
}

TEST_F(AnswersTest, OurOwnClientReadsOneMachine) {
  const std::string id = world_.machines().front().id;
  const auto machine = ParseMachine(MakeAnswer(world_, options_, BuildGetMachine("", "some", "demo", id)));
  ASSERT_TRUE(machine.ok()) << machine.status();
  EXPECT_EQ(machine->id, id);
}

TEST_F(AnswersTest, OurOwnClientReadsTheRegions) {
  const auto regions = ParseRegionList(MakeAnswer(world_, options_, BuildListRegions("", "some")));
  ASSERT_TRUE(regions.ok()) << regions.status();
  ASSERT_EQ(regions->size(), EmbeddedRegions().size());
  for (const Region& region : *regions) {
    const Region& want = EmbeddedRegions().find(region.code)->second;
    EXPECT_EQ(region.name, want.name);
    EXPECT_EQ(region.deprecated, want.deprecated);
    ASSERT_TRUE(region.coordinates.has_value());
    EXPECT_EQ(region.coordinates->latitude_deg, want.coordinates->latitude_deg);
    EXPECT_EQ(region.coordinates->longitude_deg, want.coordinates->longitude_deg);
  }
}

TEST_F(AnswersTest, AListCanBeFiltered) {
  world_.AddMachine("iad", "started");
  world_.AddMachine("iad", "stopped");
  world_.AddMachine("nrt", "suspended");
  world_.RemoveMachine(world_.AddMachine("gru", "started"));
  EXPECT_THAT(ListRegions(""), ElementsAre("fra started", "iad started", "iad stopped", "nrt suspended"));
  EXPECT_THAT(ListRegions("?region=iad"), ElementsAre("iad started", "iad stopped"));
  EXPECT_THAT(ListRegions("?state=stopped%2Csuspended"), ElementsAre("iad stopped", "nrt suspended"));
  EXPECT_THAT(ListRegions("?include_deleted=true&region=gru"), ElementsAre("gru destroyed"));
  EXPECT_THAT(ListRegions("?region=nowhere"), IsEmpty());
}

TEST_F(AnswersTest, ASummaryLeavesOutTheConfig) {
  EXPECT_THAT(Ask("/v1/apps/demo/machines").body, HasSubstr("\"config\""));
  EXPECT_THAT(Ask("/v1/apps/demo/machines?summary=true").body, Not(HasSubstr("\"config\"")));
}

struct TokenCase {
  const char* name;
  const char* configured;
  const char* sent;
  int status;
};

class TokenTest : public ::testing::TestWithParam<TokenCase> {};

TEST_P(TokenTest, DecidesWhoMayCall) {
  World world(MakeOptions(0));
  const HttpResponse response = MakeAnswer(world, {.token = GetParam().configured},
                                           MakeRequest("/v1/apps/demo/machines", GetParam().sent));
  EXPECT_EQ(response.status, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    Tokens, TokenTest,
    ::testing::Values(TokenCase{"AnyTokenWillDoByDefault", "", "Bearer anything", 200},
                      TokenCase{"FlyV1IsAScheme", "", "FlyV1 fm2_abc,fm2_def", 200},
                      TokenCase{"SchemesAreComparedWithoutCase", "secret", "bearer secret", 200},
                      TokenCase{"TheConfiguredTokenIsAccepted", "secret", "Bearer secret", 200},
                      TokenCase{"AConfiguredTokenMayCarryItsScheme", "FlyV1 fm2_a", "FlyV1 fm2_a", 200},
                      TokenCase{"NoTokenIsRefused", "", "", 401},
                      TokenCase{"AnEmptyTokenIsRefused", "", "Bearer ", 401},
                      TokenCase{"ABareTokenIsRefused", "secret", "secret", 401},
                      TokenCase{"AnotherSchemeIsRefused", "secret", "Basic secret", 401},
                      TokenCase{"AnotherTokenIsRefused", "secret", "Bearer secrets", 401}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(AnswersTest, WithoutAuthenticationNoTokenIsNeeded) {
  options_.needs_token = false;
  EXPECT_EQ(Ask(MakeRequest("/v1/apps/demo/machines", "")).status, 200);
}

TEST_F(AnswersTest, ARefusalDoesNotRepeatTheToken) {
  options_.token = "right-secret";
  const HttpResponse response = Ask(MakeRequest("/v1/apps/demo/machines", "Bearer wrong-secret"));
  EXPECT_THAT(response.body, Not(HasSubstr("secret")));
  EXPECT_EQ(MakeMachinesApiError(response).code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(AnswersTest, MetricsAndHealthNeedNoToken) {
  EXPECT_EQ(Ask(MakeRequest("/metrics", "")).status, 200);
  EXPECT_EQ(Ask(MakeRequest("/health", "")).status, 200);
}

struct MissingCase {
  const char* name;
  const char* target;
  const char* error;
};

class MissingTest : public AnswersTest, public ::testing::WithParamInterface<MissingCase> {};

TEST_P(MissingTest, IsA404ThatSaysWhatIsMissing) {
  const HttpResponse response = Ask(GetParam().target);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, std::string("{\"error\":\"") + GetParam().error + "\",\"status\":\"unknown\"}");
}

INSTANTIATE_TEST_SUITE_P(
    Targets, MissingTest,
    ::testing::Values(MissingCase{"UnknownApp", "/v1/apps/other/machines", "App not found"},
                      MissingCase{"UnknownMachine", "/v1/apps/demo/machines/123", "machine not found"},
                      MissingCase{"UnknownVolume", "/v1/apps/demo/volumes/vol_1", "volume not found"},
                      MissingCase{"UnknownCall", "/v1/apps/demo/secrets", "404 page not found"},
                      MissingCase{"DeeperPath", "/v1/apps/demo/machines/123/ps", "404 page not found"},
                      MissingCase{"Root", "/", "404 page not found"},
                      MissingCase{"BelowMetrics", "/metrics/x", "404 page not found"},
                      MissingCase{"Nothing", "", "404 page not found"}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(AnswersTest, AMethodThatAPathDoesNotKnowIsNotAllowed) {
  HttpRequest request = MakeRequest("/v1/apps/demo/machines");
  request.method = "PATCH";
  const HttpResponse response = Ask(request);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(FindHeader(response.headers, "Allow"), "GET, POST");
}

}  // namespace
}  // namespace placer::flysim
