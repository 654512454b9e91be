// kill -9 between any two effects: a scenario is run once to count its effects, each write to the platform
// and each to the store, and then once more for each of them, killed right before or right after it. Whatever
// the moment, and also where the store is lost with the process, the next process brings everything to its
// place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "absl/strings/str_join.h"
#include "tests/simulation/stage.h"

namespace placer {
namespace {

struct Scenario {
  std::string name;
  std::function<void(Stage&)> set_up;
  // What happens meanwhile, and when, after the first start.
  absl::Duration turn_at = absl::InfiniteDuration();
  std::function<void(Stage&)> turn = nullptr;
  std::map<std::string, int> expected;  // what serves in the end
  int total_max = 2;
  Adopt adopt = Adopt::kCreated;
};

flysim::MachineSpec MakeOurs(const std::string& region) {
  const std::string name = MakeMachineName("web", region, 0, 1);
  return {.region = region, .name = name, .metadata = {{kMetadataPolicy, "web"}, {kMetadataIntent, name}}};
}

constexpr char kBusy[] = "iad";
constexpr double kMuch = 300;

std::vector<Scenario> MakeScenarios() {
  return {
      {.name = "Enter",
       .set_up = [](Stage& stage) { stage.SetTraffic({{"fra", kMuch}, {kBusy, kMuch}}, true); },
       .expected = {{"fra", 1}, {kBusy, 1}}},
      {.name = "Leave",
       .set_up =
           [](Stage& stage) {
             stage.SetTraffic({{"fra", kMuch}}, true);
             stage.world().AddMachine(MakeOurs(kBusy));
           },
       .expected = {{"fra", 1}}},
      {.name = "LeaveOfAStrangersMachine",
       .set_up =
           [](Stage& stage) {
             stage.SetTraffic({{"fra", kMuch}}, true);
             stage.world().AddMachine({.region = kBusy});
           },
       .expected = {{"fra", 1}},
       .adopt = Adopt::kAll},
      {.name = "Update",
       .set_up =
           [](Stage& stage) {
             stage.SetTraffic({{"fra", kMuch}, {kBusy, kMuch}}, true);
             flysim::MachineSpec old = MakeOurs(kBusy);
             old.metadata[kMetadataReleaseId] = "rel_old";
             stage.world().AddMachine(old);
           },
       .expected = {{"fra", 1}, {kBusy, 1}}},
      {.name = "FallbackAndReturn",
       .set_up =
           [](Stage& stage) {
             stage.SetTraffic({{"fra", kMuch}, {kBusy, kMuch}}, true);
             stage.world().SetCapacity(kBusy, 0);
           },
       .turn_at = absl::Minutes(2),
       .turn = [](Stage& stage) { stage.world().SetCapacity(kBusy, std::nullopt); },
       .expected = {{"fra", 1}, {kBusy, 1}},
       .total_max = 3},
  };
}

struct Kill {
  int effect = 0;  // 0: nobody is killed
  EffectGate::Moment moment = EffectGate::Moment::kAfter;
  bool loses_store = false;
};

// "": all is well. `effects`: what the first process did.
std::string Play(const Scenario& scenario, const Kill& kill, std::vector<std::string>* effects = nullptr) {
  StageOptions options;
  options.policy.capacity.total_max = scenario.total_max;
  options.policy.capacity.per_region_max = 1;
  options.policy.adopt = scenario.adopt;
  Stage stage(options);
  scenario.set_up(stage);
  stage.world().AdvanceTo(stage.now());
  stage.judge().TakeStock();
  stage.RunFor(absl::Minutes(2));  // what stands there is older than a release in progress
  Actor& actor = stage.Add();
  if (kill.effect > 0) actor.gate.Arm(kill.effect, kill.moment);
  const absl::Time begun = stage.now();
  stage.Start(actor);
  bool turned = scenario.turn == nullptr;
  int calm = 0;
  const auto run = [&] {
    stage.RunFor(absl::Seconds(1));
    if (!turned && stage.now() - begun >= scenario.turn_at) {
      scenario.turn(stage);
      turned = true;
    }
    if (!actor.run.is_running()) {
      stage.RunFor(absl::Seconds(2));
      if (kill.loses_store) actor.run.store().Lose();
      stage.Start(actor);
    }
    const bool at_rest = turned && stage.IsAtRest(actor) && stage.Serving() == scenario.expected;
    calm = at_rest ? calm + 1 : 0;
    return calm > 20;
  };
  const auto fail = [&](const std::string& what) {
    return absl::StrCat(scenario.name, " killed ",
                        kill.moment == EffectGate::Moment::kBefore ? "before" : "after", " effect ",
                        kill.effect, kill.loses_store ? ", store lost" : "", ": ", what, "\n", stage.Story());
  };
  while (!run()) {
    if (stage.now() - begun > absl::Hours(1)) return fail("no rest within an hour");
  }
  if (effects != nullptr) *effects = actor.gate.log();
  if (kill.effect > actor.gate.count()) return fail("the effect never came");
  stage.RunFor(absl::Minutes(3));  // leases run out
  stage.judge().LookAtRest();
  if (!stage.judge().crimes().empty()) return fail(absl::StrJoin(stage.judge().crimes(), "; "));
  if (stage.Serving() != scenario.expected) return fail("the placement moved again");
  return "";
}

class KillTest : public testing::TestWithParam<Scenario> {};

TEST_P(KillTest, BetweenAnyTwoEffectsLosesNothing) {
  const Scenario& scenario = GetParam();
  std::vector<std::string> effects;
  ASSERT_EQ(Play(scenario, {}, &effects), "");
  int kills = 0;
  int faults = 0;
  for (int n = 1; n <= static_cast<int>(effects.size()) && faults < 3; ++n) {
    for (const auto moment : {EffectGate::Moment::kBefore, EffectGate::Moment::kAfter}) {
      for (const bool loses_store : {false, true}) {
        const std::string fault = Play(scenario, {n, moment, loses_store});
        EXPECT_EQ(fault, "") << "effect: " << effects[n - 1];
        faults += !fault.empty();
        ++kills;
      }
    }
  }
  std::cout << scenario.name << ": " << effects.size() << " effects, " << kills << " kills\n";
}

INSTANTIATE_TEST_SUITE_P(Scenarios, KillTest, testing::ValuesIn(MakeScenarios()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace placer
