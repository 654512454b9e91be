// PathWatch: tells when something may have changed about a path, through inotify. Directories are watched,
// not files: a file that is replaced by rename is another inode. Every symlink on the way to the file counts,
// which is how Kubernetes swaps mounted files. Wrong alarms are fine, and so are missed ones (a network file
// system, no inotify): the caller compares contents, and polls.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "controller/effects/clock.h"

namespace placer {

class PathWatch {
 public:
  PathWatch(asio::io_context& io, Clock& clock);

  // Follows the path as it is now, and the symlinks in it if it is a directory. Call it before each read.
  void Arm(const std::string& path);
  // Returns at an event that concerns the path (true), at the deadline, or when cancelled. Never throws.
  Task<bool> WaitUntil(absl::Time deadline);

 private:
  // The names that matter in each directory; an empty name stands for all of them.
  using Names = std::map<std::string, std::set<std::string>>;

  static void FollowPath(const std::string& path, Names& names);
  void Watch(const Names& names);
  bool DrainEvents();

  Clock& clock_;
  std::optional<asio::posix::stream_descriptor> inotify_;  // none: only the deadline ends a wait
  std::map<int, std::set<std::string>> watched_;           // by watch descriptor
};

}  // namespace placer
