// From whatever a controller finds it gets to what the policy asks for, and then leaves it alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include "reconcilers/placement/demand.h"
#include "reconcilers/placement/region_state.h"
#include "tests/simulation/start_state.h"

namespace placer {
namespace {

#ifdef NDEBUG
constexpr int kStates = 10'000;
#else
constexpr int kStates = 1'000;  // builds without optimization take too long for all
#endif
constexpr int kQuietSample = 100;  // every so many states the quiet is watched for long; or all, see below
constexpr int kCalm = 8;           // passes on end without a wish: longer than what maxActions counts over
constexpr int kMostPasses = 700;   // an enter that fails has five minutes of patience, of 5 s a pass

// AUTOPLACER_THOROUGH: the quiet of each state is watched for long.
int CountQuietPasses(int seed) {
  const bool is_long = seed % kQuietSample == 0 || std::getenv("AUTOPLACER_THOROUGH") != nullptr;
  return is_long ? 1000 : 10;
}

struct Watched {
  int passes = 0;
  bool is_settled = false;  // but for what is under way
  std::vector<Intent> intents;

  bool Leaves(const Machine& machine) const {
    return std::any_of(intents.begin(), intents.end(), [&](const Intent& intent) {
      return intent.machine_id == machine.id && IsLeaving(intent);
    });
  }
  // Without what waits for a host that does not answer.
  std::vector<Intent> ListOpen(const std::vector<Machine>& machines) const {
    std::vector<Intent> open = intents;
    std::erase_if(open, [&](const Intent& intent) {
      return std::any_of(machines.begin(), machines.end(), [&](const Machine& machine) {
        return machine.id == intent.machine_id && machine.host_status != "ok";
      });
    });
    return open;
  }
};

// The rules once more, written down from the policy's side: what the placement must not be when all is
// quiet. Says what is wrong, or nothing.
class Oracle {
 public:
  // At rest a machine on whose host nothing can be done may be on its way out.
  Oracle(const StartState& start, const std::vector<Machine>& machines, const Decision& decision,
         const Watched& watched)
      : policy_(start.policy()), start_(start) {
    for (const RegionDecision& region : decision.regions) {
      if (region.reason == Reason::kLastHealthyMachine) last_to_stay_.insert(region.region);
    }
    platform_.regions = EmbeddedRegions();
    for (const Machine& machine : machines) {
      if (Exists(machine) && machine.process_group.empty()) ++claimed_;
      if (!IsOfGroup(policy_, machine) || IsParked(machine)) continue;
      ++claimed_;
      if (watched.Leaves(machine)) continue;
      ++total_;
      staying_ += MayServe(machine);
      suffers_ = suffers_ || std::any_of(machine.checks.begin(), machine.checks.end(),
                                         [](const Check& check) { return check.status == "critical"; });
      healthy_ += IsHealthy(machine);
      has_template_ = has_template_ || IsHealthy(machine);
      machines_.push_back(machine);
      if (primary_.empty()) primary_ = machine.primary_region;
    }
  }

  std::string FindFault() const {
    for (const std::string& region : start_.regions()) {
      if (std::string fault = FindFaultIn(region); !fault.empty()) return absl::StrCat(region, ": ", fault);
    }
    if (total_ <= policy_.capacity.total_max) return "";
    for (const Machine& machine : machines_) {
      if (MayGo(machine) && !IsKept(machine)) return absl::StrCat(machine.id, " is above total.max");
    }
    return "";
  }

