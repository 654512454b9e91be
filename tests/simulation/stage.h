// Stage: one platform, scripted traffic and any number of controllers in one virtual time, each a process
// that can be killed and started again. The world brings its rules, states and faults but no users: what the
// traffic is stands in levels(), so that an hour costs little. Judged after every write.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cmd/autoplacer/demo_platform.h"
#include "cmd/flysim/core/world.h"
#include "reconcilers/placement/placement_reconciler.h"
#include "tests/simulated/fake_traffic.h"
#include "tests/simulated/virtual_run.h"
#include "tests/simulation/effect_gate.h"
#include "tests/simulation/judge.h"
#include "tests/simulation/story.h"

namespace placer {

// A policy in a hurry: data points of 15 s, short windows, hardly any pause.
inline PlacementPolicy MakeHastyPolicy() {
  PlacementPolicy policy = MakePolicy();
  policy.mode = Mode::kActive;
  policy.interval = absl::Seconds(5);
  policy.traffic.resolution = absl::Seconds(15);
  policy.traffic.delay = absl::ZeroDuration();
  policy.traffic.max_age = absl::Minutes(1);
  policy.threshold.per = absl::Seconds(15);
  policy.threshold.short_window = 2;
  policy.threshold.long_window = 3;
  policy.behavior.scale_up.cooldown = absl::Seconds(10);
  policy.behavior.scale_down.cooldown = absl::Seconds(30);
  policy.behavior.scale_down.stabilization_window = absl::ZeroDuration();
  policy.behavior.scale_down.max_actions = 2;
  policy.behavior.drain_timeout = absl::Seconds(10);
  policy.capacity.max_creates_per_hour = 1000;
  return policy;
}

struct StageOptions {
  std::uint64_t seed = 1;
  PlacementPolicy policy = MakeHastyPolicy();
  std::vector<std::string> initial_regions = {"fra"};
  absl::Duration past = absl::Minutes(30);  // the world's, before the first controller starts
};

// A controller's process, its store, and its way to the platform.
struct Actor {
  Actor(flysim::World& world, std::uint64_t seed, std::string owner_id)
      : owner(std::move(owner_id)), run(seed), machines(world, run.clock()), gated(machines, gate) {
    run.store().before_write = [this] { return gate.Before("store"); };
    run.store().after_write = [this] { return gate.After(); };
  }
  std::string owner;
  EffectGate gate;
  VirtualRun run;
  DemoMachines machines;
  GatedMachines gated;
};

class Stage {
 public:
  explicit Stage(const StageOptions& options)
      : options_(options),
        policy_(options.policy),
        world_({.seed = options.seed,
                .start = VirtualStart() - options.past,
                .requests_per_second = 0,
                .app = options.policy.app,
                .initial_regions = options.initial_regions,
                .step = absl::Minutes(1)}) {
    world_.AdvanceTo(VirtualStart());
    judge_ = std::make_unique<Judge>(world_, policy_);
    traffic_.count = [this](const std::string& region, absl::Time end) { return Count(region, end); };
  }

  flysim::World& world() { return world_; }
  FakeTraffic& traffic() { return traffic_; }
  Judge& judge() { return *judge_; }
  const PlacementPolicy& policy() const { return policy_; }
  absl::Time now() const { return now_; }
  Actor& actor(std::size_t i = 0) { return *actors_[i]; }

  // Requests per data point from now on, or since ever, by region; 0 where none is named.
  void SetTraffic(const std::map<std::string, double>& levels, bool since_ever = false) {
    levels_[since_ever ? absl::InfinitePast() : now_] = levels;
    for (const auto& [region, level] : levels) {
      if (std::find(traffic_.regions.begin(), traffic_.regions.end(), region) == traffic_.regions.end())
        traffic_.regions.push_back(region);
    }
  }

  Actor& Add(const std::string& owner = "controller-1") {
    actors_.push_back(std::make_unique<Actor>(world_, options_.seed * 10 + actors_.size(), owner));
    actors_.back()->run.MoveTo(now_);
    return *actors_.back();
  }
  void Start(Actor& actor) {
    actor.run.MoveTo(now_);
    actor.run.Start(actor.gated, traffic_, reconciler_, {.owner_id = actor.owner});
    actor.run.controller().Apply({policy_});
    actor.run.Settle();
  }

