#include "controller/fly/rate_limits.h"

#include <algorithm>

namespace placer {
namespace {

constexpr absl::Duration kIdle = absl::Minutes(1);

std::tuple<std::string, std::string, std::string> KeyOf(const CallSlot& slot) {
  return {slot.action, slot.app, slot.machine_id};
}

}  // namespace

absl::Time RateLimits::Reserve(const CallSlot& slot, absl::Time now) {
  DropIdle(now);
  const auto [entry, is_new] = buckets_.try_emplace(KeyOf(slot));
  Bucket& bucket = entry->second;
  if (is_new) {
    bucket.tokens = slot.limit.burst;
  } else {
    // A clock that was set back refills nothing.
    const double passed_seconds = std::max(0.0, absl::ToDoubleSeconds(now - bucket.counted_at));
    bucket.tokens = std::min(slot.limit.burst, bucket.tokens + passed_seconds * slot.limit.per_second);
  }
  bucket.counted_at = now;
  bucket.tokens -= 1;
  const double missing = std::max(0.0, -bucket.tokens);
  bucket.busy_until = now + absl::Seconds(missing / slot.limit.per_second);
  return bucket.busy_until;
}

void RateLimits::Return(const CallSlot& slot) {
  const auto entry = buckets_.find(KeyOf(slot));
  if (entry != buckets_.end()) entry->second.tokens = std::min(slot.limit.burst, entry->second.tokens + 1);
}

void RateLimits::Pause(const CallSlot& slot, absl::Time until) {
  const auto entry = buckets_.find(KeyOf(slot));
  if (entry != buckets_.end()) entry->second.paused_until = std::max(entry->second.paused_until, until);
}

absl::Time RateLimits::PausedUntil(const CallSlot& slot) const {
  const auto entry = buckets_.find(KeyOf(slot));
  return entry == buckets_.end() ? absl::InfinitePast() : entry->second.paused_until;
}

void RateLimits::DropIdle(absl::Time now) {
  if (now < next_sweep_) return;
  next_sweep_ = now + kIdle;
  std::erase_if(buckets_, [now](const auto& entry) {
    return std::max(entry.second.busy_until, entry.second.paused_until) + kIdle <= now;
  });
}

}  // namespace placer
