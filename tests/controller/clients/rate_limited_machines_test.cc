#include "controller/fly/rate_limited_machines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <deque>

#include "absl/strings/str_cat.h"
#include "tests/simulated/virtual_time.h"

namespace placer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = MachineChange::Kind;

absl::Status Passing() {
  return absl::UnavailableError("HTTP 503");
}
absl::Status TooMany(absl::Duration pause) {
  return WithRetryAfter(WithScope(absl::ResourceExhaustedError("HTTP 429"), ErrorScope::kRetry), pause);
}

// Answers from a script (then with success), and remembers each call with the second in which it came.
class ScriptedMachines final : public MachinesApi {
 public:
  explicit ScriptedMachines(const Clock& clock) : clock_(clock), started_(clock.Now()) {}

  std::deque<absl::Status> script;
  std::vector<std::string> calls;

  Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) override {
    return Answer<std::vector<Machine>>("list " + app);
  }
  Task<absl::StatusOr<Machine>> Get(std::string app, std::string id) override {
    return Answer<Machine>(absl::StrCat("get ", app, " ", id));
  }
  Task<absl::StatusOr<std::vector<Region>>> ListRegions() override {
    return Answer<std::vector<Region>>("regions");
  }
  Task<absl::StatusOr<Machine>> Create(std::string app, CreateMachine request) override {
    return Answer<Machine>(absl::StrCat("create ", app, " ", request.name));
  }
  Task<absl::StatusOr<Machine>> Update(std::string app, UpdateMachine request) override {
    return Answer<Machine>(absl::StrCat("update ", app, " ", request.machine_id));
  }
  Task<absl::Status> Apply(std::string app, MachineChange change) override {
    return Tell(absl::StrCat(ToString(change.kind), " ", app, " ", change.machine_id));
  }
  Task<absl::StatusOr<Lease>> Take(std::string app, TakeLease request) override {
    return Answer<Lease>(absl::StrCat("lease ", app, " ", request.machine_id));
  }
  Task<absl::Status> Wait(std::string app, WaitForState request) override {
    return Tell(absl::StrCat("wait ", app, " ", request.machine_id));
  }
  Task<absl::StatusOr<std::vector<Volume>>> ListVolumes(std::string app) override {
    return Answer<std::vector<Volume>>("volumes " + app);
  }
  Task<absl::StatusOr<Volume>> Create(std::string app, CreateVolume request) override {
    return Answer<Volume>(absl::StrCat("create_volume ", app, " ", request.name));
  }

 private:
  absl::Status Next(const std::string& call) {
    calls.push_back(absl::StrCat(absl::ToDoubleSeconds(clock_.Now() - started_), " ", call));
    if (script.empty()) return absl::OkStatus();
    absl::Status next = script.front();
    script.pop_front();
    return next;
  }
  template <typename T>
  Task<absl::StatusOr<T>> Answer(std::string call) {
    absl::Status next = Next(call);
    if (!next.ok()) co_return next;
    co_return T{};
  }
  Task<absl::Status> Tell(std::string call) { co_return Next(call); }

  const Clock& clock_;
  absl::Time started_;
};

// Jitter that leaves a pause as it is.
class NoJitter final : public Random {
 public:
  double Uniform() override { return uniform; }
  double uniform = 0.5;
};

class RateLimitedMachinesTest : public testing::Test {
 protected:
  const std::vector<std::string>& calls() const { return inner_.calls; }
  void Script(std::deque<absl::Status> script) { inner_.script = std::move(script); }
  // Starts a List that `signal` cancels; `ended` says how it went, once it is over.
  void StartList(asio::cancellation_signal& signal, std::optional<absl::Status>& ended) {
    asio::co_spawn(
        time_.io(), machines_.List("web"),
        asio::bind_cancellation_slot(
            signal.slot(), [&ended](std::exception_ptr error, absl::StatusOr<std::vector<Machine>> result) {
              ended = error != nullptr ? absl::InternalError("it threw") : result.status();
            }));
    time_.Settle();
  }

  VirtualTime time_;
  ScriptedMachines inner_{time_.clock()};
  NoJitter random_;
  std::vector<std::string> waits_;
  RateLimitedMachines machines_{inner_, time_.clock(), random_,
                                [this](const std::string& action, absl::Duration waited) {
                                  waits_.push_back(absl::StrCat(action, " ", absl::FormatDuration(waited)));
                                }};
};

TEST_F(RateLimitedMachinesTest, CallsBeyondTheBurstWaitForTheirSecond) {
  for (int i = 0; i < 5; ++i) time_.Start(machines_.Apply("web", {.kind = Kind::kStop, .machine_id = "m"}));
  EXPECT_THAT(calls(), SizeIs(3));
  EXPECT_THAT(waits_, IsEmpty());
  time_.RunFor(absl::Seconds(9));
  EXPECT_THAT(calls(),
              ElementsAre("0 stop web m", "0 stop web m", "0 stop web m", "1 stop web m", "2 stop web m"));
  EXPECT_THAT(waits_, ElementsAre("stop 1s", "stop 2s"));
}

