#include "controller/platform_source.h"

#include <algorithm>

namespace placer {
namespace {

constexpr absl::Duration kLifetime = absl::Hours(1);
constexpr absl::Duration kRetry = absl::Minutes(1);

using Regions = std::map<std::string, Region, std::less<>>;

bool OpensTheSame(const Regions& a, const Regions& b) {
  const auto is_open_in = [](const Regions& regions, const std::string& code) {
    const auto found = regions.find(code);
    return found != regions.end() && !found->second.deprecated;
  };
  const auto opens_all_of = [&](const Regions& of, const Regions& in) {
    return std::all_of(of.begin(), of.end(), [&](const auto& entry) {
      return entry.second.deprecated || is_open_in(in, entry.first);
    });
  };
  return opens_all_of(a, b) && opens_all_of(b, a);
}

}  // namespace

PlatformSource::PlatformSource(Clock& clock, MachinesApi& machines, Log& log,
                               std::map<std::pair<std::string, std::string>, double> rtt_ms)
    : clock_(clock), machines_(machines), log_(log) {
  platform_ =
      std::make_shared<const Platform>(Platform{.regions = EmbeddedRegions(), .rtt_ms = std::move(rtt_ms)});
}

Task<void> PlatformSource::Refresh() {
  if (asking_ || clock_.Now() < next_) co_return;
  asking_ = true;
  next_ = clock_.Now() + kRetry;
  const absl::StatusOr<std::vector<Region>> answer = co_await machines_.ListRegions();
  asking_ = false;
  if (!answer.ok() || answer->empty()) {
    log_.Debug("Platform regions could not be read; the last known regions stay",
               {{"error", std::string(answer.status().message())}});
    co_return;
  }
  Regions regions;
  for (const Region& region : *answer) regions[region.code] = region;
  // Edge codes may lie outside the platform's list; coordinates of those come from the table.
  for (auto& [code, region] : regions) {
    const auto known = EmbeddedRegions().find(code);
    if (!region.coordinates && known != EmbeddedRegions().end())
      region.coordinates = known->second.coordinates;
  }
  const bool confirmed = platform_->from_platform && OpensTheSame(regions, platform_->regions);
  next_ = clock_.Now() + (confirmed ? kLifetime : kRetry);
  platform_ = std::make_shared<const Platform>(Platform{.regions = std::move(regions),
                                                        .from_platform = true,
                                                        .confirmed = confirmed,
                                                        .rtt_ms = platform_->rtt_ms});
}

}  // namespace placer
