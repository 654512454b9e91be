#include "cmd/autoplacer/seed_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/simulated/temporary_folder.h"

namespace placer {
namespace {

using ::testing::HasSubstr;

class SeedPolicyTest : public ::testing::Test {
 protected:
  SeedPolicyTest() { Write("seed.yaml", "kind: Seed\n"); }

  std::string PathOf(const std::string& name) const { return folder_.PathOf(name); }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(PathOf(name), std::ios::binary) << text;
  }
  std::string Read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(PathOf(name), std::ios::binary).rdbuf();
    return text.str();
  }
  absl::StatusOr<bool> Seed() const { return SeedPolicy(PathOf("seed.yaml"), PathOf("volume/policy.yaml")); }
  // Names in the folder of the policy.
  std::vector<std::string> List() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(PathOf("volume"))) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
  void MakeVolume() const { std::filesystem::create_directory(PathOf("volume")); }

  TemporaryFolder folder_;
};

TEST_F(SeedPolicyTest, AFreshVolumeGetsTheSeedAndNothingElse) {
  MakeVolume();
  const absl::StatusOr<bool> seeded = Seed();
  ASSERT_TRUE(seeded.ok()) << seeded.status();
  EXPECT_TRUE(*seeded);
  EXPECT_EQ(Read("volume/policy.yaml"), "kind: Seed\n");
  EXPECT_THAT(List(), ::testing::ElementsAre("policy.yaml"));
}

TEST_F(SeedPolicyTest, EveryoneMayReadTheCopyAndItsOwnerMayEditIt) {
  MakeVolume();
  const mode_t old_mask = umask(0077);
  const absl::StatusOr<bool> seeded = Seed();
  umask(old_mask);
  ASSERT_TRUE(seeded.ok()) << seeded.status();
  struct stat info{};
  ASSERT_EQ(stat(PathOf("volume/policy.yaml").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0644u);
}

TEST_F(SeedPolicyTest, AnEditedPolicyIsNeverOverwritten) {
  MakeVolume();
  Write("volume/policy.yaml", "kind: Edited\n");
  const absl::StatusOr<bool> seeded = Seed();
  ASSERT_TRUE(seeded.ok()) << seeded.status();
  EXPECT_FALSE(*seeded);
  EXPECT_EQ(Read("volume/policy.yaml"), "kind: Edited\n");
}

TEST_F(SeedPolicyTest, AnEmptyPolicyIsAPolicyToo) {
  MakeVolume();
  Write("volume/policy.yaml", "");
  ASSERT_TRUE(Seed().ok());
  EXPECT_EQ(Read("volume/policy.yaml"), "");
}

TEST_F(SeedPolicyTest, ALinkThatPointsNowhereIsLeftAlone) {
  MakeVolume();
  std::filesystem::create_symlink("elsewhere.yaml", PathOf("volume/policy.yaml"));
  const absl::StatusOr<bool> seeded = Seed();
  ASSERT_TRUE(seeded.ok()) << seeded.status();
  EXPECT_FALSE(*seeded);
  EXPECT_THAT(List(), ::testing::ElementsAre("policy.yaml"));
}

TEST_F(SeedPolicyTest, ADirectoryOfPoliciesIsLeftAlone) {
  MakeVolume();
  std::filesystem::create_directory(PathOf("volume/policy.yaml"));
  const absl::StatusOr<bool> seeded = Seed();
  ASSERT_TRUE(seeded.ok()) << seeded.status();
  EXPECT_FALSE(*seeded);
}

TEST_F(SeedPolicyTest, AnExistingPolicyNeedsNoSeed) {
  MakeVolume();
  Write("volume/policy.yaml", "kind: Edited\n");
  std::filesystem::remove(PathOf("seed.yaml"));
  EXPECT_TRUE(Seed().ok());
}

TEST_F(SeedPolicyTest, AMissingSeedIsNamed) {
  MakeVolume();
  std::filesystem::remove(PathOf("seed.yaml"));
  const absl::Status status = Seed().status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("seed.yaml"));
  EXPECT_THAT(List(), ::testing::IsEmpty());
}

TEST_F(SeedPolicyTest, ASeedLargerThanAPolicyMayBeIsRefused) {
  MakeVolume();
  Write("seed.yaml", std::string((1u << 20) + 1, '#'));
  EXPECT_TRUE(absl::IsInvalidArgument(Seed().status()));
  EXPECT_THAT(List(), ::testing::IsEmpty());
}

TEST_F(SeedPolicyTest, ASeedThatIsNoFileIsRefused) {
  MakeVolume();
  const absl::Status status = SeedPolicy(folder_.path(), PathOf("volume/policy.yaml")).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST_F(SeedPolicyTest, AMissingFolderIsNamed) {
  const absl::Status status = Seed().status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("there is no directory " + PathOf("volume")));
}

TEST_F(SeedPolicyTest, AVolumeThatCannotBeWrittenSaysWhichUserMust) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  MakeVolume();
  std::filesystem::permissions(PathOf("volume"), std::filesystem::perms(0555));
  const absl::Status status = Seed().status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("user " + std::to_string(geteuid())));
}

}  // namespace
}  // namespace placer
