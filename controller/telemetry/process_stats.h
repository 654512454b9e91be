// What the kernel says about this process, read from /proc when asked.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace placer {

struct ProcessStats {
  double start_time_seconds = 0;  // Unix time
  double cpu_seconds = 0;         // user and system
  double resident_memory_bytes = 0;
};

// From the texts of /proc/self/stat and /proc/stat. No value where they are not what the kernel writes.
std::optional<ProcessStats> ParseProcessStats(absl::string_view self_stat, absl::string_view system_stat,
                                              double ticks_per_second, double page_bytes);
// No value where there is no /proc.
std::optional<ProcessStats> ReadProcessStats();

}  // namespace placer
