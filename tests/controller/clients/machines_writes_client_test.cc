// The write calls of MachinesClient against our own HTTP server on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/controller/clients/answering_server.h"

namespace placer {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Kind = MachineChange::Kind;

constexpr char kMachine[] = R"({"id":"m","region":"fra","state":"created","instance_id":"01J"})";

class MachinesWritesClientTest : public AnsweringServerTest {
 protected:
  std::string LastCall() const {
    return seen_.empty() ? "" : absl::StrCat(seen_.back().method, " ", seen_.back().target);
  }

  MachinesClient client_ = Machines();
};

TEST_F(MachinesWritesClientTest, ACreateAnswersTheMachine) {
  answer_.body = kMachine;
  const auto machine = RunTask(
      io_, client_.Create("web", CreateMachine{.name = "n", .region = "fra", .config = R"({"image":"x"})"}));
  ASSERT_TRUE(machine.ok()) << machine.status();
  EXPECT_EQ(machine->id, "m");
  EXPECT_EQ(LastCall(), "POST /base/v1/apps/web/machines");
  EXPECT_THAT(seen_[0].body, HasSubstr(R"("config":{"image":"x"})"));
  EXPECT_EQ(FindHeader(seen_[0].headers, "authorization"), "FlyV1 fm2_t0ken");
  EXPECT_THAT(calls_, ElementsAre("create 200"));
}

TEST_F(MachinesWritesClientTest, AnUpdateSendsVersionAndNonceAndAnswersTheMachine) {
  answer_.body = kMachine;
  const auto machine = RunTask(
      io_, client_.Update("web",
                          {.machine_id = "m", .config = "{}", .current_version = "01H", .lease_nonce = "n"}));
  ASSERT_TRUE(machine.ok()) << machine.status();
  EXPECT_EQ(machine->instance_id, "01J");
  EXPECT_EQ(LastCall(), "POST /base/v1/apps/web/machines/m");
  EXPECT_EQ(FindHeader(seen_[0].headers, "fly-machine-lease-nonce"), "n");
  EXPECT_THAT(calls_, ElementsAre("update 200"));
}

TEST_F(MachinesWritesClientTest, EachChangeIsOneCallUnderItsOwnName) {
  for (const Kind kind : {Kind::kStart, Kind::kStop, Kind::kSuspend, Kind::kDestroy, Kind::kCordon,
                          Kind::kUncordon, Kind::kReleaseLease, Kind::kSetMetadata}) {
    const absl::Status status =
        RunTask(io_, client_.Apply("web", {.kind = kind, .machine_id = "m", .key = "k", .value = "v"}));
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_THAT(calls_, ElementsAre("start 200", "stop 200", "suspend 200", "destroy 200", "cordon 200",
                                  "uncordon 200", "release_lease 200", "set_metadata 200"));
  EXPECT_EQ(seen_.size(), 8u);
}

TEST_F(MachinesWritesClientTest, ALeaseIsTaken) {
  answer_ = {.status = 201, .body = R"({"status":"success","data":{"nonce":"n","expires_at":60}})"};
  const auto lease = RunTask(io_, client_.Take("web", {.machine_id = "m", .ttl = absl::Seconds(30)}));
  ASSERT_TRUE(lease.ok()) << lease.status();
  EXPECT_EQ(lease->nonce, "n");
  EXPECT_EQ(LastCall(), "POST /base/v1/apps/web/machines/m/lease?ttl=30");
  EXPECT_THAT(calls_, ElementsAre("lease 201"));
}

TEST_F(MachinesWritesClientTest, AWaitThatRunsOutIsDeadlineExceeded) {
  const WaitForState wait{.machine_id = "m", .state = "started", .timeout = absl::Seconds(5)};
  answer_.body = R"({"ok":true})";
  EXPECT_TRUE(RunTask(io_, client_.Wait("web", wait)).ok());
  answer_ = {.status = 408, .body = R"({"error":"deadline_exceeded: x"})"};
  EXPECT_EQ(RunTask(io_, client_.Wait("web", wait)).code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(LastCall(), "GET /base/v1/apps/web/machines/m/wait?state=started&timeout=5");
  EXPECT_THAT(calls_, ElementsAre("wait 200", "wait 408"));
}

TEST_F(MachinesWritesClientTest, VolumesAreListedAndMade) {
  answer_.body = R"([{"id":"vol_1","region":"fra"}])";
  EXPECT_EQ(RunTask(io_, client_.ListVolumes("web"))->front().id, "vol_1");
  answer_.body = R"({"id":"vol_2","region":"fra"})";
  EXPECT_EQ(RunTask(io_, client_.Create("web", CreateVolume{.name = "d", .region = "fra"}))->id, "vol_2");
  EXPECT_THAT(calls_, ElementsAre("volumes 200", "create_volume 200"));
}

TEST_F(MachinesWritesClientTest, ARefusalKeepsItsScopeAndRetryAfterThroughTheClient) {
  answer_ = {.status = 429, .headers = {{"Retry-After", "4"}}, .body = "slow down"};
  const absl::Status status = RunTask(io_, client_.Apply("web", {.kind = Kind::kStop, .machine_id = "m"}));
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ScopeOf(status), ErrorScope::kRetry);
  EXPECT_EQ(RetryAfterOf(status), absl::Seconds(4));
}

TEST_F(MachinesWritesClientTest, ARefusedTokenIsExplainedAndKeptSecret) {
  answer_ = {.status = 403, .body = "no right for t0ken fm2_t0ken"};
  const absl::Status status = RunTask(io_, client_.Apply("web", {.kind = Kind::kStop, .machine_id = "m"}));
  EXPECT_EQ(ScopeOf(status), ErrorScope::kAuth);
  EXPECT_THAT(status.message(), HasSubstr("the token was sent as FlyV1"));
  EXPECT_THAT(status.message(), Not(HasSubstr("fm2_t0ken")));
}

TEST_F(MachinesWritesClientTest, WithoutAnAnswerNobodyKnowsWhatHappened) {
  server_.Stop();
  const absl::Status status = RunTask(io_, client_.Apply("web", {.kind = Kind::kStop, .machine_id = "m"}));
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(ScopeOf(status), ErrorScope::kUnknown);
}

}  // namespace
}  // namespace placer
