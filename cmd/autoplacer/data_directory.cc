#include "cmd/autoplacer/data_directory.h"

#include <sys/stat.h>

namespace placer {

std::string FindExistingDirectory(std::string directory) {
  struct stat info{};
  while (stat(directory.c_str(), &info) != 0 && directory != "/" && directory != ".") {
    const std::size_t slash = directory.find_last_of('/');
    directory = slash == std::string::npos ? "." : slash == 0 ? "/" : directory.substr(0, slash);
  }
  return directory;
}

bool IsOnVolume(const std::string& directory) {
  struct stat root{};
  struct stat info{};
  return stat("/", &root) == 0 && stat(FindExistingDirectory(directory).c_str(), &info) == 0 &&
         info.st_dev != root.st_dev;
}

}  // namespace placer
