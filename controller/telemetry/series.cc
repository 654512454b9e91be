#include "controller/telemetry/series.h"

#include "api/utf8.h"

namespace placer {

std::string MakeLabelValue(const std::string& text) {
  constexpr std::size_t kMaxBytes = 128;
  if (text.size() <= kMaxBytes) return ReplaceInvalidUtf8(text);
  return ReplaceInvalidUtf8(text.substr(0, kMaxBytes - 3)) + "...";
}

}  // namespace placer
