#include "cmd/flysim/target.h"

#include <utility>

#include "absl/strings/str_split.h"

namespace placer::flysim {

bool Target::IsTrue(const std::string& name) const {
  const std::string value = Find(name);
  return value == "true" || value == "1";
}

std::string Target::Find(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

Target ParseTarget(const std::string& text) {
  Target target;
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('?', 1));
  for (const absl::string_view segment : absl::StrSplit(parts.first, '/', absl::SkipEmpty())) {
    target.segments.push_back(PercentDecode(segment));
  }
  for (const absl::string_view item : absl::StrSplit(parts.second, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(item, absl::MaxSplits('=', 1));
    target.query[PercentDecode(pair.first)] = PercentDecode(pair.second);
  }
  return target;
}

}  // namespace placer::flysim
