// Answers of the Machines API, damaged at random but the same in every run: whatever comes, an answer is a
// value or an error with words.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/machine_template.h"
#include "api/machines_api.h"
#include "api/machines_writes.h"
#include "tests/fuzz/mutator.h"

namespace placer {
namespace {

constexpr int kRounds = 3000;

constexpr char kMachine[] =
    R"({"id":"m","region":"fra","state":"started","image_ref":{"registry":"r","repository":"x",
    "digest":"sha256:d"},"lease":{"nonce":"n","owner":"o","expires_at":5},"events":[{"type":"launch","timestamp":7}],
    "config":{"image":"r/x:t","metadata":{"autoplacer_policy":"p"},"mounts":[{"volume":"v","name":"data","size_gb":1}],
    "services":[{"internal_port":80,"autostop":true,"concurrency":{"hard_limit":25},"checks":[{"type":"tcp"}]}]}})";

TEST(MachinesHostileTest, AMachineAndWhatIsMadeOfIt) {
  Mutator mutator(11,
                  {"[", "{", "null", "true", "\"mounts\":", "1e999", ",", "\\u0000", "9223372036854775808"});
  int clones = 0;
  for (int i = 0; i < kRounds; ++i) {
    const absl::StatusOr<Machine> machine = ParseMachine({.body = mutator.Mutate(kMachine)});
    if (!machine.ok()) {
      ASSERT_FALSE(machine.status().message().empty());
      continue;
    }
    ASSERT_GE(machine->hard_limit, 0);
    const MachineTemplate source = MakeTemplate(*machine);
    const auto clone = MakeCloneConfig(source, {.policy = "p", .intent = "i", .volume_ids = {"vol"}});
    if (!clone.ok()) {
      ASSERT_FALSE(clone.status().message().empty());
      continue;
    }
    ++clones;
    ASSERT_EQ(boost::json::parse(*clone).at("metadata").at("autoplacer_policy"), "p");
    ASSERT_TRUE(MakeUpdatedConfig(source, *machine).ok());
    ASSERT_TRUE(ListTemplateVolumes(source).ok());
  }
  EXPECT_GT(clones, 50) << "the damage leaves too little to look at";
}

TEST(MachinesHostileTest, LeasesVolumesPlacementsAndRefusals) {
  Mutator mutator(
      12, {"[", "{", "null", "true", "\"id\":\"v\"", "1e999", ",", "\\u0000", "-9223372036854775808"});
  constexpr char kLease[] =
      R"({"status":"success","data":{"nonce":"n","owner":"o","expires_at":1788223800}})";
  constexpr char kVolumes[] = R"([{"id":"v","name":"data","region":"fra","state":"created","size_gb":3}])";
  constexpr char kRooms[] = R"({"regions":[{"region":"fra","count":2}]})";
  constexpr char kError[] = R"({"error":"aborted: no capacity","status":"unknown"})";
  for (int i = 0; i < kRounds; ++i) {
    const auto lease = ParseTakenLease({.body = mutator.Mutate(kLease)});
    ASSERT_TRUE(lease.ok() ? !lease->nonce.empty() : !lease.status().message().empty());
    const auto volumes = ParseVolumeList({.body = mutator.Mutate(kVolumes)});
    if (volumes.ok()) {
      for (const Volume& volume : *volumes) ASSERT_GE(volume.size_gb, 0);
    }
    const auto rooms = ParsePlacements({.body = mutator.Mutate(kRooms)});
    if (rooms.ok()) {
      for (const RegionRoom& room : *rooms) ASSERT_GE(room.count, 0);
    }
    const absl::Status error = MakeMachinesApiError({.status = 409, .body = mutator.Mutate(kError)});
    ASSERT_FALSE(error.ok());
    ASSERT_LT(error.message().size(), 500u);
  }
}

}  // namespace
}  // namespace placer
