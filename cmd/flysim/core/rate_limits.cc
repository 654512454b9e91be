#include "cmd/flysim/core/rate_limits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace placer::flysim {
namespace {

constexpr std::size_t kMaxBuckets = 1000;

}  // namespace

absl::Duration RateLimits::Take(const std::string& action, const std::string& machine_id, absl::Time now) {
  const double per_second = action == "get" ? 5 : 1;
  const double burst = action == "get" ? 10 : 3;
  if (buckets_.size() > kMaxBuckets) {  // those that have filled up again say nothing
    std::erase_if(buckets_,
                  [now](const auto& entry) { return now - entry.second.filled > absl::Seconds(10); });
  }
  auto [entry, is_new] = buckets_.try_emplace(absl::StrCat(action, "/", machine_id));
  Bucket& bucket = entry->second;
  if (is_new) {
    bucket.tokens = burst;
  } else {
    bucket.tokens = std::min(burst, bucket.tokens + per_second * absl::ToDoubleSeconds(now - bucket.filled));
  }
  bucket.filled = now;
  if (bucket.tokens < 1) return absl::Seconds((1 - bucket.tokens) / per_second);
  bucket.tokens -= 1;
  return absl::ZeroDuration();
}

}  // namespace placer::flysim
