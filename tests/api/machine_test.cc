// Whose machines these are, told by the marks in their metadata.
#include "api/machine.h"

#include <gtest/gtest.h>

namespace placer {
namespace {

Machine MakeMarked(const std::string& name) {
  Machine machine;
  machine.id = machine.name = name;
  machine.state = "started";
  machine.metadata = {
      {kMetadataPolicy, "web"}, {kMetadataIntent, "ap-web-fra-0-g1"}, {kMetadataParked, "web"}};
  return machine;
}

TEST(CopiedMarks, OfACloneAreForgotten) {
  std::vector<Machine> machines = {MakeMarked("ap-web-fra-0-g1"), MakeMarked("quiet-river-1234")};
  ForgetCopiedMarks(machines);
  EXPECT_TRUE(IsMadeBy(machines[0], "web"));
  EXPECT_TRUE(machines[1].metadata.empty());
}

TEST(CopiedMarks, OfTheOneThatABluegreenDeployLeftAreKept) {
  std::vector<Machine> machines = {MakeMarked("quiet-river-1234")};
  ForgetCopiedMarks(machines);
  EXPECT_TRUE(IsMadeBy(machines[0], "web"));
  machines.push_back(MakeMarked("ap-web-fra-0-g1"));
  machines[1].state = "destroyed";
  ForgetCopiedMarks(machines);
  EXPECT_TRUE(IsMadeBy(machines[0], "web"));
}

// Where the name was taken, ours is called otherwise than its mark.
TEST(CopiedMarks, AreNoneUnderANameOfOurs) {
  std::vector<Machine> machines = {MakeMarked("ap-web-fra-0-g1"), MakeMarked("ap-web-fra-0-g2")};
  ForgetCopiedMarks(machines);
  EXPECT_TRUE(IsMadeBy(machines[1], "web"));
}

TEST(ReleaseVersion, OfAMachineThatNamesNoneIsOlderThanAny) {
  Machine machine;
  EXPECT_EQ(ReleaseVersionOf(machine), -1);
  machine.metadata[kMetadataReleaseVersion] = "seven";
  EXPECT_EQ(ReleaseVersionOf(machine), -1);
  machine.metadata[kMetadataReleaseVersion] = "7000000000";
  EXPECT_EQ(ReleaseVersionOf(machine), 7'000'000'000);
}

}  // namespace
}  // namespace placer
