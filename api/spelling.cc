#include "api/spelling.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace placer {
namespace {

constexpr std::size_t kLongestWord = 64;

std::string Simplify(absl::string_view word) {
  std::string simple;
  for (char c : word) {
    if (c != '_' && c != '-') simple += absl::ascii_tolower(c);
  }
  return simple;
}

}  // namespace

int ComputeEditDistance(absl::string_view a, absl::string_view b, int limit) {
  const int rows = static_cast<int>(a.size()), columns = static_cast<int>(b.size());
  if (std::abs(rows - columns) > limit) return limit + 1;
  std::vector<int> before(columns + 1), last(columns + 1), current(columns + 1);
  for (int j = 0; j <= columns; ++j) last[j] = j;
  for (int i = 1; i <= rows; ++i) {
    current[0] = i;
    int best = i;
    for (int j = 1; j <= columns; ++j) {
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
      best = std::min(best, current[j]);
    }
    if (best > limit) return limit + 1;
    before.swap(last);
    last.swap(current);
  }
  return std::min(last[columns], limit + 1);
}

std::string ClosestSpelling(absl::string_view word, const std::vector<absl::string_view>& candidates) {
  if (word.empty() || word.size() > kLongestWord) return "";
  const std::string simple = Simplify(word);
  // A third of the word may be wrong, and never all of it.
  int limit = std::clamp(static_cast<int>(simple.size()) / 3, 1, 3);
  std::string closest;
  for (absl::string_view candidate : candidates) {
    const int distance = ComputeEditDistance(simple, Simplify(candidate), limit);
    if (distance > limit || distance >= static_cast<int>(simple.size())) continue;
    closest = std::string(candidate);
    limit = distance - 1;
    if (limit < 0) break;
  }
  return closest;
}

std::string SuggestSpelling(absl::string_view word, const std::vector<absl::string_view>& candidates) {
  const std::string closest = ClosestSpelling(word, candidates);
  return closest.empty() ? "" : absl::StrCat(" (did you mean ", closest, "?)");
}

}  // namespace placer
