// A deploy of somebody else: the controller waits while it lasts, goes on afterwards, and brings its own
// machines to the new release, never the only one that serves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "tests/simulation/acting.h"

namespace placer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Ne;
using ::testing::SizeIs;

constexpr char kNewImage[] = "registry.fly.io/shop:release-2";

ActingOptions MakeOptions(std::uint64_t seed) {
  ActingOptions options{.seed = seed};
  options.policy.behavior.drain_timeout = absl::Seconds(60);
  return options;
}

// Those that the app's machines run.
std::set<std::string> Images(ActingScene& scene) {
  std::set<std::string> images;
  for (const Machine& machine : scene.world().machines()) {
    if (Exists(machine)) images.insert(machine.image);
  }
  return images;
}

class Deploy : public ::testing::Test {
 protected:
  Deploy() : scene_(MakeOptions(5)) {
    scene_.StartWithTrafficIn({"fra", "sin"});
    scene_.judge().set_floor(0);  // flyctl takes the only machine down as well
  }

  void AwaitSingapore() {
    ASSERT_TRUE(scene_.RunUntil([&] { return scene_.Serves("sin"); })) << scene_.Story();
  }
  bool HasIntent(Intent::Kind kind) {
    for (const Intent& intent : scene_.run().StatusOf().intents) {
      if (intent.kind == kind) return true;
    }
    return false;
  }
  bool Holds(const std::string& reason) {
    const std::optional<Condition> acting = scene_.run().ConditionOf("Acting");
    return acting && !acting->status && acting->reason == reason;
  }
  // Writes of ours since then.
  std::vector<std::string> WritesSince(std::size_t first) {
    std::vector<std::string> writes;
    for (std::size_t i = first; i < scene_.world().writes().size(); ++i)
      writes.push_back(scene_.world().writes()[i].kind);
    return writes;
  }
  std::string Image() { return *Images(scene_).begin(); }
  void ExpectAllOnAnotherImage(const std::string& before) {
    EXPECT_THAT(Images(scene_), ElementsAre(Ne(before))) << scene_.Story();
  }

  ActingScene scene_;
};

TEST_F(Deploy, WhileIdleIsWaitedForAndThenNothingIsLeftOnTheOldImage) {
  AwaitSingapore();
  scene_.RunFor(absl::Minutes(3));
  const std::string before = Image();
  const std::size_t writes = scene_.CountWrites();
  scene_.world().Release({.image = kNewImage});
  scene_.OnlyTrafficIn({"fra", "sin", "jnb"});
  ASSERT_TRUE(scene_.RunUntil([&] { return Holds("ReleaseInProgress"); }, absl::Minutes(5)))
      << scene_.Story();
  ASSERT_TRUE(scene_.RunUntil([&] { return !scene_.world().ReleaseUnderWay(); }, absl::Minutes(10)));
  EXPECT_THAT(WritesSince(writes), IsEmpty()) << scene_.Story();
  ASSERT_TRUE(scene_.RunUntil([&] { return scene_.Serves("jnb"); }, absl::Minutes(15))) << scene_.Story();
  scene_.RunFor(absl::Minutes(2));
  ExpectAllOnAnotherImage(before);
  EXPECT_THAT(scene_.judge().crimes(), IsEmpty());
}

TEST_F(Deploy, WithinAnEnterLetsItFinishAfterwards) {
  ASSERT_TRUE(scene_.RunUntil([&] { return HasIntent(Intent::Kind::kEnter); })) << scene_.Story();
  const std::string before = Image();
  scene_.world().Release({.image = kNewImage});
  scene_.RunFor(absl::Seconds(10));
  const std::size_t writes = scene_.CountWrites();
  ASSERT_TRUE(scene_.RunUntil([&] { return !scene_.world().ReleaseUnderWay(); }, absl::Minutes(10)));
  EXPECT_THAT(WritesSince(writes), IsEmpty()) << scene_.Story();
  ASSERT_TRUE(scene_.RunUntil([&] { return scene_.Serves("sin"); }, absl::Minutes(15))) << scene_.Story();
  ASSERT_TRUE(scene_.RunUntil([&] { return scene_.run().StatusOf().intents.empty(); }, absl::Minutes(15)));
  scene_.RunFor(absl::Minutes(2));
  EXPECT_THAT(scene_.MachinesIn("sin"), SizeIs(1));
  ExpectAllOnAnotherImage(before);
  EXPECT_THAT(scene_.judge().crimes(), IsEmpty());
}

TEST_F(Deploy, WithinALeaveLetsItFinishAfterwards) {
  AwaitSingapore();
  const std::string before = Image();
  scene_.OnlyTrafficIn({"fra"});
  ASSERT_TRUE(scene_.RunUntil([&] { return HasIntent(Intent::Kind::kLeave); })) << scene_.Story();
  scene_.world().Release({.image = kNewImage});
  ASSERT_TRUE(scene_.RunUntil([&] { return scene_.MachinesIn("sin").empty(); }, absl::Minutes(25)))
      << scene_.Story();
  EXPECT_FALSE(scene_.world().ReleaseUnderWay());
  ExpectAllOnAnotherImage(before);
  EXPECT_THAT(scene_.judge().crimes(), IsEmpty());
}

// Whether owner metadata survives a deploy is not known: without it they are somebody else's.
TEST_F(Deploy, ThatDropsOurMarksCostsNoMachineAndMakesNoSecondOne) {
  AwaitSingapore();
  scene_.RunFor(absl::Minutes(3));
  const std::string id = scene_.MachinesIn("sin").front().id;
  scene_.world().Release({.image = kNewImage, .drops_foreign_marks = true});
  scene_.RunFor(absl::Minutes(30), absl::Seconds(5));
  EXPECT_THAT(scene_.MachinesIn("sin"), SizeIs(1)) << scene_.Story();
  EXPECT_EQ(scene_.MachinesIn("sin").front().id, id);
  EXPECT_TRUE(scene_.run().ConditionOf("Acting")->status) << scene_.Story();
}

