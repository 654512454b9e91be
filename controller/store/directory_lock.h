// DirectoryLock: one process per data directory. Two controllers on one database would each overwrite what
// the other stored. The kernel drops the lock with the process, however it ends.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace placer {

class DirectoryLock {
 public:
  // AlreadyExists: another process holds it. Unavailable: the lock file cannot be made.
  static absl::StatusOr<DirectoryLock> Take(const std::string& directory);

  DirectoryLock(DirectoryLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int file) : file_(file) {}
  int file_;
};

}  // namespace placer
