#include "cmd/autoplacer/read_file.h"

#include <fstream>
#include <ios>

#include "absl/strings/str_cat.h"

namespace placer {
namespace {

constexpr std::size_t kMaxFileBytes = 1u << 20;

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, const std::string& flag) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot open ", path, "; ", flag, " names it"));
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return absl::NotFoundError(absl::StrCat("cannot read ", path, "; ", flag, " names it"));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is larger than 1 MiB; ", flag, " names it"));
  }
  return text;
}

}  // namespace placer
