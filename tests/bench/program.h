// Programs that a benchmark starts on this machine and looks at from outside: what they answer, and what they
// cost.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/simulated/temporary_folder.h"

namespace placer {

inline sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

inline int FindFreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  const bool ok = bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(listener);
  return ok ? ntohs(address.sin_port) : 0;
}

// The whole answer to one GET, head included; "" if there is none.
inline std::string Get(int port, const std::string& target) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  std::string answer;
  const std::string request = "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      write(connection, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
    char buffer[65536];
    for (ssize_t size = 0; (size = read(connection, buffer, sizeof(buffer))) > 0;)
      answer.append(buffer, static_cast<std::size_t>(size));
  }
  close(connection);
  return answer;
}

inline bool IsAnswered(int port, const std::string& target) {
  return Get(port, target).starts_with("HTTP/1.1 200 ");
}

// Silent, and stopped when destroyed. `variables` ("NAME=value") are its whole environment.
class Program {
 public:
  Program(std::vector<std::string> command, std::vector<std::string> variables) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
      posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0);
    }
    if (posix_spawn(&pid_, command.front().c_str(), &actions, nullptr, Pointers(command).data(),
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
    std::ifstream status(Folder() + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(field + ":")) return std::atof(line.c_str() + field.size() + 1) / 1024;
    }
    return 0;
  }
  // Processor time so far, user and system, by thread id. The program's own id is its first thread.
  std::map<int, double> ThreadSeconds() const {
    std::map<int, double> seconds;
    std::error_code error;
    for (std::filesystem::directory_iterator task(Folder() + "/task", error), end; !error && task != end;
         task.increment(error)) {
      std::ifstream file(task->path() / "stat");
      std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      std::istringstream fields(text.substr(text.rfind(')') + 1));
      std::string skipped;
      for (int i = 3; i < 14; ++i) fields >> skipped;
      double user = 0;
      double system = 0;
      fields >> user >> system;
      seconds[std::atoi(task->path().filename().c_str())] = (user + system) / sysconf(_SC_CLK_TCK);
    }
    return seconds;
  }
  int id() const { return pid_; }

 private:
  static std::vector<char*> Pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
  }
  std::string Folder() const { return "/proc/" + std::to_string(pid_); }

  pid_t pid_ = 0;
};

}  // namespace placer
