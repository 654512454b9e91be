#include "cmd/autoplacer/adoption.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace placer {
namespace {

using ::testing::HasSubstr;

Machine MakeMachine(std::string id, std::string group = "app") {
  Machine machine;
  machine.id = std::move(id);
  machine.region = "fra";
  machine.state = "started";
  machine.process_group = std::move(group);
  return machine;
}

PlacementPolicy MakePolicy(Adopt adopt) {
  PlacementPolicy policy;
  policy.name = "web";
  policy.app = "shop";
  policy.adopt = adopt;
  return policy;
}

AdoptedMachine Classify(const Machine& machine, Adopt adopt = Adopt::kAll, const std::string& self = "") {
  const std::vector<AdoptedMachine> report = ClassifyMachines(MakePolicy(adopt), {machine}, self);
  return report.empty() ? AdoptedMachine{} : report.front();
}

TEST(Adoption, AllTakesAnyMachineOfTheProcessGroup) {
  const AdoptedMachine line = Classify(MakeMachine("m1"));
  EXPECT_TRUE(line.managed);
  EXPECT_TRUE(line.counted);
}

TEST(Adoption, CreatedCountsAForeignMachineButLeavesIt) {
  const AdoptedMachine line = Classify(MakeMachine("m1"), Adopt::kCreated);
  EXPECT_FALSE(line.managed);
  EXPECT_TRUE(line.counted);
  EXPECT_THAT(line.why, HasSubstr("adopt: All"));
}

TEST(Adoption, CreatedTakesWhatThisPolicyMade) {
  Machine machine = MakeMachine("m1");
  machine.name = "ap-web-fra-0-g1";
  machine.metadata[kMetadataPolicy] = "web";
  EXPECT_TRUE(Classify(machine, Adopt::kCreated).managed);
}

TEST(Adoption, CreatedLeavesWhatAnotherPolicyMade) {
  Machine machine = MakeMachine("m1");
  machine.metadata[kMetadataPolicy] = "api";
  EXPECT_FALSE(Classify(machine, Adopt::kCreated).managed);
}

TEST(Adoption, StandbysAreNeitherCountedNorManaged) {
  Machine machine = MakeMachine("m1");
  machine.is_standby = true;
  const AdoptedMachine line = Classify(machine);
  EXPECT_FALSE(line.managed);
  EXPECT_FALSE(line.counted);
  EXPECT_THAT(line.why, HasSubstr("standby"));
}

TEST(Adoption, OneOffMachinesAreNotManaged) {
  Machine machine = MakeMachine("m1");
  machine.is_release_command = true;
  const AdoptedMachine line = Classify(machine);
  EXPECT_FALSE(line.managed);
  EXPECT_THAT(line.why, HasSubstr("one-off"));
}

TEST(Adoption, AnotherProcessGroupIsNotManagedAndIsNamed) {
  const AdoptedMachine line = Classify(MakeMachine("m1", "worker"));
  EXPECT_FALSE(line.managed);
  EXPECT_THAT(line.why, HasSubstr("\"worker\""));
}

TEST(Adoption, AMachineOfUnknownGroupIsNeverTouched) {
  const AdoptedMachine line = Classify(MakeMachine("m1", ""));
  EXPECT_FALSE(line.managed);
  EXPECT_THAT(line.why, HasSubstr("unknown"));
}

TEST(Adoption, OurOwnMachineAndItsWholeGroupAreNeverManaged) {
  const std::vector<AdoptedMachine> report =
      ClassifyMachines(MakePolicy(Adopt::kAll), {MakeMachine("self"), MakeMachine("sibling")}, "self");
  ASSERT_EQ(report.size(), 2u);
  EXPECT_FALSE(report[0].managed);
  EXPECT_FALSE(report[1].managed);
  EXPECT_THAT(report[0].why, HasSubstr("runs on it"));
  EXPECT_THAT(report[1].why, HasSubstr("runs in process group"));
}

TEST(Adoption, OurOwnMachineIsNotManagedEvenWithoutAKnownGroup) {
  const AdoptedMachine line = Classify(MakeMachine("self", ""), Adopt::kAll, "self");
  EXPECT_FALSE(line.managed);
  EXPECT_THAT(line.why, HasSubstr("runs on it"));
}

TEST(Adoption, AnUnknownOwnGroupDoesNotHideOtherMachines) {
  const std::vector<AdoptedMachine> report =
      ClassifyMachines(MakePolicy(Adopt::kAll), {MakeMachine("self", ""), MakeMachine("m1")}, "self");
  EXPECT_TRUE(report[1].managed);
}

TEST(Adoption, DestroyedMachinesAreLeftOut) {
  Machine machine = MakeMachine("m1");
  machine.state = "destroyed";
  EXPECT_TRUE(ClassifyMachines(MakePolicy(Adopt::kAll), {machine}, "").empty());
}

}  // namespace
}  // namespace placer
