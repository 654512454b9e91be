#include "cmd/autoplacer/seed_policy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "api/policy_codec.h"

namespace placer {
namespace {

std::string FindDirectory(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

absl::StatusOr<std::string> ReadSeed(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return absl::NotFoundError(absl::StrCat("--seed-policy ", path, ": ", std::strerror(errno)));
  const absl::Cleanup close_file = [file] { close(file); };
  struct stat info{};
  if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat("--seed-policy ", path, ": no regular file"));
  }
  std::string text(kMaxPolicyFileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::NotFoundError(absl::StrCat("--seed-policy ", path, ": ", std::strerror(errno)));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxPolicyFileBytes) {
    return absl::InvalidArgumentError(absl::StrCat("--seed-policy ", path, ": larger than 1 MiB"));
  }
  text.resize(size);
  return text;
}

// errno of the first call that failed, 0 if all is on disk.
int WriteAll(int file, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t put = write(file, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return fchmod(file, 0644) != 0 || fsync(file) != 0 ? errno : 0;
}

// So that the new name outlives a loss of power. A file system that cannot do that still has the file.
void SyncDirectory(const std::string& directory) {
  const int handle = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return;
  fsync(handle);
  close(handle);
}

absl::Status MakeWriteError(const std::string& policy, int error) {
  if (error == ENOENT) {
    return absl::NotFoundError(absl::StrCat("cannot put the first policy at ", policy,
                                            ": there is no directory ", FindDirectory(policy)));
  }
  return absl::UnavailableError(absl::StrCat("cannot put the first policy at ", policy, ": ",
                                             std::strerror(error), "; user ", geteuid(),
                                             " must be able to write in ", FindDirectory(policy)));
}

}  // namespace

absl::StatusOr<bool> SeedPolicy(const std::string& seed, const std::string& policy) {
  struct stat info{};
  if (lstat(policy.c_str(), &info) == 0) return false;
  if (errno != ENOENT) return MakeWriteError(policy, errno);
  const absl::StatusOr<std::string> text = ReadSeed(seed);
  if (!text.ok()) return text.status();

  std::string draft = absl::StrCat(policy, ".seed-XXXXXX");
  const int file = mkostemp(draft.data(), O_CLOEXEC);
  if (file < 0) return MakeWriteError(policy, errno);
  const absl::Cleanup remove_draft = [&draft] { unlink(draft.c_str()); };
  const int failed = WriteAll(file, *text);
  close(file);
  if (failed != 0) return MakeWriteError(policy, failed);
  // A link never replaces what has the name, where a rename would.
  if (link(draft.c_str(), policy.c_str()) != 0) {
    if (errno == EEXIST) return false;
    return MakeWriteError(policy, errno);
  }
  SyncDirectory(FindDirectory(policy));
  return true;
}

}  // namespace placer
