// Whose machines these are: what the controller may touch, which volumes it may use, and which controller
// acts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "absl/strings/match.h"
#include "tests/simulation/acting.h"

namespace placer {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

Reason ReasonAt(ActingScene& scene, const std::string& region) {
  for (const RegionDecision& decision : scene.run().StatusOf().last_decision.regions) {
    if (decision.region == region) return decision.reason;
  }
  return Reason::kNotDeployed;
}

int CountWrites(ActingScene& scene, const std::string& kind) {
  int writes = 0;
  for (const flysim::WriteRecord& write : scene.world().writes()) writes += write.kind == kind;
  return writes;
}

// ---- Volumes ----

// Frankfurt's second machine mounts a volume; it is the newest, so clones are made from it.
class Mounted : public ::testing::Test {
 protected:
  void Begin(Volumes volumes, int per_region_min = 1) {
    ActingOptions options{.seed = 2};
    options.policy.capacity.per_region_min = per_region_min;
    options.policy.volumes = volumes;
    scene_.emplace(options);
    scene_->WaitWithTrafficIn({"fra", "sin"});
    const Volume volume =
        scene_->world().Create(CreateVolume{.name = "data", .region = "fra", .size_gb = 3}).value();
    boost::json::value config = boost::json::parse(*scene_->MachinesIn("fra").front().config);
    config.as_object()["mounts"] =
        boost::json::array{{{"volume", volume.id}, {"path", "/data"}, {"name", "data"}, {"size_gb", 3}}};
    scene_->judge().AddForeign(
        scene_->world().AddMachine({.region = "fra", .config = boost::json::serialize(config)}));
    scene_->Start();
  }
  std::optional<ActingScene> scene_;
};

TEST_F(Mounted, AreRefusedWithAConditionByDefault) {
  Begin(Volumes::kRefuse);
  scene_->RunFor(absl::Minutes(15));
  EXPECT_THAT(scene_->MachinesIn("sin"), IsEmpty()) << scene_->Story();
  EXPECT_EQ(ReasonAt(*scene_, "sin"), Reason::kVolumesRefused);
  const Condition usable = scene_->run().ConditionOf("TemplateUsable").value();
  EXPECT_FALSE(usable.status);
  EXPECT_EQ(usable.reason, "VolumesRefused");
  EXPECT_THAT(scene_->world().volumes(), SizeIs(1));
}

TEST_F(Mounted, AreMadeEmptyOnDemandAndUsedAgain) {
  Begin(Volumes::kCreateEmpty);
  ASSERT_TRUE(scene_->RunUntil([&] { return scene_->Serves("sin"); })) << scene_->Story();
  EXPECT_TRUE(scene_->MachinesIn("sin").front().has_volumes);
  EXPECT_THAT(scene_->world().volumes(), SizeIs(2));
  scene_->OnlyTrafficIn({"fra"});
  ASSERT_TRUE(scene_->RunUntil([&] { return scene_->MachinesIn("sin").empty(); })) << scene_->Story();
  scene_->OnlyTrafficIn({"fra", "sin"});
  ASSERT_TRUE(scene_->RunUntil([&] { return scene_->Serves("sin"); })) << scene_->Story();
  EXPECT_THAT(scene_->world().volumes(), SizeIs(2));
  EXPECT_THAT(scene_->judge().crimes(), IsEmpty());
}

TEST_F(Mounted, AreOnePerMachine) {
  Begin(Volumes::kCreateEmpty, /*per_region_min=*/2);
  ASSERT_TRUE(scene_->RunUntil([&] { return scene_->Serving()["sin"] == 2; })) << scene_->Story();
  EXPECT_THAT(scene_->world().volumes(), SizeIs(3));
}

TEST_F(Mounted, AreNotMadeTwiceWhereAnswersAreLost) {
  Begin(Volumes::kCreateEmpty);
  scene_->RunFor(absl::Minutes(1));
  scene_->world().SetFaults({.lost_replies = 0.5});
  ASSERT_TRUE(scene_->RunUntil([&] { return scene_->Serves("sin"); })) << scene_->Story();
  EXPECT_THAT(scene_->world().volumes(), SizeIs(2));
  EXPECT_THAT(scene_->MachinesIn("sin"), SizeIs(1));
}

// ---- Stop and Suspend ----

class Parked : public ::testing::TestWithParam<RemovalMethod> {};

TEST_P(Parked, AMachineDoesNotCountAndComesBackInsteadOfANewOne) {
  ActingOptions options;
  options.policy.behavior.method = GetParam();
  ActingScene scene(options);
  scene.StartWithTrafficIn({"fra", "sin"});
  ASSERT_TRUE(scene.RunUntil([&] { return scene.Serves("sin"); })) << scene.Story();
  const std::string id = scene.MachinesIn("sin").front().id;
  scene.OnlyTrafficIn({"fra"});
  const auto is_parked = [&] { return IsParked(scene.MachinesIn("sin").front()); };
  ASSERT_TRUE(scene.RunUntil(is_parked)) << scene.Story();
  EXPECT_EQ(scene.MachinesIn("sin").front().state,
            GetParam() == RemovalMethod::kStop ? "stopped" : "suspended");
  scene.RunFor(absl::Minutes(1));
  EXPECT_FALSE(scene.run().StatusOf().target.contains("sin")) << scene.Story();
  const std::size_t writes = scene.CountWrites();
  scene.RunFor(absl::Minutes(30), absl::Seconds(10));
  EXPECT_EQ(scene.CountWrites(), writes) << scene.Story();
  scene.OnlyTrafficIn({"fra", "sin"});
  ASSERT_TRUE(scene.RunUntil([&] { return scene.Serves("sin"); })) << scene.Story();
  EXPECT_EQ(scene.MachinesIn("sin").front().id, id);
  EXPECT_EQ(CountWrites(scene, "create"), 1);
  EXPECT_EQ(CountWrites(scene, "destroy"), 0);
  EXPECT_FALSE(scene.MachinesIn("sin").front().metadata.contains(kMetadataParked));
  scene.RunFor(absl::Minutes(5));
  EXPECT_THAT(scene.judge().crimes(), IsEmpty());
  EXPECT_EQ(scene.world().totals().dropped, 0);
}

INSTANTIATE_TEST_SUITE_P(Methods, Parked, ::testing::Values(RemovalMethod::kStop, RemovalMethod::kSuspend),
                         [](const auto& method) { return ToString(method.param); });

// ---- From zero ----

TEST(FromZero, TheStoredTemplateBringsTheAlwaysRunningRegionBack) {
  ActingOptions options;
  options.policy.regions.always_running = {"fra"};
  ActingScene scene(options);
  scene.StartWithTrafficIn({"fra"});
  scene.RunFor(absl::Minutes(3));
  scene.judge().set_floor(0);
  for (const Machine& machine : scene.world().machines()) scene.world().RemoveMachine(machine.id);
  scene.run().Kill();
  scene.Start();
  ASSERT_TRUE(scene.RunUntil([&] { return scene.Serves("fra"); }, absl::Minutes(10))) << scene.Story();
  scene.RunFor(absl::Minutes(10));
  EXPECT_THAT(scene.MachinesIn("fra"), SizeIs(1));
}

// ---- Adoption ----

class Adopted : public ::testing::TestWithParam<Adopt> {};

TEST_P(Adopted, AForeignMachineLeavesOnlyWhereThePolicyAdoptsAll) {
  ActingOptions options;
  options.policy.adopt = GetParam();
  options.initial_regions = {"fra", "sin"};
  ActingScene scene(options);
  scene.StartWithTrafficIn({"fra"});
  scene.RunFor(absl::Minutes(25), absl::Seconds(5));
  const bool left = scene.MachinesIn("sin").empty();
  EXPECT_EQ(left, GetParam() == Adopt::kAll) << scene.Story();
  if (!left) EXPECT_EQ(ReasonAt(scene, "sin"), Reason::kNotOurMachines);
  EXPECT_THAT(scene.judge().crimes(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Modes, Adopted, ::testing::Values(Adopt::kCreated, Adopt::kAll),
                         [](const auto& adopt) { return ToString(adopt.param); });

// ---- Ourselves ----

void StartOn(ActingScene& scene, const PlacementReconciler& reconciler, const std::string& machine_id) {
  scene.run().Start(scene.machines(), scene.traffic(), reconciler,
                    {.self_machine_id = machine_id, .owner_id = "controller-1"});
  scene.Apply(scene.policy());
}

TEST(OwnMachine, AndItsProcessGroupAreNeverTouched) {
  ActingOptions options;
  options.policy.adopt = Adopt::kAll;
  options.policy.regions.excluded = {"fra", "sin"};
  options.initial_regions = {"fra", "sin", "ams"};
  ActingScene scene(options);
  scene.WaitWithTrafficIn({"iad"});
  PlacementReconciler reconciler;
  StartOn(scene, reconciler, scene.MachinesIn("fra").front().id);
  for (const char* region : {"sin", "ams"})
    scene.world().SetMachineState(scene.MachinesIn(region).front().id, "stopped");
  scene.RunFor(absl::Minutes(20), absl::Seconds(5));
  EXPECT_EQ(scene.CountWrites(), 0u) << scene.Story();
}

TEST(OwnMachine, WithASiblingMeansThatNobodyActs) {
  ActingScene scene({});
  const std::string self = scene.world().AddMachine({.region = "fra", .process_group = "autoplacer"});
  const std::string other = scene.world().AddMachine({.region = "fra", .process_group = "autoplacer"});
  scene.WaitWithTrafficIn({"fra", "sin"});
  PlacementReconciler reconciler;
  StartOn(scene, reconciler, self);
  scene.RunFor(absl::Minutes(15), absl::Seconds(5));
  EXPECT_EQ(scene.CountWrites(), 0u) << scene.Story();
  const Condition acting = scene.run().ConditionOf("Acting").value();
  EXPECT_EQ(acting.reason, "NotOwner");
  EXPECT_TRUE(absl::StrContains(acting.message, other)) << acting.message;
  scene.world().RemoveMachine(other);
  EXPECT_TRUE(scene.RunUntil([&] { return scene.Serves("sin"); }, absl::Minutes(10))) << scene.Story();
  scene.run().Kill();
}

// ---- Claims ----

class Claimed : public ::testing::Test {
 protected:
  // Somebody's claim on a machine, this old when the controller starts.
  void Begin(absl::Duration age) {
    scene_.emplace(ActingOptions{.seed = 9});
    scene_->WaitWithTrafficIn({"fra", "sin"});
    ASSERT_TRUE(scene_->world()
                    .Apply({.kind = MachineChange::Kind::kSetMetadata,
                            .machine_id = scene_->MachinesIn("fra").front().id,
                            .key = kMetadataOwner,
                            .value = FormatClaim("somebody-else", scene_->run().now() - age,
                                                 scene_->run().now() - age)})
                    .ok());
    scene_->Start();
  }
  std::optional<ActingScene> scene_;
};

TEST_F(Claimed, FreshlyBySomebodyElseIsRefusedWithTheirName) {
  Begin(absl::Minutes(1));
  const std::size_t writes = scene_->CountWrites();
  scene_->RunFor(absl::Minutes(8), absl::Seconds(5));
  EXPECT_EQ(scene_->CountWrites(), writes) << scene_->Story();
  const Condition acting = scene_->run().ConditionOf("Acting").value();
  EXPECT_EQ(acting.reason, "NotOwner");
  EXPECT_TRUE(absl::StrContains(acting.message, "somebody-else")) << acting.message;
}

TEST_F(Claimed, LongAgoIsTakenOver) {
  Begin(absl::Minutes(11));
  EXPECT_TRUE(scene_->RunUntil([&] { return scene_->Serves("sin"); }, absl::Minutes(4))) << scene_->Story();
}

TEST_F(Claimed, ByAControllerThatDiedIsTakenOverWithinItsLifetime) {
  Begin(absl::Minutes(1));
  EXPECT_TRUE(scene_->RunUntil([&] { return scene_->Serves("sin"); }, absl::Minutes(12))) << scene_->Story();
}

}  // namespace
}  // namespace placer
