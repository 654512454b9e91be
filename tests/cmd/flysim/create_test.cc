// What a create may run into: names, room, scripted errors, limits; and what is written down of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cmd/flysim/core/refusal.h"
#include "cmd/flysim/core/world.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = MachineChange::Kind;

class CreateTest : public ::testing::Test {
 protected:
  World world_{MakeOptions(0)};
};

TEST_F(CreateTest, ANameIsTakenWhileItsMachineIsThere) {
  const std::string id = world_.Create(MakeCreate())->id;
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(ScopeOf(world_.Create(MakeCreate()).status()), ErrorScope::kNameTaken);
  EXPECT_EQ(world_.machines().size(), 2u);
  ASSERT_TRUE(world_.Apply(MakeChange(Kind::kDestroy, id), /*force=*/true).ok());
  EXPECT_EQ(ScopeOf(world_.Create(MakeCreate()).status()), ErrorScope::kNameTaken);
  PassSeconds(world_, 5);
  EXPECT_TRUE(world_.Create(MakeCreate()).ok());
}

TEST_F(CreateTest, TheMachineIsWhatItsConfigSays) {
  const Machine machine = *world_.Create(MakeCreate());
  EXPECT_EQ(machine.name, "ap-web-iad-0-g1");
  EXPECT_EQ(machine.region, "iad");
  EXPECT_EQ(machine.process_group, "app");
  EXPECT_EQ(machine.hard_limit, 25);
  EXPECT_EQ(machine.metadata.at("autoplacer_policy"), "web");
  EXPECT_THAT(*machine.config, HasSubstr("\"autostop\":false"));
}

TEST_F(CreateTest, APinnedImageIsRunAsItIs) {
  const std::string pinned = world_.machines().front().image_ref;
  CreateMachine request = MakeCreate();
  request.config = "{\"image\": \"" + pinned + "\"}";
  const Machine machine = *world_.Create(request);
  EXPECT_EQ(machine.image_ref, pinned);
  EXPECT_EQ(machine.image, world_.machines().front().image);
}

struct BadCase {
  const char* name;
  const char* region;
  const char* machine_name;
  const char* config;
};

class BadCreateTest : public CreateTest, public ::testing::WithParamInterface<BadCase> {};

