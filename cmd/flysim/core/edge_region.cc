#include "cmd/flysim/core/edge_region.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace placer::flysim {
namespace {

constexpr double kMeanHoursBetweenRestarts = 24;

std::int64_t TakeShare(std::int64_t count, std::size_t proxies, std::size_t index, std::size_t turn) {
  const auto n = static_cast<std::int64_t>(proxies);
  const auto place = static_cast<std::int64_t>((index + turn) % proxies);
  return count / n + (place < count % n ? 1 : 0);
}

}  // namespace

EdgeRegion::EdgeRegion(const std::string& code, std::uint64_t seed, absl::Time now)
    : code_(code), random_(seed, absl::StrCat("edge/", code)) {
  const std::uint64_t proxies = 1 + random_.Below(2);
  for (std::uint64_t i = 1; i <= proxies; ++i) {
    proxies_.push_back({.host = absl::StrFormat("%s%d-%04x", code, i, random_.Below(0x10000)),
                        .is_green = random_.Below(2) == 1,
                        .restarts = now + absl::Hours(random_.Exponential(kMeanHoursBetweenRestarts))});
  }
}

void EdgeRegion::RestartProxies(absl::Time now) {
  for (EdgeProxy& proxy : proxies_) {
    if (now < proxy.restarts) continue;
    proxy.responses = {};
    proxy.is_green = !proxy.is_green;
    proxy.restarts = now + absl::Hours(random_.Exponential(kMeanHoursBetweenRestarts));
  }
}

void EdgeRegion::Count(const StatusCounts& answers) {
  for (std::size_t i = 0; i < proxies_.size(); ++i) {
    const auto share = [&](std::int64_t count) { return TakeShare(count, proxies_.size(), i, turn_); };
    proxies_[i].responses += {.ok = share(answers.ok),
                              .not_found = share(answers.not_found),
                              .error = share(answers.error),
                              .unavailable = share(answers.unavailable)};
  }
  ++turn_;
}

}  // namespace placer::flysim