TEST_F(RateLimitedMachinesTest, EveryCallGoesThroughOnceUnderItsOwnBucket) {
  const auto call_all = [this] {
    time_.Start(machines_.List("web"));
    time_.Start(machines_.ListRegions());
    time_.Start(machines_.Create("web", CreateMachine{.name = "n"}));
    time_.Start(machines_.Update("web", {.machine_id = "m"}));
    time_.Start(machines_.Apply("web", {.kind = Kind::kCordon, .machine_id = "m"}));
    time_.Start(machines_.Take("web", {.machine_id = "m"}));
    time_.Start(machines_.Wait("web", {.machine_id = "m"}));
    time_.Start(machines_.ListVolumes("web"));
    time_.Start(machines_.Create("web", CreateVolume{.name = "v"}));
  };
  call_all();
  EXPECT_THAT(calls(),
              ElementsAre("0 list web", "0 regions", "0 create web n", "0 update web m", "0 cordon web m",
                          "0 lease web m", "0 wait web m", "0 volumes web", "0 create_volume web v"));
  for (int i = 0; i < 3; ++i) call_all();
  EXPECT_THAT(calls(), SizeIs(27)) << "the fourth of each waits";
  time_.RunFor(absl::Seconds(1));
  EXPECT_THAT(calls(), SizeIs(36));
}

TEST_F(RateLimitedMachinesTest, GetMayBeCalledTenTimesAtOnceAndFiveTimesASecond) {
  for (int i = 0; i < 15; ++i) time_.Start(machines_.Get("web", "m"));
  EXPECT_THAT(calls(), SizeIs(10));
  time_.RunFor(absl::Milliseconds(600));
  EXPECT_THAT(calls(), SizeIs(13));
}

TEST_F(RateLimitedMachinesTest, A429PausesItsBucketForAsLongAsItAsks) {
  Script({TooMany(absl::Seconds(7))});
  const auto refused = time_.Start(machines_.Apply("web", {.kind = Kind::kStart, .machine_id = "m"}));
  EXPECT_EQ(RetryAfterOf(refused->value()), absl::Seconds(7));
  time_.Start(machines_.Apply("web", {.kind = Kind::kStart, .machine_id = "m"}));
  time_.Start(machines_.Apply("web", {.kind = Kind::kStart, .machine_id = "other"}));
  time_.RunFor(absl::Seconds(60));
  EXPECT_THAT(calls(), ElementsAre("0 start web m", "0 start web other", "7 start web m"));
  EXPECT_THAT(waits_, ElementsAre("start 7s"));
}

TEST_F(RateLimitedMachinesTest, A429AlsoPausesCallsThatWaitAlready) {
  Script({absl::OkStatus(), absl::OkStatus(), TooMany(absl::Seconds(5))});
  for (int i = 0; i < 4; ++i) time_.Start(machines_.Apply("web", {.kind = Kind::kStop, .machine_id = "m"}));
  time_.RunFor(absl::Seconds(9));
  EXPECT_THAT(calls(), ElementsAre("0 stop web m", "0 stop web m", "0 stop web m", "5 stop web m"));
}

TEST_F(RateLimitedMachinesTest, NoPauseIsLongerThanAMinute) {
  Script({TooMany(absl::Hours(5))});
  time_.Start(machines_.Apply("web", {.kind = Kind::kStart, .machine_id = "m"}));
  time_.Start(machines_.Apply("web", {.kind = Kind::kStart, .machine_id = "m"}));
  time_.RunFor(absl::Minutes(2));
  EXPECT_THAT(calls(), ElementsAre("0 start web m", "60 start web m"));
}

TEST_F(RateLimitedMachinesTest, A429ThatNamesNoTimePausesForASecond) {
  Script({WithScope(absl::ResourceExhaustedError("HTTP 429"), ErrorScope::kRetry)});
  time_.Start(machines_.Apply("web", {.kind = Kind::kStart, .machine_id = "m"}));
  time_.Start(machines_.Apply("web", {.kind = Kind::kStart, .machine_id = "m"}));
  time_.RunFor(absl::Minutes(2));
  EXPECT_THAT(calls(), ElementsAre("0 start web m", "1 start web m"));
}

TEST_F(RateLimitedMachinesTest, AWriteIsNeverRepeated) {
  for (const absl::Status& error :
       {Passing(), absl::DeadlineExceededError("x"), TooMany(absl::ZeroDuration())}) {
    inner_.calls.clear();
    Script({error, error, error, error, error, error, error});
    time_.Start(machines_.Create("web", CreateMachine{}));
    time_.Start(machines_.Update("web", {.machine_id = "m"}));
    time_.Start(machines_.Apply("web", {.kind = Kind::kDestroy, .machine_id = "m"}));
    time_.Start(machines_.Take("web", {.machine_id = "m"}));
    time_.Start(machines_.Wait("web", {.machine_id = "m"}));
    time_.Start(machines_.Create("web", CreateVolume{}));
    time_.RunFor(absl::Minutes(2));
    EXPECT_THAT(calls(), SizeIs(6)) << error;
  }
}