TEST_P(BadCreateTest, IsRefusedForGood) {
  const absl::Status status =
      world_
          .Create(CreateMachine{
              .name = GetParam().machine_name, .region = GetParam().region, .config = GetParam().config})
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ScopeOf(status), ErrorScope::kRefused);
  EXPECT_EQ(world_.machines().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, BadCreateTest,
    ::testing::Values(BadCase{"UnknownRegion", "xxx", "a", kSmallConfig},
                      BadCase{"NameWithSpace", "iad", "a b", kSmallConfig},
                      BadCase{"NoConfig", "iad", "a", ""}, BadCase{"ConfigIsNoObject", "iad", "a", "[]"},
                      BadCase{"NoImage", "iad", "a", "{}"},
                      BadCase{"MetadataIsNoText", "iad", "a", R"({"image":"i","metadata":{"k":1}})"},
                      BadCase{"ServicesAreNoArray", "iad", "a", R"({"image":"i","services":{}})"},
                      BadCase{"UnknownVolume", "iad", "a", R"({"image":"i","mounts":[{"volume":"vol_x"}]})"}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(CreateTest, AFullRegionHasNoRoom) {
  world_.SetCapacity("iad", 1);
  const std::string id = world_.Create(MakeCreate("one"))->id;
  const absl::Status status = world_.Create(MakeCreate("two")).status();
  EXPECT_EQ(ScopeOf(status), ErrorScope::kRegion);
  EXPECT_EQ(MakeRefusalAnswer(status).status, 422);
  EXPECT_TRUE(world_.Create(MakeCreate("three", "ewr")).ok());
  world_.RemoveMachine(id);
  EXPECT_TRUE(world_.Create(MakeCreate("two")).ok());
  world_.SetCapacity("iad", std::nullopt);
  EXPECT_TRUE(world_.Create(MakeCreate("four")).ok());
}

TEST_F(CreateTest, AScriptedErrorComesAsOftenAsAsked) {
  const std::string body = R"({"error":"aborted: insufficient IPs available to fulfill request"})";
  world_.FailCreates("iad", 409, body, 2);
  for (int i = 0; i < 2; ++i) {
    const absl::Status status = world_.Create(MakeCreate()).status();
    EXPECT_EQ(ScopeOf(status), ErrorScope::kHost);
    EXPECT_EQ(MakeRefusalAnswer(status).status, 409);
    EXPECT_EQ(MakeRefusalAnswer(status).body, body);
  }
  EXPECT_TRUE(world_.Create(MakeCreate()).ok());
}

TEST_F(CreateTest, RoomIsWhatTheCapacityLeaves) {
  world_.SetCapacity("iad", 3);
  ASSERT_TRUE(world_.Create(MakeCreate()).ok());
  const auto rooms = world_.FindRoom({.organization = "personal", .region = "iad", .count = 0});
  ASSERT_EQ(rooms.size(), 1u);
  EXPECT_EQ(rooms[0].count, 2);
}

TEST_F(CreateTest, EveryWriteIsWrittenDown) {
  const std::string id = world_.Create(MakeCreate())->id;
  world_.Create(MakeCreate()).IgnoreError();
  world_.Apply(MakeChange(Kind::kStart, "none")).IgnoreError();
  ASSERT_EQ(world_.writes().size(), 3u);
  const WriteRecord& made = world_.writes()[0];
  EXPECT_EQ(made.kind, "create");
  EXPECT_EQ(made.machine_id, id);
  EXPECT_EQ(made.region, "iad");
  EXPECT_TRUE(made.ok);
  const WriteRecord& refused = world_.writes()[1];
  EXPECT_EQ(refused.name, "ap-web-iad-0-g1");
  EXPECT_FALSE(refused.ok);
  EXPECT_EQ(refused.scope, ErrorScope::kNameTaken);
  EXPECT_EQ(world_.writes()[2].kind, "start");
}

TEST_F(CreateTest, EveryMachineThereEverWasIsRemembered) {
  const std::string id = world_.Create(MakeCreate())->id;
  PassSeconds(world_, 20);
  world_.RemoveMachine(id);
  const auto ever = world_.machines_ever();
  ASSERT_EQ(ever.size(), 2u);
  EXPECT_EQ(ever[0].destroyed_at, absl::InfiniteFuture());
  EXPECT_EQ(ever[1].id, id);
  EXPECT_EQ(ever[1].metadata.at("autoplacer_policy"), "web");
  EXPECT_EQ(ever[1].destroyed_at, kStart + absl::Seconds(20));
  EXPECT_EQ(world_.totals().most_machines, 2);
}

TEST_F(CreateTest, TheFourthCallOfABurstHasToWait) {
  WorldOptions options = MakeOptions(0);
  options.rate_limits = true;
  World limited(options);
  for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(limited.Create(MakeCreate(name)).ok());
  const absl::Status status = limited.Create(MakeCreate("d")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ScopeOf(status), ErrorScope::kRetry);
  EXPECT_EQ(MakeRefusalAnswer(status).status, 429);
  EXPECT_EQ(FindHeader(MakeRefusalAnswer(status).headers, "Retry-After"), "1");
  PassSeconds(limited, 1);
  EXPECT_TRUE(limited.Create(MakeCreate("d")).ok());
}

TEST_F(CreateTest, LimitsCountPerMachineAndAction) {
  WorldOptions options = MakeOptions(0);
  options.rate_limits = true;
  World limited(options);
  const std::string one = limited.AddMachine("iad", "started");
  const std::string other = limited.AddMachine("iad", "started");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limited.Apply(MakeChange(Kind::kCordon, one)).ok());
  EXPECT_FALSE(limited.Apply(MakeChange(Kind::kCordon, one)).ok());
  EXPECT_TRUE(limited.Apply(MakeChange(Kind::kUncordon, one)).ok());
  EXPECT_TRUE(limited.Apply(MakeChange(Kind::kCordon, other)).ok());
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limited.Get(one).ok());
  EXPECT_FALSE(limited.Get(one).ok());
}

TEST_F(CreateTest, AVolumeIsAttachedToTheMachineThatMountsIt) {
  const Volume volume = *world_.Create(CreateVolume{.name = "data", .region = "iad"});
  CreateMachine request = MakeCreate();
  request.config = "{\"image\":\"i\",\"mounts\":[{\"volume\":\"" + volume.id + "\",\"path\":\"/data\"}]}";
  const Machine machine = *world_.Create(request);
  EXPECT_TRUE(machine.has_volumes);
  EXPECT_EQ(world_.volumes()[0].attached_machine, machine.id);
  request.name = "second";
  EXPECT_EQ(ScopeOf(world_.Create(request).status()), ErrorScope::kRefused);
  world_.RemoveMachine(machine.id);
  EXPECT_EQ(world_.volumes()[0].attached_machine, "");
}

TEST_F(CreateTest, AFullRegionHasNoRoomForAVolumeEither) {
  world_.SetCapacity("iad", 0);
  EXPECT_EQ(ScopeOf(world_.Create(CreateVolume{.name = "data", .region = "iad"}).status()),
            ErrorScope::kRegion);
}

}  // namespace
}  // namespace placer::flysim
