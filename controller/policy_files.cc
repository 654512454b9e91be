#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "api/policy_codec.h"
#include "controller/policy_watcher.h"

namespace placer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 1000;
constexpr std::size_t kMaxTotalBytes = 32u << 20;

absl::Status FileError(int error, const std::string& path) {
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(absl::StrCat(path, ": no such file"));
  return absl::ErrnoToStatus(error, path);
}

absl::StatusOr<std::string> ReadPolicyFile(const std::string& path) {
  // Without O_NONBLOCK opening a pipe would wait for its writer.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return FileError(errno, path);
  const absl::Cleanup close_descriptor = [descriptor] { close(descriptor); };
  struct stat about;
  if (fstat(descriptor, &about) != 0) return FileError(errno, path);
  if (!S_ISREG(about.st_mode))
    return absl::InvalidArgumentError(absl::StrCat(path, ": is not a regular file"));
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t size = read(descriptor, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return FileError(errno, path);
    if (size == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (text.size() > kMaxPolicyFileBytes) {
      return absl::ResourceExhaustedError(absl::StrCat(path, ": is longer than ", kMaxPolicyFileBytes,
                                                       " bytes; split it into several files"));
    }
  }
}

// Names of the policy files in a directory, sorted. Hidden ones are what editors and mounts put there.
absl::StatusOr<std::vector<std::string>> ListPolicyFiles(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool is_policy =
        absl::EndsWith(name, ".yaml") || absl::EndsWith(name, ".yml") || absl::EndsWith(name, ".json");
    std::error_code ignored;
    if (!is_policy || name.front() == '.' || entry->is_directory(ignored)) continue;
    names.push_back(name);
    if (names.size() > kMaxFiles) {
      return absl::ResourceExhaustedError(
          absl::StrCat(directory, ": holds more than ", kMaxFiles, " policy files"));
    }
  }
  if (error) return FileError(error.value(), directory);
  if (names.empty()) {
    return absl::NotFoundError(absl::StrCat(directory, ": holds no *.yaml, *.yml or *.json file"));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string StampFile(const std::string& path) {
  struct stat about;
  if (stat(path.c_str(), &about) != 0) return absl::StrCat(path, " ", errno, "\n");
  return absl::StrCat(path, " ", about.st_dev, " ", about.st_ino, " ", about.st_size, " ",
                      about.st_mtim.tv_sec, ".", about.st_mtim.tv_nsec, " ", about.st_ctim.tv_sec, ".",
                      about.st_ctim.tv_nsec, "\n");
}

}  // namespace

std::string StampPolicyFiles(const std::string& path) {
  std::string stamp = StampFile(path);
  std::error_code error;
  if (!fs::is_directory(path, error)) return stamp;
  const auto names = ListPolicyFiles(path);
  if (!names.ok()) return absl::StrCat(stamp, names.status().message());
  for (const std::string& name : *names) stamp += StampFile((fs::path(path) / name).string());
  return stamp;
}

absl::StatusOr<std::vector<PolicyFile>> ReadPolicyFiles(const std::string& path) {
  std::vector<std::string> paths = {path};
  std::error_code error;
  if (fs::is_directory(path, error)) {
    auto names = ListPolicyFiles(path);
    if (!names.ok()) return names.status();
    paths.clear();
    for (const std::string& name : *names) paths.push_back((fs::path(path) / name).string());
  }
  std::vector<PolicyFile> files;
  std::size_t total_bytes = 0;
  for (const std::string& file : paths) {
    auto text = ReadPolicyFile(file);
    if (!text.ok()) return text.status();
    total_bytes += text->size();
    if (total_bytes > kMaxTotalBytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, ": its policy files hold more than ", kMaxTotalBytes, " bytes"));
    }
    files.push_back({file, *std::move(text)});
  }
  return files;
}

}  // namespace placer
