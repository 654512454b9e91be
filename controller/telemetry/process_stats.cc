#include "controller/telemetry/process_stats.h"

#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace placer {
namespace {

std::string ReadWhole(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::optional<double> FindBootTime(absl::string_view system_stat) {
  for (absl::string_view line : absl::StrSplit(system_stat, '\n')) {
    double seconds = 0;
    if (absl::ConsumePrefix(&line, "btime ") && absl::SimpleAtod(line, &seconds)) return seconds;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ProcessStats> ParseProcessStats(absl::string_view self_stat, absl::string_view system_stat,
                                              double ticks_per_second, double page_bytes) {
  // proc(5) numbers the fields from 1. The second is the program's name in brackets, which may hold anything,
  // so counting starts behind the last bracket, at field 3.
  const std::size_t bracket = self_stat.rfind(')');
  if (bracket == absl::string_view::npos) return std::nullopt;
  const std::vector<absl::string_view> fields =
      absl::StrSplit(self_stat.substr(bracket + 1), absl::ByAnyChar(" \n"), absl::SkipEmpty());
  const auto field = [&](std::size_t number) -> std::optional<double> {
    double value = 0;
    if (number - 3 >= fields.size() || !absl::SimpleAtod(fields[number - 3], &value)) return std::nullopt;
    return value;
  };
  const auto user = field(14), system = field(15), start = field(22), pages = field(24);
  const auto boot = FindBootTime(system_stat);
  if (!user || !system || !start || !pages || !boot) return std::nullopt;
  return ProcessStats{.start_time_seconds = *boot + *start / ticks_per_second,
                      .cpu_seconds = (*user + *system) / ticks_per_second,
                      .resident_memory_bytes = *pages * page_bytes};
}

std::optional<ProcessStats> ReadProcessStats() {
  return ParseProcessStats(ReadWhole("/proc/self/stat"), ReadWhole("/proc/stat"),
                           static_cast<double>(sysconf(_SC_CLK_TCK)),
                           static_cast<double>(sysconf(_SC_PAGESIZE)));
}

}  // namespace placer
