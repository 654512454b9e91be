// The program from outside: how long it takes from start to its first 200 of /readyz, how much memory it
// holds when idle, how large the stripped binary is, and what it needs at run time. Prints figures and goals;
// fails only where the program does not run.
//
//   bench_process [AUTOPLACER]    default: AUTOPLACER_BINARY, else the program of this build
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/program.h"

namespace placer {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kStarts = 10;
constexpr double kStartGoalMs = 50;
constexpr double kMemoryGoalMib = 12;
constexpr double kSizeGoalMb = 10;

// One run of the program against servers that refuse.
Program Start(const std::string& binary, const std::string& folder, int port) {
  return Program(
      {binary, "run", "--policy", folder + "/policy.yaml", "--listen", "127.0.0.1:" + std::to_string(port),
       "--data-dir", folder + "/data-" + std::to_string(port)},
      {"FLY_API_TOKEN=dummy", "FLY_FLAPS_BASE_URL=http://127.0.0.1:9",
       "FLY_PROMETHEUS_URL=http://127.0.0.1:9"});
}

// Milliseconds from start to the first 200; negative if there is none.
double MeasureStart(const std::string& binary, const std::string& folder) {
  const int port = FindFreePort();
  const Clock::time_point start = Clock::now();
  Program program = Start(binary, folder, port);
  while (!IsAnswered(port, "/readyz")) {
    if (program.IsGone() || Clock::now() - start > std::chrono::seconds(10)) return -1;
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

bool ReportStart(const std::string& binary, const std::string& folder) {
  std::vector<double> times_ms;
  for (int i = 0; i < kStarts; ++i) {
    times_ms.push_back(MeasureStart(binary, folder));
    if (times_ms.back() < 0) {
      std::fprintf(stderr, "%s did not answer 200 on /readyz within 10 s\n", binary.c_str());
      return false;
    }
  }
  std::sort(times_ms.begin(), times_ms.end());
  const double median_ms = (times_ms[kStarts / 2 - 1] + times_ms[kStarts / 2]) / 2;
  std::printf("start to first 200 of /readyz  %7.1f ms   (goal %.0f; median of %d, %.1f to %.1f)\n",
              median_ms, kStartGoalMs, kStarts, times_ms.front(), times_ms.back());
  return true;
}

bool ReportMemory(const std::string& binary, const std::string& folder) {
  Program program = Start(binary, folder, FindFreePort());
  std::this_thread::sleep_for(std::chrono::seconds(5));
  if (program.IsGone()) {
    std::fprintf(stderr, "%s ended within 5 s\n", binary.c_str());
    return false;
  }
  std::printf("resident memory after 5 s      %7.1f MiB  (goal %.0f; %.1f anonymous, %.1f of files)\n",
              program.MemoryMib("VmRSS"), kMemoryGoalMib, program.MemoryMib("RssAnon"),
              program.MemoryMib("RssFile"));
  return true;
}

std::string ReadOutput(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  char buffer[4096];
  for (std::size_t count = 0; (count = fread(buffer, 1, sizeof(buffer), pipe)) > 0;)
    output.append(buffer, count);
  pclose(pipe);
  return output;
}

void ReportSize(const std::string& binary, const std::string& folder) {
  const std::string stripped = folder + "/stripped";
  const std::string files = "'" + stripped + "' '" + binary + "'";
  if (std::system(("llvm-strip-19 -o " + files + " 2>/dev/null || strip -o " + files).c_str()) != 0) {
    std::printf("stripped size: neither llvm-strip-19 nor strip works here\n");
    return;
  }
  std::printf("stripped size of the binary    %7.1f MB   (goal %.0f)\n",
              static_cast<double>(std::filesystem::file_size(stripped)) / 1e6, kSizeGoalMb);
}

void ReportLibraries(const std::string& binary) {
  const std::string dynamic =
      ReadOutput("readelf -d '" + binary + "' 2>/dev/null || llvm-readelf-19 -d '" + binary + "'");
  const std::vector<std::string> wanted = {
      "libprometheus-cpp-core.so.", "libstdc++.so.", "libgcc_s.so.", "libm.so.", "libc.so.", "ld-linux"};
  std::string others;
  std::printf("needed libraries              ");
  for (std::size_t at = 0; (at = dynamic.find("Shared library: [", at)) != std::string::npos;) {
    at += 17;
    const std::string name = dynamic.substr(at, dynamic.find(']', at) - at);
    std::printf(" %s", name.c_str());
    const bool expected = std::any_of(wanted.begin(), wanted.end(),
                                      [&](const std::string& prefix) { return name.starts_with(prefix); });
    if (!expected) others += " " + name;
  }
  std::printf("\n%s%s\n", others.empty() ? "  none beyond the goal" : "  beyond the goal:", others.c_str());
}

int Run(const std::string& binary) {
  const TemporaryFolder folder;
  if (access(binary.c_str(), X_OK) != 0) {
    std::fprintf(stderr, "cannot run %s\n", binary.c_str());
    return 1;
  }
  std::ofstream(folder.path() + "/policy.yaml")
      << "apiVersion: autoplacer.dev/v1\nkind: PlacementPolicy\nmetadata: {name: web}\nspec: {app: my-app}\n";
  if (!ReportStart(binary, folder.path()) || !ReportMemory(binary, folder.path())) return 1;
  ReportSize(binary, folder.path());
  ReportLibraries(binary);
  return 0;
}

}  // namespace
}  // namespace placer

int main(int argc, char** argv) {
  const char* variable = std::getenv("AUTOPLACER_BINARY");
  return placer::Run(argc > 1 ? argv[1] : variable != nullptr ? variable : PLACER_BINARY);
}
