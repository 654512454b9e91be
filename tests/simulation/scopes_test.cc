// Each error that the platform answers a create with leads to the action of its scope: the same region again,
// the next best region and later home, a rest, the same intent again, or no write at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "controller/effects/forwarding_machines.h"
#include "tests/simulation/acting.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

enum class Response { kSameRegionAgain, kNextBestRegion, kRests, kSameIntentAgain, kNothingIsWritten };

struct ErrorCase {
  std::string name;
  int http_status = 0;
  std::string body;
  Response want = Response::kRests;
};

// In our own words; the recorded ones are read from FLY_AUTOPLACER_DATA.
std::vector<ErrorCase> MakeOwnCases() {
  return {
      {"HostWithoutCpus", 409, R"({"error":"aborted: insufficient CPUs available to fulfill request here"})",
       Response::kSameRegionAgain},
      {"HostWithoutMemory", 409, R"({"error":"insufficient memory available to fulfill request"})",
       Response::kSameRegionAgain},
      {"RegionByStatus", 422, R"({"error":"nowhere to go","status":"insufficient_capacity"})",
       Response::kNextBestRegion},
      {"RegionByText", 409, R"({"error":"the region has no capacity"})", Response::kNextBestRegion},
      {"Quota", 403, R"({"error":"memory in sin is over the allowed quota"})", Response::kNextBestRegion},
      {"Volume", 412, R"({"error":"no room beside it","status":"volume_placement_capacity"})",
       Response::kRests},
      {"Refused", 422, R"({"error":"guest.cpus: 3 is odd"})", Response::kRests},
      {"Conflict", 409, R"({"error":"somebody else changes it"})", Response::kSameIntentAgain},
      {"NoAnswerInTime", 408, R"({"error":"deadline_exceeded: took too long"})", Response::kSameIntentAgain},
      {"ServerError", 500, "oops", Response::kSameIntentAgain},
      {"TooMany", 429, "slow down", Response::kSameIntentAgain},
      {"StateInBetween", 412, R"({"error":"machine getting replaced"})", Response::kSameIntentAgain},
      {"NameTaken", 409, R"({"error":"already_exists: unique machine name violation"})",
       Response::kSameIntentAgain},
      {"NoToken", 401, R"({"error":"unauthorized"})", Response::kNothingIsWritten},
      {"WrongToken", 403, R"({"error":"not yours"})", Response::kNothingIsWritten},
  };
}

Response ReadScope(int http_status, const std::string& scope, const std::string& body) {
  if (absl::StartsWith(scope, "host")) return Response::kSameRegionAgain;
  if (absl::StartsWith(scope, "region") || absl::StrContains(scope, "quota"))
    return Response::kNextBestRegion;
  if (absl::StartsWith(scope, "volume")) return Response::kRests;
  // No matter of capacity: by its HTTP status, but for a taken name and for states in between.
  const bool again = http_status == 409 || http_status >= 500 || http_status == 408 ||
                     absl::StrContains(body, "name_taken") || absl::StrContains(scope, "transient");
  return again ? Response::kSameIntentAgain : Response::kRests;
}

std::vector<ErrorCase> ReadRecordedCases(const std::string& folder) {
  std::ifstream file(folder + "/fly/fly-error-vectors.json");
  std::ostringstream text;
  text << file.rdbuf();
  std::vector<ErrorCase> cases;
  const boost::json::value recorded = boost::json::parse(text.str());
  for (const boost::json::value& entry : recorded.as_array()) {
    ErrorCase error{.name = "recorded " + std::to_string(cases.size()),
                    .http_status = static_cast<int>(entry.at("http_status").as_int64()),
                    .body = std::string(entry.at("body").as_string().c_str())};
    error.want = ReadScope(error.http_status, entry.at("capacity_scope").as_string().c_str(), error.body);
    cases.push_back(error);
  }
  return cases;
}

std::vector<flysim::WriteRecord> CreatesIn(ActingScene& scene, const std::string& region) {
  std::vector<flysim::WriteRecord> creates;
  for (const flysim::WriteRecord& write : scene.world().writes()) {
    if (write.kind == "create" && (region.empty() || write.region == region)) creates.push_back(write);
  }
  return creates;
}

// Users in Frankfurt, where a machine is, and in Singapore, where the create fails `times` times.
class Refused {
 public:
  Refused(int http_status, const std::string& body, int times) : scene_({.seed = 7}) {
    scene_.WaitWithTrafficIn({"fra", "sin"});
    scene_.world().FailCreates("sin", http_status, body, times);
    scene_.Start();
    const bool failed = scene_.RunUntil([&] { return !CreatesIn(scene_, "").empty(); });
    EXPECT_TRUE(failed) << scene_.Story();
  }
  ActingScene& scene() { return scene_; }