TEST_F(Deploy, OursAreBroughtToTheNewReleaseBeforeAnythingElse) {
  AwaitSingapore();
  const std::string before = Image();
  scene_.world().Release({.image = kNewImage, .max_machines = 1});  // ours is left on the old one
  ASSERT_TRUE(scene_.RunUntil([&] { return !scene_.world().ReleaseUnderWay(); }, absl::Minutes(10)));
  const bool flyctl_took_ours =
      !scene_.MachinesIn("sin").empty() && scene_.MachinesIn("sin").front().image != before;
  ASSERT_FALSE(flyctl_took_ours) << "the seed was chosen so that it took Frankfurt's";
  const std::size_t writes = scene_.CountWrites();
  scene_.OnlyTrafficIn({"fra", "sin", "jnb"});
  ASSERT_TRUE(scene_.RunUntil([&] { return scene_.Serves("jnb"); }, absl::Minutes(20))) << scene_.Story();
  std::string first;
  for (const std::string& write : WritesSince(writes)) {
    if (first.empty() && (write == "create" || write == "update")) first = write;
  }
  EXPECT_EQ(first, "update") << scene_.Story();
  ExpectAllOnAnotherImage(before);
}

TEST(DeployInPart, HoldsAndIsNamed) {
  ActingScene scene({.initial_regions = {"ams", "fra", "lhr"}});
  scene.StartWithTrafficIn({"fra"});
  scene.RunFor(absl::Minutes(3));
  scene.world().Release({.image = kNewImage, .max_machines = 1});
  scene.OnlyTrafficIn({"fra", "sin"});
  scene.RunFor(absl::Minutes(3));
  const std::size_t writes = scene.CountWrites();
  scene.RunFor(absl::Minutes(30), absl::Seconds(5));
  EXPECT_EQ(scene.CountWrites(), writes) << scene.Story();
  const Condition acting = scene.run().ConditionOf("Acting").value();
  EXPECT_EQ(acting.reason, "ReleaseInProgress");
  EXPECT_TRUE(absl::StrContains(acting.message, "another release")) << acting.message;
  scene.world().Release({.image = kNewImage});
  ASSERT_TRUE(scene.RunUntil([&] { return scene.Serves("sin"); }, absl::Minutes(15))) << scene.Story();
  EXPECT_TRUE(scene.run().ConditionOf("Acting")->status);
}

TEST(DeployOfABadImage, CostsNoMachineThatServes) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    ActingScene scene({.seed = seed});
    scene.StartWithTrafficIn({"fra", "sin", "jnb", "arn"});
    const auto all = [&] { return scene.Serves("sin") && scene.Serves("jnb") && scene.Serves("arn"); };
    ASSERT_TRUE(scene.RunUntil(all)) << scene.Story();
    scene.RunFor(absl::Minutes(3));
    scene.world().SetImageHealthy(kNewImage, false);
    const std::size_t machines = scene.world().machines_ever().size();
    const std::size_t writes = scene.CountWrites();
    scene.world().Release({.image = kNewImage, .max_machines = 1});
    scene.OnlyTrafficIn({"fra", "sin", "jnb", "arn", "nrt"});
    scene.RunFor(absl::Hours(3), absl::Seconds(10));
    const std::size_t made = scene.world().machines_ever().size() - machines;
    EXPECT_LE(made, 7u) << scene.Story();
    for (std::size_t i = writes; i < scene.CountWrites(); ++i)
      EXPECT_NE(scene.world().writes()[i].kind, "uncordon") << "of a machine that fails its checks";
    EXPECT_GE(scene.Serving().size(), 3u) << "seed " << seed << scene.Story();
    for (const char* region : {"sin", "jnb", "arn"})
      EXPECT_THAT(scene.MachinesIn(region), SizeIs(1)) << region << " seed " << seed;
    EXPECT_THAT(scene.judge().crimes(), IsEmpty());
  }
}

TEST(DeployOverTheOnlyMachine, OursIsNotTouchedWhileItAloneServes) {
  ActingScene scene({.seed = 2});
  scene.StartWithTrafficIn({"fra", "sin"});
  ASSERT_TRUE(scene.RunUntil([&] { return scene.Serves("sin"); })) << scene.Story();
  const std::string theirs = scene.MachinesIn("fra").front().id;
  const std::string ours = scene.MachinesIn("sin").front().id;
  ASSERT_LT(theirs, ours) << "a deploy takes the lowest id first, and the seed is chosen so";
  scene.RunFor(absl::Minutes(3));
  scene.judge().set_floor(0);
  scene.world().Release({.image = kNewImage, .max_machines = 1});
  ASSERT_TRUE(scene.RunUntil([&] { return Images(scene).size() == 2; }, absl::Minutes(1)));
  scene.RunFor(absl::Seconds(20));
  scene.world().SetMachineState(theirs, "stopped");
  const std::string instance = scene.world().FindInstance(ours);
  scene.RunFor(absl::Minutes(20), absl::Seconds(5));
  EXPECT_EQ(scene.world().FindInstance(ours), instance) << scene.Story();
  scene.world().SetMachineState(theirs, "started");
  EXPECT_TRUE(scene.RunUntil([&] { return Images(scene).size() == 1; }, absl::Minutes(10))) << scene.Story();
}

}  // namespace
}  // namespace placer
