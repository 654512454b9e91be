// A fleet from outside: the controller and a local Fly platform as two processes on loopback, one Active
// policy per app over 18 regions, traffic and a machine in all 17 that the platform still has, a pass per app
// every 15 s. Prints what the controller costs once everything is in its place. Fails only where the programs
// do not run.
//
//   bench_fleet [APPS [SECONDS]]    default: 200 apps, measured for 60 s
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/program.h"

namespace placer {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kCpuGoalPercent = 2;
constexpr double kMemoryGoalMib = 40;
constexpr int kWarmUpPasses = 4;  // of each app
// All that the platform has; the policies name one more, which it has retired.
constexpr char kRegions[] = "ams,arn,cdg,dfw,ewr,fra,gru,iad,jnb,lax,lhr,nrt,ord,sin,sjc,syd,yyz";

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <typename Condition>
bool WaitFor(Condition condition, double seconds) {
  const Clock::time_point start = Clock::now();
  while (!condition()) {
    if (SecondsSince(start) > seconds) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return true;
}

void WritePolicies(const std::string& folder, int apps) {
  std::filesystem::create_directory(folder + "/policies");
  for (int i = 1; i <= apps; ++i) {
    const std::string name = "demo-" + std::to_string(i);
    std::ofstream(folder + "/policies/" + name + ".yaml")
        << "apiVersion: autoplacer.dev/v1\nkind: PlacementPolicy\nmetadata: {name: " << name
        << "}\nspec: {app: " << name << ", mode: Active, interval: 15s, regions: {excluded: [bom]}}\n";
  }
}

// The sum of a metric's series whose labels contain `label`.
double SumMetric(const std::string& page, const std::string& name, const std::string& label) {
  double sum = 0;
  for (std::size_t at = 0; (at = page.find("\n" + name + "{", at)) != std::string::npos;) {
    const std::size_t end = page.find('\n', at + 1);
    const std::string line = page.substr(at + 1, end - at - 1);
    if (line.find(label) != std::string::npos) sum += std::atof(line.c_str() + line.rfind(' '));
    at = end;
  }
  return sum;
}

double CountPasses(const std::string& page, const std::string& result = "") {
  return SumMetric(page, "controller_runtime_reconcile_total", result);
}

// The median time of ten answers, and how large one is.
void ReportAnswer(int port, const std::string& target) {
  std::vector<double> times_ms;
  std::size_t size = 0;
  for (int i = 0; i < 10; ++i) {
    const Clock::time_point start = Clock::now();
    size = Get(port, target).size();
    times_ms.push_back(SecondsSince(start) * 1000);
  }
  std::sort(times_ms.begin(), times_ms.end());
  std::printf("GET %-42s %7.1f ms   (%.0f KB)\n", target.c_str(), times_ms[times_ms.size() / 2],
              static_cast<double>(size) / 1000);
}

void ReportCpu(const std::map<int, double>& before, const std::map<int, double>& after, int first_thread,
               double seconds, double passes) {
  double total = 0;
  double others = 0;
  for (const auto& [thread, used] : after) {
    const auto known = before.find(thread);
    const double spent = used - (known == before.end() ? 0 : known->second);
    total += spent;
    if (thread != first_thread) others += spent;
  }
  std::printf(
      "processor time                                 %7.2f %%    (goal %.0f of one core; %.2f of it the "
      "store's thread)\n",
      100 * total / seconds, kCpuGoalPercent, 100 * others / seconds);
  std::printf("processor time of a pass                       %7.2f ms   (%.0f passes in %.0f s)\n",
              1000 * total / passes, passes, seconds);
}

int Fail(const char* message) {
  std::fprintf(stderr, "bench_fleet: %s\n", message);
  return 1;
}

int Run(int apps, int seconds) {
  const TemporaryFolder folder;
  WritePolicies(folder.path(), apps);
  const int platform_port = FindFreePort();
  Program platform(
      {FLYSIM_BINARY, "--listen", "127.0.0.1:" + std::to_string(platform_port), "--apps",
       std::to_string(apps), "--past-minutes", "60", "--requests-per-second", "500", "--regions", kRegions},
      {});
  if (!WaitFor([&] { return IsAnswered(platform_port, "/health"); }, 60))
    return Fail("flysim does not answer");
  const int port = FindFreePort();
  const std::string platform_url = "http://127.0.0.1:" + std::to_string(platform_port);
  Program controller(
      {AUTOPLACER_BINARY, "run", "--policy", folder.path() + "/policies", "--listen",
       "127.0.0.1:" + std::to_string(port), "--data-dir", folder.path() + "/data"},
      {"FLY_API_TOKEN=any", "FLY_FLAPS_BASE_URL=" + platform_url, "FLY_PROMETHEUS_URL=" + platform_url});
  if (!WaitFor([&] { return controller.IsGone() || IsAnswered(port, "/readyz"); }, 60) || controller.IsGone())
    return Fail("autoplacer does not answer");
  // Looked at from time to time only: each look costs the controller a page of metrics.
  for (int looks = 0; CountPasses(Get(port, "/metrics")) < kWarmUpPasses * apps; ++looks) {
    if (looks > 60 || controller.IsGone()) return Fail("the passes do not come");
    std::this_thread::sleep_for(std::chrono::seconds(5));
  }
  const std::string page_before = Get(port, "/metrics");
  const std::map<int, double> before = controller.ThreadSeconds();
  const Clock::time_point start = Clock::now();
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  const std::map<int, double> after = controller.ThreadSeconds();
  const double measured = SecondsSince(start);
  const double memory_mib = controller.MemoryMib("VmRSS");
  const std::string page_after = Get(port, "/metrics");
  const double passes = CountPasses(page_after) - CountPasses(page_before);
  if (controller.IsGone() || passes <= 0) return Fail("autoplacer ended, or made no pass");
  std::printf("%d apps, 18 regions each, a pass every 15 s\n", apps);
  ReportCpu(before, after, controller.id(), measured, passes);
  std::printf("resident memory                                %7.1f MiB  (goal %.0f; %.1f anonymous)\n",
              memory_mib, kMemoryGoalMib, controller.MemoryMib("RssAnon"));
  std::printf("passes with an error                           %7.0f\n",
              CountPasses(page_after, "result=\"error\"") - CountPasses(page_before, "result=\"error\""));
  ReportAnswer(port, "/metrics");
  ReportAnswer(port, "/apis/autoplacer.dev/v1/placementpolicies");
  ReportAnswer(port, "/apis/autoplacer.dev/v1/placementpolicies/demo-1");
  return 0;
}

}  // namespace
}  // namespace placer

int main(int argc, char** argv) {
  const int apps = argc > 1 ? std::atoi(argv[1]) : 200;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 60;
  if (apps < 2 || seconds < 1) {
    std::fprintf(stderr, "Usage: bench_fleet [APPS [SECONDS]]; at least 2 apps and 1 s\n");
    return 2;
  }
  return placer::Run(apps, seconds);
}
