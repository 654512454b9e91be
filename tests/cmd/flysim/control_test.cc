// /_control: what it sets, what it tells, and what it refuses.
#include "cmd/flysim/control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "cmd/flysim/answers.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

namespace json = boost::json;

using ::testing::HasSubstr;

class ControlTest : public ::testing::Test {
 protected:
  HttpResponse Post(const std::string& body, const std::string& token = "Bearer secret") {
    HttpRequest request{.method = "POST", .target = "/_control", .body = body};
    request.headers = {{"Authorization", token}};
    return MakeAnswer(world_, {.token = "secret"}, request);
  }

  World world_{MakeOptions(0)};
  std::string id_ = world_.machines().front().id;
};

TEST_F(ControlTest, NeedsTheToken) {
  EXPECT_EQ(Post("{}", "Bearer other").status, 401);
  EXPECT_EQ(Post("{}").status, 200);
}

TEST_F(ControlTest, SetsTheFaultsThatItNamesAndNoOthers) {
  ASSERT_EQ(Post(R"({"faults": {"lost_replies": 0.3, "delay_seconds": [0.5, 2]}})").status, 200);
  ASSERT_EQ(Post(R"({"faults": {"errors": 1, "error_status": 502, "list_age_seconds": [2, 60],
                                "empty_lists": true, "frozen_edges": true}})")
                .status,
            200);
  const Faults& faults = world_.faults();
  EXPECT_EQ(faults.lost_replies, 0.3);
  EXPECT_EQ(faults.delay_min, absl::Seconds(0.5));
  EXPECT_EQ(faults.delay_max, absl::Seconds(2));
  EXPECT_EQ(faults.errors, 1);
  EXPECT_EQ(faults.error_status, 502);
  EXPECT_EQ(faults.list_age_min, absl::Seconds(2));
  EXPECT_EQ(faults.list_age_max, absl::Seconds(60));
  EXPECT_TRUE(faults.empty_lists);
  EXPECT_TRUE(faults.frozen_edges);
}

TEST_F(ControlTest, ScriptsCapacityErrorsChecksHostsAndMachines) {
  const std::string body = R"({"capacity": {"iad": 0},
    "create_errors": {"ewr": {"http_status": 409, "body": "{\"error\":\"aborted: no capacity\"}", "times": 1}},
    "checks": {")" + id_ + R"(": "critical"},
    "machines": [{"region": "syd", "state": "stopped", "process_group": "worker", "metadata": {"a": "b"}},
                 {"region": "nrt"}],
    "host_status": {"none": "unreachable"}})";
  ASSERT_EQ(Post(body).status, 200);
  EXPECT_EQ(ScopeOf(world_.Create(MakeCreate("a", "iad")).status()), ErrorScope::kRegion);
  EXPECT_EQ(ScopeOf(world_.Create(MakeCreate("b", "ewr")).status()), ErrorScope::kRegion);
  EXPECT_TRUE(world_.Create(MakeCreate("b", "ewr")).ok());
  EXPECT_FALSE(IsHealthy(FindMachine(world_, id_)));
  bool found = false;
  for (const Machine& machine : world_.machines()) {
    found = found || (machine.region == "syd" && machine.state == "stopped" &&
                      machine.process_group == "worker" && machine.metadata.contains("a"));
  }
  EXPECT_TRUE(found);
  ASSERT_EQ(Post(R"({"capacity": {"iad": null}})").status, 200);
  EXPECT_TRUE(world_.Create(MakeCreate("a", "iad")).ok());
}

TEST_F(ControlTest, AStarIsTrafficEverywhere) {
  World busy(MakeOptions(150));
  HttpRequest request{.method = "POST", .target = "/_control", .body = R"({"traffic": {"*": 0}})"};
  ASSERT_EQ(MakeAnswer(busy, {.needs_token = false}, request).status, 200);
  PassSeconds(busy, 60);
  EXPECT_EQ(busy.totals().requests, 0);
}

TEST_F(ControlTest, StartsARelease) {
  ASSERT_EQ(Post(R"({"release": {"image": "registry.fly.io/demo:release-2"}})").status, 200);
  EXPECT_TRUE(world_.ReleaseUnderWay());
  PassSeconds(world_, 60);
  EXPECT_EQ(FindMachine(world_, id_).metadata.at(kMetadataReleaseVersion), "2");
}

TEST_F(ControlTest, TellsWhatHappened) {
  const std::string made = world_.Create(MakeCreate())->id;
  const json::value told = json::parse(Post("{}").body);
  EXPECT_EQ(told.at("totals").at("most_machines").as_int64(), 2);
  ASSERT_EQ(told.at("writes").as_array().size(), 1u);
  EXPECT_EQ(told.at("writes").at(0).at("kind").as_string(), "create");
  EXPECT_EQ(told.at("writes").at(0).at("machine_id").as_string(), json::string_view(made));
  ASSERT_EQ(told.at("machines_ever").as_array().size(), 2u);
  EXPECT_TRUE(told.at("machines_ever").at(1).at("destroyed_at").is_null());
  EXPECT_EQ(told.at("machines_ever").at(1).at("metadata").at("autoplacer_policy").as_string(), "web");
}

struct RefusedCase {
  const char* name;
  const char* body;
  const char* error;
};

class RefusedControlTest : public ControlTest, public ::testing::WithParamInterface<RefusedCase> {};

TEST_P(RefusedControlTest, SaysWhatIsWrongAndChangesNothing) {
  const HttpResponse response = Post(GetParam().body);
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr(GetParam().error));
  EXPECT_FALSE(world_.faults().empty_lists);
  EXPECT_EQ(world_.machines().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, RefusedControlTest,
    ::testing::Values(
        RefusedCase{"NoJson", "{", "invalid JSON"}, RefusedCase{"NoObject", "[]", "invalid JSON"},
        RefusedCase{"UnknownMember", R"({"fault": {}})", "fault: unknown; known are faults, traffic"},
        RefusedCase{"UnknownFault", R"({"faults": {"empty_lists": true, "lost": 1}})",
                    "faults.lost: unknown"},
        RefusedCase{"ProbabilityAboveOne", R"({"faults": {"empty_lists": true, "errors": 2}})",
                    "faults.errors: want a number from 0 to 1"},
        RefusedCase{"RangeBackwards", R"({"faults": {"delay_seconds": [2, 1]}})",
                    "faults.delay_seconds: want"},
        RefusedCase{"WrongState", R"({"machines": [{"region": "iad"}], "checks": {"x": "bad"}})",
                    "checks.x: want"},
        RefusedCase{"UnknownRegion", R"({"machines": [{"region": "xxx"}]})", "machines[].region: want"},
        RefusedCase{"ReleaseWithoutImage", R"({"release": {}})", "release.image: want"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace placer::flysim
