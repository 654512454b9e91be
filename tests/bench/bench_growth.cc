// How the time of a pass grows with the number of apps: the whole controller in virtual time, each app with
// machines and traffic in all regions, answers read from the bodies that servers send, nothing acted on.
// Prints processor time per pass at 1 to 200 apps, and the exponent of what they take together.
//
//   bench_growth                  the table
//   bench_growth APPS PASSES      so many passes of each app and no more, to count instructions
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/machines_api.h"
#include "api/prometheus_api.h"
#include "cmd/flysim/core/world.h"
#include "cmd/flysim/query_answers.h"
#include "reconcilers/placement/placement_reconciler.h"
#include "tests/simulated/fake_machines.h"
#include "tests/simulated/virtual_run.h"

namespace placer {
namespace {

constexpr double kGoalExponent = 1.05;
constexpr absl::Duration kInterval = absl::Seconds(15);
constexpr char kApp[] = "shop";

std::vector<std::string> ListRegions() {
  std::vector<std::string> regions;
  for (const auto& [code, region] : EmbeddedRegions()) {
    if (!region.deprecated) regions.push_back(code);
  }
  return regions;
}

flysim::WorldOptions MakeWorldOptions() {
  return {.start = VirtualStart() - absl::Hours(2),
          .requests_per_second = 500,
          .app = kApp,
          .initial_regions = ListRegions(),
          .step = absl::Seconds(5)};
}

// One app's platform that every app gets to see, as bodies. Making them is not what is measured: the list is
// made once, the traffic once a data point.
class Platform final : public MachinesApi, public TrafficApi {
 public:
  explicit Platform(const Clock& clock) : clock_(clock), world_(MakeWorldOptions()) {
    world_.AdvanceTo(clock.Now());
    list_.body = world_.RenderMachineList();
  }

  int passes = 0;
  double preparing_seconds = 0;

  Task<absl::StatusOr<std::vector<Machine>>> List(std::string) override {
    ++passes;
    co_return ParseMachineList(list_);
  }
  Task<absl::StatusOr<Traffic>> Fetch(PlacementPolicy policy, absl::Time end, int points) override {
    const absl::StatusOr<QueryAnswer> answer = ParseQueryAnswer(MakeAnswer(policy, end, points));
    if (!answer.ok()) co_return answer.status();
    co_return MakeTraffic(policy, *answer, end, points);
  }
  Task<absl::StatusOr<std::vector<Region>>> ListRegions() override { co_return world_.regions(); }
  Task<absl::StatusOr<Machine>> Get(std::string, std::string) override { co_return Refused(); }
  Task<absl::StatusOr<Machine>> Create(std::string, CreateMachine) override { co_return Refused(); }
  Task<absl::StatusOr<Machine>> Update(std::string, UpdateMachine) override { co_return Refused(); }
  Task<absl::Status> Apply(std::string, MachineChange) override { co_return Refused(); }
  Task<absl::StatusOr<Lease>> Take(std::string, TakeLease) override { co_return Refused(); }
  Task<absl::Status> Wait(std::string, WaitForState) override { co_return Refused(); }
  Task<absl::StatusOr<std::vector<Volume>>> ListVolumes(std::string) override { co_return Refused(); }
  Task<absl::StatusOr<Volume>> Create(std::string, CreateVolume) override { co_return Refused(); }

 private:
  static absl::Status Refused() { return absl::UnimplementedError("nothing is acted on here"); }

  const HttpResponse& MakeAnswer(const PlacementPolicy& policy, absl::Time end, int points) {
    if (end == answered_) return answer_;
    const std::clock_t begin = std::clock();
    const absl::Duration resolution = policy.traffic.resolution;
    world_.AdvanceTo(clock_.Now());
    answer_ = flysim::AnswerRangeQuery(
        world_,
        BuildRangeQuery("", "", MakeTrafficQuery(policy), end - (points - 1) * resolution, end, resolution));
    answered_ = end;
    preparing_seconds += static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    return answer_;
  }

  const Clock& clock_;
  flysim::World world_;
  HttpResponse list_;
  HttpResponse answer_;
  absl::Time answered_ = absl::InfinitePast();
};

struct Measured {
  int passes = 0;
  double seconds = 0;
};

Measured Run(int apps, int passes) {
  VirtualRun run;
  Platform platform(run.clock());
  const PlacementReconciler reconciler;
  run.Start(platform, platform, reconciler);
  std::vector<PlacementPolicy> policies;
  for (int i = 0; i < apps; ++i) {
    policies.push_back(MakePolicy(absl::StrCat("app-", i)));
    policies.back().app = kApp;
    policies.back().interval = kInterval;
    policies.back().regions.excluded = {"bom"};  // retired: the 18th that is decided about
  }
  run.controller().Apply(policies);
  run.RunFor(2 * kInterval);
  const int passes_before = platform.passes;
  platform.preparing_seconds = 0;
  const std::clock_t begin = std::clock();
  run.RunFor(passes * kInterval);
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  run.Kill();
  return {platform.passes - passes_before, seconds - platform.preparing_seconds};
}

// The slope of a line through the logarithms.
double FitExponent(const std::map<int, double>& seconds_by_apps) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& [apps, seconds] : seconds_by_apps) {
    const double log_apps = std::log(apps);
    const double log_seconds = std::log(seconds);
    n += 1;
    x += log_apps;
    y += log_seconds;
    xx += log_apps * log_apps;
    xy += log_apps * log_seconds;
  }
  return (n * xy - x * y) / (n * xx - x * x);
}

void PrintTable() {
  std::map<int, double> seconds_by_apps;  // of one pass of each app
  for (const int apps : {1, 10, 50, 200}) {
    const int passes = std::max(20, 2000 / apps);
    double best = 0;  // other programs on the machine only ever add
    for (int i = 0; i < 3; ++i) {
      const Measured measured = Run(apps, passes);
      const double each = measured.seconds / measured.passes;
      best = i == 0 ? each : std::min(best, each);
    }
    seconds_by_apps[apps] = best * apps;
    std::printf("%4d apps x 18 regions: %7.0f us per pass, %8.1f ms for one pass of each\n", apps, best * 1e6,
                best * apps * 1e3);
  }
  std::printf("exponent of the growth with apps: %.3f   (goal %.2f)\n", FitExponent(seconds_by_apps),
              kGoalExponent);
}

}  // namespace
}  // namespace placer

int main(int argc, char** argv) {
  if (argc == 3) {
    std::printf("%d passes\n", placer::Run(std::atoi(argv[1]), std::atoi(argv[2])).passes);
    return 0;
  }
  placer::PrintTable();
  return 0;
}
