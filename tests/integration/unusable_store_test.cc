// A data directory that lets nothing be stored never ends the program, nor does a database that vanishes;
// only another controller in the same directory does.
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "tests/integration/lab.h"

namespace placer::testing {
namespace {

class UnusableStoreTest : public ::testing::Test {
 protected:
  UnusableStoreTest() : lab_(MetricsServer::kPrometheus) { lab_.WriteFile("policy.yaml", kQuickPolicy); }

  void Start() { lab_.StartController(lab_.PathOf("policy.yaml")); }

  Lab lab_;
};

TEST_F(UnusableStoreTest, AFileInPlaceOfTheDirectoryIsSaidAndPassesGoOn) {
  lab_.WriteFile("data", "x");
  Start();
  ASSERT_TRUE(lab_.WaitFor([&] { return lab_.Passes() > 2; })) << lab_.Describe();
  EXPECT_EQ(lab_.Condition("StateStored", "status"), "False");
  EXPECT_TRUE(absl::StrContains(lab_.Condition("StateStored", "message"), "data directory"))
      << lab_.Condition("StateStored", "message");
  EXPECT_TRUE(absl::StrContains(lab_.controller().ReadLog(), "Nothing can be stored"));
  EXPECT_TRUE(lab_.StopController()) << lab_.Describe();
}

TEST_F(UnusableStoreTest, ADatabaseThatSomebodyRemovesIsBegunAfresh) {
  Start();
  ASSERT_TRUE(lab_.WaitFor([&] { return lab_.Passes() > 1; })) << lab_.Describe();
  ASSERT_TRUE(std::filesystem::remove(lab_.PathOf("data/autoplacer.db")));
  EXPECT_TRUE(lab_.WaitFor([&] { return std::filesystem::exists(lab_.PathOf("data/autoplacer.db")); }))
      << lab_.Describe();
  EXPECT_TRUE(lab_.StopController()) << lab_.Describe();
}

TEST_F(UnusableStoreTest, ASecondControllerInTheSameDirectoryEndsWithThree) {
  Start();
  ASSERT_TRUE(lab_.WaitFor([&] { return lab_.Passes() > 0; })) << lab_.Describe();
  const Finished second = RunProgram({AUTOPLACER_BINARY, "run", "--policy", lab_.PathOf("policy.yaml"),
                                      "--data-dir", lab_.PathOf("data"), "--listen", "127.0.0.1:0"},
                                     lab_.environment(), lab_.directory());
  EXPECT_EQ(second.exit_status, 3) << second.output;
  EXPECT_TRUE(absl::StrContains(second.output, "another controller")) << second.output;
  EXPECT_TRUE(lab_.StopController()) << lab_.Describe();
}

}  // namespace
}  // namespace placer::testing
