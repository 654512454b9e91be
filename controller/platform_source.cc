#include "controller/platform_source.h"

namespace placer {
namespace {

constexpr absl::Duration kLifetime = absl::Hours(1);
constexpr absl::Duration kRetry = absl::Minutes(1);

}  // namespace

PlatformSource::PlatformSource(Clock& clock, MachinesApi& machines, Log& log,
                               std::map<std::pair<std::string, std::string>, double> rtt_ms)
    : clock_(clock), machines_(machines), log_(log) {
  platform_.regions = EmbeddedRegions();
  platform_.rtt_ms = std::move(rtt_ms);
}

Task<void> PlatformSource::Refresh() {
  if (asking_ || clock_.Now() < next_) co_return;
  asking_ = true;
  next_ = clock_.Now() + kRetry;
  const absl::StatusOr<std::vector<Region>> answer = co_await machines_.ListRegions();
  asking_ = false;
  if (!answer.ok() || answer->empty()) {
    log_.Debug("Platform regions could not be read; the embedded table stands in",
               {{"error", std::string(answer.status().message())}});
    co_return;
  }
  next_ = clock_.Now() + kLifetime;
  std::map<std::string, Region, std::less<>> regions;
  for (const Region& region : *answer) regions[region.code] = region;
  // Edge codes may lie outside the platform's list; coordinates of those come from the table.
  for (auto& [code, region] : regions) {
    const auto known = EmbeddedRegions().find(code);
    if (!region.coordinates && known != EmbeddedRegions().end())
      region.coordinates = known->second.coordinates;
  }
  platform_.regions = std::move(regions);
  platform_.from_platform = true;
}

}  // namespace placer