TEST_F(RateLimitedMachinesTest, AReadIsRepeatedWithGrowingPausesUntilItSucceeds) {
  Script({Passing(), absl::DeadlineExceededError("x"), Passing()});
  const auto result = time_.Start(machines_.Get("web", "m"));
  time_.RunFor(absl::Minutes(1));
  EXPECT_TRUE(result->value().ok());
  EXPECT_THAT(calls(), ElementsAre("0 get web m", "0.25 get web m", "0.75 get web m", "1.75 get web m"));
  EXPECT_THAT(waits_, IsEmpty()) << "a pause before a repetition is no wait for a rate limit";
}

TEST_F(RateLimitedMachinesTest, AReadIsGivenUpAfterThreeRepetitionsWithItsLastError) {
  const auto run = [this](auto task) {
    inner_.calls.clear();
    Script({Passing(), Passing(), Passing(), absl::UnavailableError("last")});
    const auto result = time_.Start(std::move(task));
    time_.RunFor(absl::Minutes(2));
    EXPECT_EQ((*result)->status().message(), "last");
    EXPECT_THAT(calls(), SizeIs(4));
  };
  run(machines_.List("web"));
  run(machines_.Get("web", "m"));
  run(machines_.ListRegions());
  run(machines_.ListVolumes("web"));
}

TEST_F(RateLimitedMachinesTest, ARepetitionHonoursThePauseThatA429AskedFor) {
  Script({TooMany(absl::Seconds(3))});
  const auto result = time_.Start(machines_.List("web"));
  time_.RunFor(absl::Minutes(1));
  EXPECT_TRUE(result->value().ok());
  EXPECT_THAT(calls(), ElementsAre("0 list web", "3 list web"));
}

TEST_F(RateLimitedMachinesTest, WhatRepeatingCannotHelpIsNotRepeated) {
  for (const absl::Status& error :
       {WithScope(absl::NotFoundError("x"), ErrorScope::kGone),
        WithScope(absl::UnauthenticatedError("x"), ErrorScope::kAuth),
        WithScope(absl::InvalidArgumentError("x"), ErrorScope::kRefused),
        WithScope(absl::UnavailableError("x"), ErrorScope::kRegion), absl::InternalError("no JSON"),
        absl::ResourceExhaustedError("the answer is too long"), absl::CancelledError("x")}) {
    inner_.calls.clear();
    Script({error});
    const auto result = time_.Start(machines_.Get("web", "m"));
    time_.RunFor(absl::Minutes(2));
    EXPECT_EQ((*result)->status(), error);
    EXPECT_THAT(calls(), SizeIs(1)) << error;
  }
}

TEST_F(RateLimitedMachinesTest, JitterSpreadsThePausesByHalf) {
  for (const auto& [uniform, second] :
       std::vector<std::pair<double, const char*>>{{0.0, "0.125 list web"}, {0.999999, "0.375 list web"}}) {
    VirtualTime time;
    ScriptedMachines inner(time.clock());
    NoJitter random;
    random.uniform = uniform;
    RateLimitedMachines machines(inner, time.clock(), random, nullptr);
    inner.script = {Passing()};
    time.Start(machines.List("web"));
    time.RunFor(absl::Seconds(1));
    EXPECT_THAT(inner.calls, ElementsAre("0 list web", second));
  }
}

TEST_F(RateLimitedMachinesTest, ACancelledWaitMakesNoCallAndGivesItsTokenBack) {
  for (int i = 0; i < 3; ++i) time_.Start(machines_.List("web"));
  asio::cancellation_signal signal;
  std::optional<absl::Status> ended;
  StartList(signal, ended);
  EXPECT_FALSE(ended.has_value());
  signal.emit(asio::cancellation_type::terminal);
  time_.Settle();
  ASSERT_TRUE(ended.has_value());
  EXPECT_TRUE(absl::IsCancelled(*ended)) << *ended;
  time_.Start(machines_.List("web"));
  time_.RunFor(absl::Seconds(1));
  EXPECT_THAT(calls(), ElementsAre("0 list web", "0 list web", "0 list web", "1 list web"));
}

TEST_F(RateLimitedMachinesTest, ACancelledPauseEndsWithTheErrorThatItFollowed) {
  Script({Passing(), Passing()});
  asio::cancellation_signal signal;
  std::optional<absl::Status> ended;
  StartList(signal, ended);
  signal.emit(asio::cancellation_type::terminal);
  time_.RunFor(absl::Minutes(1));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(*ended, Passing());
  EXPECT_THAT(calls(), SizeIs(1));
}

}  // namespace
}  // namespace placer
