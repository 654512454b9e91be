// Who holds a lease may change the machine, and nobody else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cmd/flysim/core/world.h"
#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

using Kind = MachineChange::Kind;

class LeasesTest : public ::testing::Test {
 protected:
  absl::StatusOr<Lease> Take(const std::string& nonce = "", absl::Duration ttl = absl::Seconds(30)) {
    return world_.Take({.machine_id = id_, .ttl = ttl, .nonce = nonce, .description = "a test"});
  }

  World world_{MakeOptions(0)};
  std::string id_ = world_.AddMachine("iad", "stopped");
};

struct ChangeCase {
  const char* name;
  Kind kind;
  const char* state;
};

class LeasedChangeTest : public LeasesTest, public ::testing::WithParamInterface<ChangeCase> {
 protected:
  void SetUp() override { world_.SetMachineState(id_, GetParam().state); }
};

TEST_P(LeasedChangeTest, IsRefusedWithoutTheNonce) {
  ASSERT_TRUE(Take().ok());
  for (const char* nonce : {"", "wrong"}) {
    const absl::Status status = world_.Apply(MakeChange(GetParam().kind, id_, nonce));
    EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
    EXPECT_EQ(ScopeOf(status), ErrorScope::kConflict);
  }
}

TEST_P(LeasedChangeTest, HappensWithTheNonce) {
  const std::string nonce = Take()->nonce;
  EXPECT_TRUE(world_.Apply(MakeChange(GetParam().kind, id_, nonce)).ok());
}

TEST_P(LeasedChangeTest, HappensOnceTheLeaseHasExpired) {
  ASSERT_TRUE(Take("", absl::Seconds(10)).ok());
  PassSeconds(world_, 9);
  EXPECT_FALSE(world_.Apply(MakeChange(GetParam().kind, id_)).ok());
  PassSeconds(world_, 3);
  EXPECT_TRUE(world_.Apply(MakeChange(GetParam().kind, id_)).ok());
}

INSTANTIATE_TEST_SUITE_P(Changes, LeasedChangeTest,
                         ::testing::Values(ChangeCase{"Start", Kind::kStart, "stopped"},
                                           ChangeCase{"Stop", Kind::kStop, "started"},
                                           ChangeCase{"Suspend", Kind::kSuspend, "started"},
                                           ChangeCase{"Destroy", Kind::kDestroy, "stopped"},
                                           ChangeCase{"Cordon", Kind::kCordon, "started"},
                                           ChangeCase{"Uncordon", Kind::kUncordon, "started"}),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(LeasesTest, AnUpdateNeedsTheNonce) {
  const std::string nonce = Take()->nonce;
  EXPECT_EQ(ScopeOf(world_.Update({.machine_id = id_, .config = kSmallConfig}).status()),
            ErrorScope::kConflict);
  EXPECT_TRUE(world_.Update({.machine_id = id_, .config = kSmallConfig, .lease_nonce = nonce}).ok());
}

TEST_F(LeasesTest, MetadataNeedsNoNonce) {
  ASSERT_TRUE(Take().ok());
  EXPECT_TRUE(world_.Apply({.kind = Kind::kSetMetadata, .machine_id = id_, .key = "k", .value = "v"}).ok());
}

TEST_F(LeasesTest, ALeasedMachineIsNotLeasedAgain) {
  ASSERT_TRUE(Take().ok());
  EXPECT_EQ(ScopeOf(Take().status()), ErrorScope::kConflict);
}

TEST_F(LeasesTest, ARenewalKeepsTheNonceAndMovesTheExpiry) {
  const Lease first = *Take();
  PassSeconds(world_, 20);
  const Lease renewed = *Take(first.nonce);
  EXPECT_EQ(renewed.nonce, first.nonce);
  EXPECT_EQ(renewed.expires_at, first.expires_at + absl::Seconds(20));
}

TEST_F(LeasesTest, AnExpiredLeaseIsTakenAnewWhenRenewed) {
  const Lease first = *Take();
  PassSeconds(world_, 60);
  EXPECT_NE(Take(first.nonce)->nonce, first.nonce);
}

TEST_F(LeasesTest, OnlyItsHolderReleasesALease) {
  ASSERT_TRUE(Take().ok());
  EXPECT_EQ(ScopeOf(world_.Apply(MakeChange(Kind::kReleaseLease, id_, "wrong"))), ErrorScope::kConflict);
}

TEST_F(LeasesTest, AReleasedLeaseIsGone) {
  const std::string nonce = Take()->nonce;
  ASSERT_TRUE(world_.Apply(MakeChange(Kind::kReleaseLease, id_, nonce)).ok());
  EXPECT_EQ(world_.GetLease(id_).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Take().ok());
}

TEST_F(LeasesTest, TheListTellsWhoHoldsALeaseButNotItsNonce) {
  EXPECT_FALSE(FindMachine(world_, id_).lease.has_value());
  ASSERT_TRUE(Take().ok());
  const Machine machine = FindMachine(world_, id_);
  ASSERT_TRUE(machine.lease.has_value());
  EXPECT_EQ(machine.lease->description, "a test");
  EXPECT_EQ(machine.lease->nonce, "");
  EXPECT_NE(machine.lease->owner, "");
  PassSeconds(world_, 60);
  EXPECT_FALSE(FindMachine(world_, id_).lease.has_value());
}

}  // namespace
}  // namespace placer::flysim
