// Process: a program that a test starts, with its output in a file. It dies with the test, however that ends.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace placer::testing {

class Process {
 public:
  // `environment` is all that the program sees, besides PATH and HOME.
  Process(std::vector<std::string> command, std::map<std::string, std::string> environment,
          std::string log_file);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool IsRunning();
  void Signal(int signal);
  // The exit status, once it has ended: the code, or 128 + the signal.
  std::optional<int> exit_status() const { return exit_status_; }
  std::string ReadLog() const;

 private:
  pid_t pid_ = -1;
  std::optional<int> exit_status_;
  std::string log_file_;
};

// Runs a program to its end with `input` on its standard input; its whole output and exit status.
struct Finished {
  int exit_status = -1;
  std::string output;
};
Finished RunProgram(const std::vector<std::string>& command,
                    const std::map<std::string, std::string>& environment, const std::string& directory,
                    const std::string& input = "");

// An absolute path of this program, or "" where it is not installed.
std::string FindProgram(const std::string& name);

}  // namespace placer::testing
