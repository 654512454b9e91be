// What goes wrong on demand: only what was asked for, and equally for equal seeds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cmd/flysim/core/world.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

using ::testing::IsEmpty;
using Kind = MachineChange::Kind;

TEST(FaultsTest, AWriteWhoseReplyIsLostHappened) {
  World world(MakeOptions(0));
  world.SetFaults({.lost_replies = 1});
  const absl::Status status = world.Create(MakeCreate()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ScopeOf(status), ErrorScope::kUnknown);
  EXPECT_EQ(world.machines().size(), 2u);
  EXPECT_TRUE(world.writes().back().ok);
}

TEST(FaultsTest, ARefusalIsNeverLost) {
  World world(MakeOptions(0));
  world.SetFaults({.lost_replies = 1});
  EXPECT_EQ(ScopeOf(world.Apply(MakeChange(Kind::kStart, "none"))), ErrorScope::kGone);
}

TEST(FaultsTest, AboutAsManyRepliesAreLostAsAsked) {
  World world(MakeOptions(0));
  const std::string id = world.machines().front().id;
  world.SetFaults({.lost_replies = 0.3});
  int lost = 0;
  for (int i = 0; i < 1000; ++i) lost += world.Apply(MakeChange(Kind::kCordon, id)).ok() ? 0 : 1;
  EXPECT_NEAR(lost, 300, 60);
}

TEST(FaultsTest, AFailedCallDidNothing) {
  World world(MakeOptions(0));
  world.SetFaults({.errors = 1, .error_status = 502});
  EXPECT_EQ(world.Create(MakeCreate()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(world.List().ok());
  EXPECT_EQ(world.machines().size(), 1u);
}

TEST(FaultsTest, AStaleListShowsTheAppAsItWas) {
  World world(MakeOptions(0));
  PassSeconds(world, 60);
  const std::string id = world.AddMachine("iad", "started");
  world.SetFaults({.list_age_min = absl::Seconds(20), .list_age_max = absl::Seconds(20)});
  PassSeconds(world, 19);
  EXPECT_EQ(world.List()->size(), 1u);
  EXPECT_EQ(world.Get(id)->state, "started");
  PassSeconds(world, 2);
  EXPECT_EQ(world.List()->size(), 2u);
}

TEST(FaultsTest, AStaleListStillShowsWhatWasDestroyed) {
  World world(MakeOptions(0));
  const std::string id = world.AddMachine("iad", "started");
  PassSeconds(world, 60);
  world.RemoveMachine(id);
  world.SetFaults({.list_age_min = absl::Seconds(2), .list_age_max = absl::Seconds(30)});
  PassSeconds(world, 1);
  EXPECT_EQ(world.List()->size(), 2u);
  PassSeconds(world, 30);
  EXPECT_EQ(world.List()->size(), 1u);
}

TEST(FaultsTest, AStaleListShowsTheStatesOnTheirWay) {
  World world(MakeOptions(0));
  const std::string id = world.machines().front().id;
  PassSeconds(world, 10);
  ASSERT_TRUE(world.Apply(MakeChange(Kind::kStop, id)).ok());
  PassSeconds(world, 60);
  world.SetFaults({.list_age_min = absl::Seconds(59.5), .list_age_max = absl::Seconds(59.5)});
  EXPECT_EQ(world.List()->front().state, "stopping");
}

TEST(FaultsTest, AnEmptyListHidesMachinesThatAreThere) {
  World world(MakeOptions(0));
  world.SetFaults({.empty_lists = true});
  EXPECT_THAT(*world.List(), IsEmpty());
  EXPECT_EQ(world.RenderMachineList(), "[]");
  EXPECT_TRUE(world.Get(world.machines().front().id).ok());
}

TEST(FaultsTest, FrozenEdgesCountNothingWhileMachinesGoOn) {
  World world(MakeOptions(150));
  PassSeconds(world, 60);
  world.SetFaults({.frozen_edges = true});
  const absl::Time frozen = world.now();
  const auto before = ParsePage(world.RenderMetrics());
  PassSeconds(world, 60);
  const auto after = ParsePage(world.RenderMetrics());
  EXPECT_EQ(SumSeries(after, "fly_edge_http_responses_count"),
            SumSeries(before, "fly_edge_http_responses_count"));
  EXPECT_GT(SumSeries(after, "fly_app_http_responses_count"),
            SumSeries(before, "fly_app_http_responses_count"));
  for (const auto& [region, count] : world.CountEdgeRequests(frozen, world.now())) EXPECT_EQ(count, 0);
  EXPECT_GT(world.CountServed(frozen, world.now()).at("fra").requests, 0);
}

TEST(FaultsTest, DelaysLieInTheirRange) {
  World world(MakeOptions(0));
  EXPECT_EQ(world.DrawDelay(), absl::ZeroDuration());
  world.SetFaults({.delay_min = absl::Seconds(1), .delay_max = absl::Seconds(3)});
  for (int i = 0; i < 100; ++i) {
    const absl::Duration delay = world.DrawDelay();
    EXPECT_GE(delay, absl::Seconds(1));
    EXPECT_LE(delay, absl::Seconds(3));
  }
}

TEST(FaultsTest, AMachineOnADeadHostShowsNoConfigAndServesNobody) {
  World world(MakeOptions(150));
  const std::string id = world.machines().front().id;
  world.SetHostStatus(id, "unreachable");
  const Machine machine = FindMachine(world, id);
  EXPECT_EQ(machine.host_status, "unreachable");
  EXPECT_FALSE(machine.has_config);
  EXPECT_EQ(machine.config, nullptr);
  EXPECT_EQ(machine.process_group, "app");
  EXPECT_EQ(ScopeOf(world.Apply(MakeChange(Kind::kStop, id))), ErrorScope::kUnknown);
  PassSeconds(world, 10);
  EXPECT_GT(world.totals().dropped, 0);
  world.SetHostStatus(id, "unreachable", /*hides_group=*/true);
  EXPECT_EQ(FindMachine(world, id).process_group, "");
}

TEST(FaultsTest, EqualSeedsGoWrongEqually) {
  const auto run = [] {
    World world(MakeOptions(20, 3));
    world.SetFaults({.lost_replies = 0.5, .errors = 0.2});
    for (int i = 0; i < 50; ++i) {
      world.Create(MakeCreate("m-" + std::to_string(i))).IgnoreError();
      PassSeconds(world, 1.3);
    }
    return world.RenderMachineList();
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace placer::flysim