 private:
  std::string FindFaultIn(const std::string& region) const {
    const auto is_in = [&](const Machine& machine) { return machine.region == region; };
    const auto observed = std::count_if(machines_.begin(), machines_.end(), is_in);
    const auto lost = std::count_if(machines_.begin(), machines_.end(), [&](const Machine& machine) {
      return is_in(machine) && IsLost(machine);
    });
    const auto healthy = std::count_if(machines_.begin(), machines_.end(), [&](const Machine& machine) {
      return is_in(machine) && IsHealthy(machine);
    });
    const bool hosts = ComputeHosting(policy_, platform_, region) == Hosting::kMayHost;
    const bool busy = hosts && DemandIn(region) >= 200;
    const int most = hosts ? policy_.capacity.per_region_max.value_or(1000) : 0;
    if ((busy || IsAlways(region)) && observed - lost < policy_.capacity.per_region_min && observed < most &&
        claimed_ < policy_.capacity.total_max && has_template_) {
      return absl::StrCat("has ", observed, " machines, ", lost, " of them lost");
    }
    const bool silent = DemandIn(region) == 0 && !IsAlways(region);
    for (const Machine& machine : machines_) {
      if (!is_in(machine) || !MayGo(machine) || IsKept(machine)) continue;
      const bool is_dead = machine.state == "failed" && machine.host_status == "ok";
      if (is_dead && healthy >= policy_.capacity.per_region_min && IsMadeBy(machine, policy_.name))
        return absl::StrCat(machine.id, " failed, and others serve");
      if (observed > most) return absl::StrCat(machine.id, " is one too many");
      if (silent && !last_to_stay_.contains(region)) return absl::StrCat(machine.id, " is left in silence");
    }
    return "";
  }
  static bool MayServe(const Machine& machine) { return !machine.cordoned && !IsLost(machine); }
  bool IsAlways(const std::string& region) const {
    const std::vector<std::string>& list = policy_.regions.always_running;
    return std::find(list.begin(), list.end(), region) != list.end();
  }
  bool MayGo(const Machine& machine) const {
    return policy_.adopt == Adopt::kAll || IsMadeBy(machine, policy_.name);
  }
  // A floor keeps it.
  bool IsKept(const Machine& machine) const {
    const bool excluded = ComputeHosting(policy_, platform_, machine.region) == Hosting::kExcluded;
    const auto serving = std::count_if(machines_.begin(), machines_.end(), [&](const Machine& other) {
      return other.region == machine.region && MayServe(other);
    });
    const bool keeps_min = serving - MayServe(machine) >= policy_.capacity.per_region_min;
    if ((IsAlways(machine.region) || (machine.region == primary_ && !excluded)) && !keeps_min) return true;
    if (suffers_ && IsHealthy(machine)) return true;  // those who would take over are not well
    return healthy_ - IsHealthy(machine) < 1 || staying_ - MayServe(machine) < policy_.capacity.total_min;
  }
  double DemandIn(const std::string& region) const {
    if (ComputeHosting(policy_, platform_, region) != Hosting::kMayHost) return 0;
    const std::vector<std::string> hosts = ListHosts(policy_, platform_);
    double demand = 0;
    for (const auto& [code, level] : start_.levels()) {
      const bool here = code == region || (policy_.threshold.attribution == Attribution::kNearest &&
                                           ComputeHosting(policy_, platform_, code) != Hosting::kMayHost &&
                                           FindNearestHost(platform_, hosts, code) == region);
      if (here) demand += level;
    }
    return demand;
  }

