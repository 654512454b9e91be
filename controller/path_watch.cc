#include "controller/path_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <deque>
#include <filesystem>
#include <system_error>

namespace placer {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE |
                                  IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr int kMaxSymlinks = 40;  // as the kernel
constexpr std::size_t kMaxEntries = 1000;

}  // namespace

PathWatch::PathWatch(asio::io_context& io, Clock& clock) : clock_(clock) {
  const int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor >= 0) inotify_.emplace(io, descriptor);
}

// Walks the path as the kernel does. What is a symlink may be swapped, what is missing may appear, and the
// last component may be replaced: those are the names to watch. Plain directories on the way are not, since
// watching them would wake the program for everything that happens in /tmp.
void PathWatch::FollowPath(const std::string& path, Names& names) {
  std::error_code error;
  std::deque<std::string> rest;
  fs::path here = "/";
  for (const fs::path& part : fs::absolute(path, error)) rest.push_back(part.string());
  int symlinks = 0;
  while (!rest.empty()) {
    const std::string name = rest.front();
    rest.pop_front();
    if (name.empty() || name == "." || name == "/") continue;
    if (name == "..") {
      here = here.parent_path();
      continue;
    }
    const fs::path next = here / name;
    const fs::file_status status = fs::symlink_status(next, error);
    if (rest.empty() || status.type() == fs::file_type::symlink || !fs::exists(status)) {
      names[here.string()].insert(name);
    }
    if (!fs::exists(status)) return;
    if (status.type() != fs::file_type::symlink) {
      here = next;
      continue;
    }
    const fs::path target = fs::read_symlink(next, error);
    if (error || ++symlinks > kMaxSymlinks) return;
    if (target.is_absolute()) here = "/";
    std::deque<std::string> parts;
    for (const fs::path& part : target) parts.push_back(part.string());
    rest.insert(rest.begin(), parts.begin(), parts.end());
  }
}

void PathWatch::Arm(const std::string& path) {
  if (!inotify_.has_value()) return;
  Names names;
  FollowPath(path, names);
  std::error_code error;
  if (fs::is_directory(path, error)) {
    names[path].insert("");
    std::size_t entries = 0;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
      if (++entries > kMaxEntries) break;
      if (entry->is_symlink(error)) FollowPath(entry->path().string(), names);
    }
  }
  Watch(names);
}

void PathWatch::Watch(const Names& names) {
  const int descriptor = inotify_->native_handle();
  std::map<int, std::set<std::string>> now;
  for (const auto& [directory, wanted] : names) {
    const int watch = inotify_add_watch(descriptor, directory.c_str(), kEvents);
    if (watch >= 0) now[watch].insert(wanted.begin(), wanted.end());
  }
  for (const auto& [watch, unused] : watched_) {
    if (!now.contains(watch)) inotify_rm_watch(descriptor, watch);
  }
  watched_ = std::move(now);
}

// True if one of the waiting events concerns the path.
bool PathWatch::DrainEvents() {
  alignas(inotify_event) std::array<char, 16384> buffer;
  bool concerned = false;
  for (;;) {
    const ssize_t size = read(inotify_->native_handle(), buffer.data(), buffer.size());
    if (size <= 0) return concerned;
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      // The kernel pads the name with NUL.
      const std::string name = event.len == 0 ? "" : std::string(buffer.data() + at + sizeof event);
      at += sizeof event + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0) concerned = true;
      const auto watched = watched_.find(event.wd);
      if (watched == watched_.end()) continue;
      concerned |= name.empty() || watched->second.contains(name) || watched->second.contains("");
    }
  }
}

Task<bool> PathWatch::WaitUntil(absl::Time deadline) {
  using asio::experimental::awaitable_operators::operator||;
  if (!inotify_.has_value()) {
    co_await clock_.SleepUntil(deadline);
    co_return false;
  }
  for (;;) {
    const auto first = co_await (inotify_->async_wait(asio::posix::stream_descriptor::wait_read,
                                                      asio::as_tuple(asio::use_awaitable)) ||
                                 clock_.SleepUntil(deadline));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (first.index() == 1 || state.cancelled() != asio::cancellation_type::none) co_return false;
    if (std::get<0>(std::get<0>(first))) {
      inotify_.reset();  // cannot be waited for: poll from now on
      co_await clock_.SleepUntil(deadline);
      co_return false;
    }
    if (DrainEvents()) co_return true;
  }
}

}  // namespace placer
