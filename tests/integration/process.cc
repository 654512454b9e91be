#include "tests/integration/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace placer::testing {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

int ToExitStatus(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

// Everything is allocated before the fork: the child only makes system calls.
pid_t Spawn(const std::vector<std::string>& command, std::map<std::string, std::string> environment,
            const std::string& input_file, const std::string& output_file) {
  for (const char* name : {"PATH", "HOME"}) {
    if (const char* value = std::getenv(name); value != nullptr) environment.emplace(name, value);
  }
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment) variables.push_back(absl::StrCat(name, "=", value));
  std::vector<char*> argv;
  std::vector<char*> envp;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  for (const std::string& variable : variables) envp.push_back(const_cast<char*>(variable.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int in = open(input_file.c_str(), O_RDONLY);
  const int out = open(output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(in, 0);
  dup2(out, 1);
  dup2(out, 2);
  execve(argv[0], argv.data(), envp.data());
  _exit(127);
}

}  // namespace

Process::Process(std::vector<std::string> command, std::map<std::string, std::string> environment,
                 std::string log_file)
    : log_file_(std::move(log_file)) {
  pid_ = Spawn(command, std::move(environment), "/dev/null", log_file_);
}

Process::~Process() {
  if (!IsRunning()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Process::IsRunning() {
  if (exit_status_) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return true;
  exit_status_ = ToExitStatus(status);
  return false;
}

void Process::Signal(int signal) {
  if (IsRunning()) kill(pid_, signal);
}

std::string Process::ReadLog() const {
  return ReadFile(log_file_);
}

Finished RunProgram(const std::vector<std::string>& command,
                    const std::map<std::string, std::string>& environment, const std::string& directory,
                    const std::string& input) {
  const std::string in = absl::StrCat(directory, "/program.in");
  const std::string out = absl::StrCat(directory, "/program.out");
  std::ofstream(in, std::ios::binary) << input;
  unlink(out.c_str());
  const pid_t pid = Spawn(command, environment, in, out);
  int status = 0;
  waitpid(pid, &status, 0);
  return {ToExitStatus(status), ReadFile(out)};
}

std::string FindProgram(const std::string& name) {
  const char* path = std::getenv("PATH");
  const std::vector<std::string> folders = absl::StrSplit(path == nullptr ? "/usr/bin" : path, ':');
  for (const std::string& folder : folders) {
    const std::string file = absl::StrCat(folder, "/", name);
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

}  // namespace placer::testing
