// Builders and readers shared by the tests of the local platform.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "cmd/flysim/core/world.h"

namespace placer::flysim {

inline const absl::Time kStart = absl::FromUnixSeconds(1790000000);

inline WorldOptions MakeOptions(double requests_per_second = 150, std::uint64_t seed = 1) {
  WorldOptions options;
  options.start = kStart;
  options.seed = seed;
  options.requests_per_second = requests_per_second;
  return options;
}

// Series (name and labels as written) -> value.
inline std::map<std::string, double> ParsePage(const std::string& page) {
  std::map<std::string, double> series;
  for (const absl::string_view line : absl::StrSplit(page, '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    const std::size_t space = line.rfind(' ');
    double value = -1;
    if (!absl::SimpleAtod(line.substr(space + 1), &value)) value = -1;
    series[std::string(line.substr(0, space))] = value;
  }
  return series;
}

// Sum of the series whose text begins with `name` and contains every one of `parts`.
inline double SumSeries(const std::map<std::string, double>& series, const std::string& name,
                        const std::vector<std::string>& parts = {}) {
  double sum = 0;
  for (const auto& [text, value] : series) {
    bool matches = text.rfind(name + "{", 0) == 0;
    for (const std::string& part : parts) matches = matches && text.find(part) != std::string::npos;
    if (matches) sum += value;
  }
  return sum;
}

}  // namespace placer::flysim