  void ExpectServedAtHome(absl::Duration within) {
    EXPECT_TRUE(scene_.RunUntil([&] { return scene_.Serves("sin"); }, within)) << scene_.Story();
    EXPECT_THAT(scene_.MachinesIn("sin"), SizeIs(1));
    EXPECT_THAT(scene_.judge().crimes(), IsEmpty());
  }
  void ExpectNothingElsewhere() {
    EXPECT_THAT(CreatesIn(scene_, ""), SizeIs(CreatesIn(scene_, "sin").size())) << scene_.Story();
  }

 private:
  ActingScene scene_;
};

void ExpectSameRegionAgain(Refused& refused) {
  refused.ExpectServedAtHome(absl::Minutes(3));
  EXPECT_THAT(CreatesIn(refused.scene(), "sin"), SizeIs(2)) << refused.scene().Story();
  refused.ExpectNothingElsewhere();
}

void ExpectSameIntentAgain(Refused& refused) {
  ExpectSameRegionAgain(refused);
  const std::vector<flysim::WriteRecord> creates = CreatesIn(refused.scene(), "sin");
  EXPECT_EQ(creates.front().name, creates.back().name);
}

void ExpectRest(Refused& refused) {
  refused.scene().RunFor(absl::Minutes(4));
  EXPECT_THAT(CreatesIn(refused.scene(), "sin"), SizeIs(1)) << refused.scene().Story();
  refused.ExpectServedAtHome(absl::Minutes(4));
}

void ExpectNextBestRegionThenHome(Refused& refused) {
  ActingScene& scene = refused.scene();
  std::string stand_in;
  const auto stands_in = [&] {
    for (const auto& [region, machines] : scene.Serving()) {
      if (region != "fra" && region != "sin") stand_in = region;
    }
    return !stand_in.empty();
  };
  ASSERT_TRUE(scene.RunUntil(stands_in, absl::Minutes(2))) << scene.Story();
  EXPECT_EQ(stand_in, "nrt") << "the nearest to Singapore of those that may host";
  refused.ExpectServedAtHome(absl::Minutes(7));
  const auto is_over = [&] { return scene.MachinesIn(stand_in).empty(); };
  ASSERT_TRUE(scene.RunUntil(is_over, absl::Minutes(20))) << scene.Story();
  EXPECT_THAT(CreatesIn(scene, stand_in), SizeIs(1));
  EXPECT_THAT(CreatesIn(scene, "sin"), SizeIs(2));
}

void ExpectNoWrite(Refused& refused) {
  ActingScene& scene = refused.scene();
  scene.RunFor(absl::Seconds(20));
  const std::size_t writes = scene.CountWrites();
  scene.RunFor(absl::Minutes(4));
  EXPECT_EQ(scene.CountWrites(), writes) << scene.Story();
  const Condition acting = scene.run().ConditionOf("Acting").value();
  EXPECT_FALSE(acting.status);
  EXPECT_EQ(acting.reason, "NotAuthorized");
  refused.ExpectServedAtHome(absl::Minutes(3));
  EXPECT_TRUE(scene.run().ConditionOf("Acting")->status);
}

void ExpectResponse(const ErrorCase& error) {
  SCOPED_TRACE(absl::StrCat(error.name, ": HTTP ", error.http_status, " ", error.body));
  Refused refused(error.http_status, error.body, 1);
  switch (error.want) {
    case Response::kSameRegionAgain:
      return ExpectSameRegionAgain(refused);
    case Response::kNextBestRegion:
      return ExpectNextBestRegionThenHome(refused);
    case Response::kRests:
      return ExpectRest(refused);
    case Response::kSameIntentAgain:
      return ExpectSameIntentAgain(refused);
    case Response::kNothingIsWritten:
      return ExpectNoWrite(refused);
  }
}

class Scopes : public ::testing::TestWithParam<ErrorCase> {};