  const PlacementPolicy& policy_;
  const StartState& start_;
  Platform platform_;
  std::vector<Machine> machines_;
  std::set<std::string> last_to_stay_;  // regions that keep their machines in silence
  int staying_ = 0;
  bool suffers_ = false;
  int total_ = 0;
  int claimed_ = 0;
  int healthy_ = 0;
  bool has_template_ = false;
  std::string primary_;
};

// False if no pass comes any more.
bool AwaitPassAfter(int passes, const Watched& watched, Stage& stage, absl::Duration step) {
  const absl::Time give_up = stage.now() + absl::Hours(2);
  do {
    stage.RunFor(step);
  } while (watched.passes == passes && stage.now() < give_up);
  return watched.passes > passes;
}

// "": it converged, was right, and stayed so.
std::string Converge(int seed, int quiet_passes, int& passes) {
  StartState start(seed);
  Stage stage(start.MakeOptions());
  start.Fill(stage);
  Watched watched;
  Actor& actor = stage.Add();
  actor.run.store().on_commit = [&](const PassRecord& record) {
    ++watched.passes;
    const History& history = record.state.history;
    // A region that rests has something to do afterwards: an update that waits, for instance.
    const bool any_rests =
        std::any_of(history.regions.begin(), history.regions.end(),
                    [&](const auto& region) { return region.second.retry_at > record.decision.time; });
    watched.is_settled = Stage::IsAtRest(record.decision, {}) && !any_rests;
    watched.intents = history.intents;
  };
  stage.Start(actor);
  const auto fail = [&](const std::string& what) {
    return absl::StrCat("seed ", seed, ": ", what, "\n", stage.Story());
  };
  int calm = 0;  // passes on end that wrote nothing and had nothing to do
  std::size_t writes = stage.world().writes().size();
  const auto is_done = [&] { return calm >= kCalm || watched.passes >= kMostPasses; };
  int before = 0;
  while (!is_done()) {
    if (!AwaitPassAfter(before, watched, stage, absl::Seconds(5))) return fail("passes end");
    before = watched.passes;
    const bool wrote = stage.world().writes().size() != writes;
    writes = stage.world().writes().size();
    const bool at_rest = !wrote && watched.is_settled && Stage::IsActing(actor) &&
                         (watched.intents.empty() || watched.ListOpen(stage.world().machines()).empty());
    calm = at_rest ? calm + 1 : 0;
  }
  passes = watched.passes;
  if (calm < kCalm) return fail(absl::StrCat("no rest within ", kMostPasses, " passes"));
  const auto is_leased = [&] {
    const std::vector<Machine> machines = stage.world().machines();
    return std::any_of(machines.begin(), machines.end(),
                       [](const Machine& machine) { return machine.lease; });
  };
  for (int i = 0; i < 20 && is_leased(); ++i) stage.RunFor(absl::Seconds(10));
  stage.judge().LookAtRest();
  if (!stage.judge().crimes().empty()) return fail(stage.judge().crimes().front());
  if (std::string fault =
          Oracle(start, stage.world().machines(), actor.run.StatusOf().last_decision, watched).FindFault();
      !fault.empty())
    return fail(fault);
  const int until = watched.passes + quiet_passes;
  while (watched.passes < until) {
    if (!AwaitPassAfter(watched.passes, watched, stage, absl::Seconds(30))) return fail("passes end");
  }
  if (stage.world().writes().size() != writes) return fail("wrote when all was quiet");
  return "";
}

class Convergence : public testing::TestWithParam<int> {};

TEST_P(Convergence, EveryStartStateComesToRestAtItsTarget) {
  constexpr int kShare = kStates / 10;
  int most = 0;
  std::int64_t sum = 0;
  std::int64_t quiet = 0;
  int faults = 0;
  for (int i = 0; i < kShare; ++i) {
    const int seed = GetParam() * kShare + i;
    int passes = 0;
    const std::string fault = Converge(seed, CountQuietPasses(seed), passes);
    most = std::max(most, passes);
    quiet += CountQuietPasses(seed);
    sum += passes;
    EXPECT_EQ(fault, "");
    if (!fault.empty() && ++faults >= 5) FAIL() << "and maybe more";
  }
  RecordProperty("most_passes", most);
  std::cout << kShare << " states, " << sum / kShare << " passes in the mean, " << most << " at most; then "
            << quiet << " quiet passes\n";
}

INSTANTIATE_TEST_SUITE_P(Tenths, Convergence, testing::Range(0, 10));

TEST(Convergence, ThePlanDoesNotDependOnTheOrderOfTheList) {
  for (int seed = 0; seed < kStates; seed += 10) {
    StartState start(seed);
    Stage stage(start.MakeOptions());
    start.Fill(stage);
    Observation seen;
    seen.machines_known = true;
    seen.machines = stage.world().machines();
    seen.platform = std::make_shared<const Platform>(Platform{.regions = EmbeddedRegions()});
    seen.self.owner_id = "controller-1";
    VirtualTime time(stage.now());
    const absl::Time end = absl::FromUnixSeconds(absl::ToUnixSeconds(stage.now()) / 15 * 15);
    seen.traffic = *time.Await(stage.traffic().Fetch(start.policy(), end, 20));
    History history;
    if (const Machine* machine = FindTemplateMachine(start.policy(), seen.machines))
      history.machine_template = std::make_shared<const MachineTemplate>(MakeTemplate(*machine));
    const auto plan = [&] {
      const ReconcileResult result = PlacementReconciler().Reconcile(
          {.policy = start.policy(), .seen = seen, .history = history, .now = stage.now()});
      std::string text = absl::StrCat(result.plan.claim_machine_id, ";");
      for (const PlannedAction& action : result.plan.actions) {
        absl::StrAppend(&text, static_cast<int>(action.kind), " ", action.region, " ", action.machine_id, " ",
                        action.machine_name, " ", ToString(action.reason), "\n");
      }
      return text;
    };
    const std::string expected = plan();
    std::mt19937_64 bits(seed);
    for (int i = 0; i < 3; ++i) {
      std::shuffle(seen.machines.begin(), seen.machines.end(), bits);
      ASSERT_EQ(plan(), expected) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace placer
