// PolicyWatcher: notices every change of the policy path, however it is made: written in place, by rename, by
// a symlink swap, in a directory. It reads whole files and decides nothing. inotify where there is one,
// polling (every second, by the files' times) as well where it is absent or blind. A half-written file is
// read again once it settles.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/effects/clock.h"

namespace placer {

struct PolicyFile {
  std::string path;
  std::string text;
};

// The file, or the *.yaml, *.yml and *.json files of the directory in the order of their names. NotFound:
// nothing there, or no such file in the directory. ResourceExhausted: a file over kMaxPolicyFileBytes, or
// over 1,000 files.
absl::StatusOr<std::vector<PolicyFile>> ReadPolicyFiles(const std::string& path);
// Differs from before whenever what ReadPolicyFiles reads may: inodes, sizes and times of the files.
std::string StampPolicyFiles(const std::string& path);

class PolicyWatcher {
 public:
  // `on_change` is called with the content whenever it differs from the last one it was called with, or with
  // the error once when reading fails.
  PolicyWatcher(asio::io_context& io, Clock& clock, std::string path,
                std::function<void(absl::StatusOr<std::vector<PolicyFile>>)> on_change);
  // Until cancelled. Calls `on_change` at once with what is there.
  Task<void> Run();

 private:
  asio::io_context& io_;
  Clock& clock_;
  std::string path_;
  std::function<void(absl::StatusOr<std::vector<PolicyFile>>)> on_change_;
};

}  // namespace placer