TEST_P(Scopes, AnErrorLeadsToTheActionOfItsScope) {
  ExpectResponse(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Create, Scopes, ::testing::ValuesIn(MakeOwnCases()),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(Scopes, EachRecordedErrorLeadsToTheActionOfItsScope) {
  const char* folder = std::getenv("FLY_AUTOPLACER_DATA");
  if (folder == nullptr) GTEST_SKIP() << "FLY_AUTOPLACER_DATA is not set";
  const std::vector<ErrorCase> cases = ReadRecordedCases(folder);
  ASSERT_GE(cases.size(), 20u);
  for (const ErrorCase& error : cases) ExpectResponse(error);
}

TEST(Scopes, AHostThatStaysFullIsLeftAloneAfterAFewTries) {
  Refused refused(409, R"({"error":"insufficient memory available to fulfill request"})", 1000);
  refused.scene().RunFor(absl::Hours(1), absl::Seconds(5));
  EXPECT_LE(CreatesIn(refused.scene(), "sin").size(), 7u) << refused.scene().Story();
  EXPECT_GE(CreatesIn(refused.scene(), "sin").size(), 4u);
}

TEST(Scopes, ANameThatIsOursAlreadyIsAdopted) {
  ActingScene scene({.seed = 3});
  scene.StartWithTrafficIn({"fra", "sin"});
  scene.world().SetFaults(
      {.lost_replies = 1, .list_age_min = absl::Seconds(20), .list_age_max = absl::Seconds(20)});
  ASSERT_TRUE(scene.RunUntil([&] { return !scene.MachinesIn("sin").empty(); })) << scene.Story();
  scene.world().SetFaults({});
  ASSERT_TRUE(scene.RunUntil([&] { return scene.Serves("sin"); }, absl::Minutes(3))) << scene.Story();
  EXPECT_THAT(scene.MachinesIn("sin"), SizeIs(1));
  EXPECT_THAT(scene.judge().crimes(), IsEmpty());
}

TEST(Scopes, ANameThatNobodyShowsGivesWayToTheNextGeneration) {
  Refused refused(422, R"({"error":"has already been taken","status":"name_taken"})", 8);
  refused.ExpectServedAtHome(absl::Minutes(6));
  const std::vector<flysim::WriteRecord> creates = CreatesIn(refused.scene(), "sin");
  EXPECT_EQ(creates.front().name, "ap-web-sin-0-g1");
  EXPECT_EQ(creates.back().name, "ap-web-sin-0-g2");
  EXPECT_LE(creates.size(), 9u) << refused.scene().Story();
}

TEST(Scopes, AStrangerThatBearsOurNameIsLeftAlone) {
  Refused refused(500, "oops", 3);
  ActingScene& scene = refused.scene();
  const std::string stranger =
      scene.world().AddMachine({.region = "sin", .state = "stopped", .name = "ap-web-sin-0-g1"});
  scene.judge().AddForeign(stranger);
  scene.RunFor(absl::Minutes(10));
  EXPECT_THAT(scene.judge().crimes(), IsEmpty()) << scene.Story();
  EXPECT_EQ(CreatesIn(scene, "sin").back().name, "ap-web-sin-0-g2");
}

// 5xx for good in one region must not eat the creates of all others.
TEST(Scopes, AnErrorThatStaysGivesUpAndRests) {
  Refused refused(500, "oops", 1000);
  refused.scene().RunFor(absl::Hours(1), absl::Seconds(5));
  EXPECT_LE(CreatesIn(refused.scene(), "sin").size(), 24u) << refused.scene().Story();
  EXPECT_TRUE(refused.scene().run().StatusOf().create_failures.contains("sin"));
}

// A token that may only read: the first write of all is the claim.
class ReadOnlyToken final : public ForwardingMachines {
 public:
  using ForwardingMachines::ForwardingMachines;
  int writes() const { return writes_; }

 private:
  Task<absl::Status> Intercept(MachinesCall call, Forward forward) override {
    if (call.kind != MachinesCall::Kind::kWrite) co_return co_await forward();
    ++writes_;
    co_return WithScope(absl::PermissionDeniedError("token may only read"), ErrorScope::kAuth);
  }

  int writes_ = 0;
};

TEST(Scopes, ATokenThatMayOnlyReadIsTriedEveryFewMinutesOnly) {
  ActingScene scene({});
  scene.WaitWithTrafficIn({"fra", "sin"});
  ReadOnlyToken machines(scene.machines());
  PlacementReconciler reconciler;
  scene.run().Start(machines, scene.traffic(), reconciler, {.owner_id = "controller-1"});
  scene.Apply(scene.policy());
  scene.RunFor(absl::Minutes(32), absl::Seconds(5));
  EXPECT_EQ(scene.run().ConditionOf("Acting")->reason, "NotAuthorized");
  EXPECT_GE(machines.writes(), 3);
  EXPECT_LE(machines.writes(), 8);
  scene.run().Kill();
}

}  // namespace
}  // namespace placer