  void RunUntil(absl::Time until) {
    Settle();
    for (;;) {
      absl::Time next = absl::InfiniteFuture();
      for (const auto& actor : actors_) next = std::min(next, actor->run.NextDeadline());
      if (next > until) break;
      MoveTo(next);
    }
    MoveTo(until);
  }
  void RunFor(absl::Duration duration) { RunUntil(now_ + duration); }

  // Nothing is under way, each region has what it is to have, and nothing waits for its time to come.
  static bool IsAtRest(const Decision& decision, const std::vector<Intent>& intents) {
    if (!intents.empty()) return false;
    return std::all_of(decision.regions.begin(), decision.regions.end(), [](const RegionDecision& region) {
      return region.action == Action::kNone && region.observed == region.target && !Passes(region.reason);
    });
  }
  static bool IsActing(Actor& actor) {
    const std::optional<Condition> acting = actor.run.ConditionOf("Acting");
    return acting && acting->status;
  }
  bool IsAtRest(Actor& actor) {
    const PolicyStatus status = actor.run.StatusOf();
    return status.passes > 0 && IsActing(actor) && IsAtRest(status.last_decision, status.intents);
  }
  std::map<std::string, int> Serving() const { return CountServing(world_, policy_); }

  std::string Story() {
    std::string story = TellWrites(world_);
    for (const Machine& machine : world_.machines()) {
      absl::StrAppend(&story, "machine ", machine.id, " ", machine.name, " ", machine.region, " ",
                      machine.state, machine.cordoned ? " cordoned" : "", machine.lease ? " leased" : "",
                      machine.host_status == "ok" ? "" : " dead host",
                      IsMadeBy(machine, policy_.name) ? " ours" : "", " ", machine.process_group, "\n");
    }
    for (const auto& actor : actors_) Tell(*actor, story);
    return story;
  }

 private:
  // Reasons that end by themselves.
  static bool Passes(Reason reason) {
    switch (reason) {
      case Reason::kCooldown:
      case Reason::kStabilizing:
      case Reason::kMaxActions:
      case Reason::kMaxCreatesPerHour:
      case Reason::kCreateFailing:
      case Reason::kReversal:
      case Reason::kWindowNotCovered:
      case Reason::kEvidenceRecovering:
      case Reason::kEvidenceCollapsed:
      case Reason::kReleaseInProgress:
      case Reason::kMachinesUnknown:
      case Reason::kNotOwner:
      case Reason::kNotAuthorized:
        return true;
      default:
        return false;
    }
  }
  std::optional<double> Count(const std::string& region, absl::Time end) const {
    auto level = levels_.upper_bound(end - policy_.traffic.resolution);
    if (level == levels_.begin()) return 0;
    const auto found = std::prev(level)->second.find(region);
    return found == std::prev(level)->second.end() ? 0 : found->second;
  }
  void MoveTo(absl::Time time) {
    now_ = std::max(now_, time);
    for (const auto& actor : actors_) actor->run.MoveTo(now_);
    Settle();
  }
  void Settle() {
    world_.AdvanceTo(now_);
    for (const auto& actor : actors_) {
      actor->run.Settle();
      if (!actor->gate.struck()) continue;
      actor->run.Kill();
      actor->gate.Disarm();
    }
    // Between two writes only the platform's own doings change anything.
    if (judged_writes_ == world_.writes().size() && now_ < judged_at_ + absl::Seconds(10)) return;
    judged_writes_ = world_.writes().size();
    judged_at_ = now_;
    judge_->Look();
  }
  static void Tell(Actor& actor, std::string& story) {
    if (!actor.run.is_running()) return;
    const auto events = actor.run.controller().RecentEvents("web", 12);
    for (const Event& event : events.value()) {
      absl::StrAppend(&story, actor.owner, absl::FormatTime(" %H:%M:%S ", event.time, absl::UTCTimeZone()),
                      event.reason, ": ", event.message, "\n");
    }
    absl::StrAppend(&story, TellStatus(actor.run.StatusOf(), actor.owner));
  }

  StageOptions options_;
  PlacementPolicy policy_;
  PlacementReconciler reconciler_;
  absl::Time now_ = VirtualStart();
  flysim::World world_;
  FakeTraffic traffic_;
  std::map<absl::Time, std::map<std::string, double>> levels_ = {{absl::InfinitePast(), {}}};
  std::unique_ptr<Judge> judge_;
  std::size_t judged_writes_ = 0;
  absl::Time judged_at_ = absl::InfinitePast();
  std::vector<std::unique_ptr<Actor>> actors_;
};

}  // namespace placer
