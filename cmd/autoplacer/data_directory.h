// The data directory, before anything is in it: where it would lie, and on what.
#pragma once

#include <string>

namespace placer {

// The directory itself, or the nearest one above it that is there: `run` makes the rest.
std::string FindExistingDirectory(std::string directory);

// On a file system other than that of "/". On Fly, what is not on a volume is lost with each deploy.
bool IsOnVolume(const std::string& directory);

}  // namespace placer
