// RateLimits: token buckets for calls of the Machines API, one per action and machine (or app, where a call
// names no machine), as Fly documents its own. Pure: the time is an argument. Easy to get wrong: a token is
// promised, not only counted, so that of many callers who wait at once each gets a moment of its own.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <tuple>

#include "absl/time/time.h"

namespace placer {

struct RateLimit {
  double per_second = 1;
  double burst = 3;
};

// What a bucket is for.
struct CallSlot {
  std::string action;  // "get", "start", ...
  std::string app;
  std::string machine_id;  // "" = the app as a whole
  RateLimit limit;
};

class RateLimits {
 public:
  // When the call may go out: `now` or later. The token is taken.
  absl::Time Reserve(const CallSlot& slot, absl::Time now);
  // Gives a promised token back that is not going to be used.
  void Return(const CallSlot& slot);

  // The platform said 429: nothing goes out before `until`.
  void Pause(const CallSlot& slot, absl::Time until);
  absl::Time PausedUntil(const CallSlot& slot) const;  // InfinitePast: it is not

  std::size_t size() const { return buckets_.size(); }

 private:
  struct Bucket {
    double tokens = 0;  // below zero: promised ahead
    absl::Time counted_at;
    absl::Time busy_until;  // of the last promise
    absl::Time paused_until = absl::InfinitePast();
  };
  using Key = std::tuple<std::string, std::string, std::string>;

  // A bucket that nobody used for a minute is full again, and so as good as none.
  void DropIdle(absl::Time now);

  std::map<Key, Bucket> buckets_;
  absl::Time next_sweep_ = absl::InfinitePast();
};

}  // namespace placer
