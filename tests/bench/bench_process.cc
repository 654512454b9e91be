// The program from outside: how long it takes from start to its first 200 of /readyz, how much memory it
// holds when idle, how large the stripped binary is, and what it needs at run time. Prints figures and goals;
// fails only where the program does not run.
//
//   bench_process [AUTOPLACER]    default: AUTOPLACER_BINARY, else the program of this build
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
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

namespace placer {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kStarts = 10;
constexpr double kStartGoalMs = 50;
constexpr double kMemoryGoalMib = 12;
constexpr double kSizeGoalMb = 10;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "bench_process.XXXXXX").string();
    if (mkdtemp(path.data()) != nullptr) path_ = path;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int FindFreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  const bool ok = bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(listener);
  return ok ? ntohs(address.sin_port) : 0;
}

bool IsReady(int port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  bool ready = false;
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    char answer[64] = {};
    ready = write(connection, request.data(), request.size()) == static_cast<ssize_t>(request.size()) &&
            read(connection, answer, sizeof(answer) - 1) > 0 &&
            std::string(answer).starts_with("HTTP/1.1 200 ");
  }
  close(connection);
  return ready;
}

// One run of the program against servers that refuse. Stopped when destroyed.
class Program {
 public:
  Program(const std::string& binary, const std::string& folder, int port) {
    std::vector<std::string> arguments = {binary,       "run",
                                          "--policy",   folder + "/policy.yaml",
                                          "--listen",   "127.0.0.1:" + std::to_string(port),
                                          "--data-dir", folder + "/data-" + std::to_string(port)};
    std::vector<std::string> variables = {"FLY_API_TOKEN=dummy", "FLY_FLAPS_BASE_URL=http://127.0.0.1:9",
                                          "FLY_PROMETHEUS_URL=http://127.0.0.1:9"};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
      posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0);
    }
    if (posix_spawn(&pid_, binary.c_str(), &actions, nullptr, Pointers(arguments).data(),
                    Pointers(variables).data()) != 0) {
      pid_ = 0;
    }
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Program() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Ended before it was asked to, or never started.
  bool IsGone() {
    if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
    return pid_ <= 0;
  }
  // Resident memory; `field` is a line's name in /proc/PID/status.
  double MemoryMib(const std::string& field) const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(field + ":")) return std::atof(line.c_str() + field.size() + 1) / 1024;
    }
    return 0;
  }

 private:
  static std::vector<char*> Pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  pid_t pid_ = 0;
};

// Milliseconds from start to the first 200; negative if there is none.
double MeasureStart(const std::string& binary, const std::string& folder) {
  const int port = FindFreePort();
  const Clock::time_point start = Clock::now();
  Program program(binary, folder, port);
  while (!IsReady(port)) {
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
  Program program(binary, folder, FindFreePort());
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
  if (folder.path().empty() || access(binary.c_str(), X_OK) != 0) {
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
