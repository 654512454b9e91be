#include "api/intent.h"

#include <array>

namespace placer {

const char* ToString(Intent::Kind kind) {
  constexpr std::array<const char*, 3> kNames = {"Enter", "Leave", "Update"};
  return kNames[static_cast<std::size_t>(kind)];
}

const char* ToString(Intent::Phase phase) {
  constexpr std::array<const char*, 9> kNames = {"Creating",   "Starting",  "Cordoning",
                                                 "Draining",   "Stopping",  "Watching",
                                                 "Destroying", "Returning", "Updating"};
  return kNames[static_cast<std::size_t>(phase)];
}

}  // namespace placer
