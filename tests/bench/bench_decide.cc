// One decide pass: 18 regions x 20 points is the goal's size (20 us), in the states that a running controller
// meets, and how the time grows with regions. `long history` has the 60 points that a policy with the
// defaults asks for.
#include <benchmark/benchmark.h>

#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "reconcilers/placement/placement_reconciler.h"

namespace placer {
namespace {

struct World {
  PlacementPolicy policy;
  Observation seen;
  History history;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
};

// Fly's own codes as far as they go, then made-up ones.
std::string MakeCode(int i) {
  const auto& known = EmbeddedRegions();
  if (i < static_cast<int>(known.size())) return std::next(known.begin(), i)->first;
  return {static_cast<char>('a' + i * 7 % 26), static_cast<char>('a' + i / 26),
          static_cast<char>('a' + i % 26)};
}

// `regions` regions with noisy traffic around the thresholds and a machine in every other one. All may host.
World MakeWorld(int regions, int points) {
  World world;
  world.policy.name = "web";
  world.policy.app = "my-app";
  world.policy.capacity.total_max = 1000;
  Traffic& traffic = world.seen.traffic;
  traffic.end = world.now - absl::Seconds(50);
  traffic.points = points;
  traffic.witnessed.assign(points, true);
  traffic.instance_up.assign(points, true);
  world.seen.machines_known = true;
  const auto platform = std::make_shared<Platform>();
  world.seen.platform = platform;
  std::mt19937 bits(1);
  for (int i = 0; i < regions; ++i) {
    const std::string code = MakeCode(i);
    const Coordinates place{-60.0 + i % 120, -170.0 + 7 * i % 340};
    platform->regions[code] = {.code = code, .coordinates = place};
    PointValues& values = traffic.regions[code];
    for (int point = 0; point < points; ++point) values.push_back(i % 18 + static_cast<double>(bits() % 5));
    world.history.regions[code].placed = i % 2 == 0;
    if (i % 2 != 0) continue;
    Machine machine;
    machine.id = absl::StrCat("machine-", code);
    machine.region = code;
    machine.state = "started";
    machine.process_group = "app";
    machine.metadata[kMetadataPolicy] = "web";
    world.seen.machines.push_back(machine);
  }
  return world;
}

void RunPasses(benchmark::State& state, const World& world) {
  const PlacementReconciler reconciler;
  for (auto _ : state) {
    benchmark::DoNotOptimize(reconciler.Reconcile({world.policy, world.seen, world.history, world.now}));
  }
}

void DecideFirstPass(benchmark::State& state) {
  RunPasses(state, MakeWorld(static_cast<int>(state.range(0)), static_cast<int>(state.range(1))));
}

void DecideWithOneNewPoint(benchmark::State& state) {
  World world = MakeWorld(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  world.history.decided_point = world.seen.traffic.end - absl::Minutes(1);
  RunPasses(state, world);
}

void DecideWithNothingNew(benchmark::State& state) {
  World world = MakeWorld(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  world.history.decided_point = world.seen.traffic.end;
  RunPasses(state, world);
}

void DecideAfterAGapOfTenPoints(benchmark::State& state) {
  World world = MakeWorld(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  world.history.decided_point = world.seen.traffic.end - absl::Minutes(10);
  RunPasses(state, world);
}

BENCHMARK(DecideFirstPass)->Args({18, 20})->ArgNames({"regions", "points"})->Unit(benchmark::kMicrosecond);
BENCHMARK(DecideWithOneNewPoint)
    ->Args({18, 20})
    ->Args({18, 60})
    ->ArgNames({"regions", "points"})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(DecideWithNothingNew)
    ->Args({18, 20})
    ->Args({18, 60})
    ->Args({36, 20})
    ->Args({72, 20})
    ->Args({180, 20})
    ->ArgNames({"regions", "points"})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(DecideAfterAGapOfTenPoints)
    ->Args({18, 60})
    ->ArgNames({"regions", "points"})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace placer
