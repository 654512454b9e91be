#include "reconcilers/placement/demand.h"

#include <algorithm>
#include <optional>

namespace placer {
namespace {

bool Contains(const std::vector<std::string>& list, absl::string_view code) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& entry) { return entry == code; });
}

// As good as infinite. Anything below stays finite when scaled, attributed and averaged, so that no average
// is NaN: that would have no place in the rank.
constexpr double kTooMany = 1e100;

// Neither NaN, an infinity nor negative.
bool IsValid(double value) {
  return value >= 0 && value < kTooMany;
}

std::vector<int> CountInvalid(const PointValues& values) {
  std::vector<int> invalid(values.size() + 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    invalid[i + 1] = invalid[i] + (values[i] && !IsValid(*values[i]) ? 1 : 0);
  }
  return invalid;
}

CodeTrack MakeTrack(const PointValues& values) {
  CodeTrack track{std::vector<int>(values.size() + 1), {}};
  bool nonsense = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool valid = values[i] && IsValid(*values[i]);
    track.values[i + 1] = track.values[i] + (valid ? 1 : 0);
    nonsense |= values[i] && !valid;
  }
  if (nonsense) track.invalid = CountInvalid(values);
  return track;
}

void AddTraffic(RegionDemand& demand, const PointValues& values, double scale) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] && IsValid(*values[i])) demand.requests[i] += *values[i] * scale;
  }
}

// A point is covered if it is witnessed and no contributing code has nonsense there.
void ComputeCoverage(RegionDemand& demand, const std::vector<bool>& witnessed, int points) {
  std::vector<int>& covered = demand.covered;
  covered.assign(points + 1, 0);
  for (int i = 0; i < points; ++i) covered[i + 1] = witnessed[i] ? 1 : 0;
  for (const CodeTrack* track : demand.codes) {
    if (track->invalid.empty()) continue;
    for (int i = 0; i < points; ++i) {
      if (track->invalid[i + 1] > track->invalid[i]) covered[i + 1] = 0;
    }
  }
  for (int i = 0; i < points; ++i) covered[i + 1] += covered[i];
}

}  // namespace

Hosting ComputeHosting(const PlacementPolicy& policy, const Platform& platform, absl::string_view region) {
  const auto known = platform.regions.find(region);
  if (platform.from_platform && known == platform.regions.end()) {
    return Contains(policy.regions.excluded, region) ? Hosting::kExcluded : Hosting::kNotOnPlatform;
  }
  if (Contains(policy.regions.always_running, region) &&
      !(policy.from_flat_config && Contains(policy.regions.excluded, region))) {
    return Hosting::kMayHost;
  }
  if (Contains(policy.regions.excluded, region)) return Hosting::kExcluded;
  if (!policy.regions.allowed.empty()) {
    return Contains(policy.regions.allowed, region) ? Hosting::kMayHost : Hosting::kNotAllowed;
  }
  const bool active = known != platform.regions.end() && !known->second.deprecated;
  return active ? Hosting::kMayHost : Hosting::kNotAllowed;
}

bool IsClosed(const PlacementPolicy& policy, const Platform& platform, Hosting hosting) {
  if (hosting == Hosting::kMayHost) return false;
  const bool by_policy =
      hosting == Hosting::kExcluded || (hosting == Hosting::kNotAllowed && !policy.regions.allowed.empty());
  return by_policy || platform.confirmed;
}

std::string FindNearestHost(const Platform& platform, const std::vector<std::string>& hosts,
                            const std::string& code) {
  std::string nearest;
  double nearest_ms = 0;
  for (const std::string& host : hosts) {  // sorted, so the first of equals wins
    const std::optional<double> rtt_ms = ComputeRttMs(platform, code, host);
    if (rtt_ms && (nearest.empty() || *rtt_ms < nearest_ms)) {
      nearest = host;
      nearest_ms = *rtt_ms;
    }
  }
  return nearest;
}

std::vector<std::string> ListHosts(const PlacementPolicy& policy, const Platform& platform) {
  std::vector<std::string> hosts = policy.regions.always_running;
  if (policy.regions.allowed.empty()) {
    for (const auto& [code, region] : platform.regions) hosts.push_back(code);
  } else {
    hosts.insert(hosts.end(), policy.regions.allowed.begin(), policy.regions.allowed.end());
  }
  std::sort(hosts.begin(), hosts.end());
  hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
  std::erase_if(hosts, [&](const std::string& code) {
    return ComputeHosting(policy, platform, code) != Hosting::kMayHost;
  });
  return hosts;
}

DemandTable MakeDemand(const PlacementPolicy& policy, const Traffic& traffic, const Platform& platform,
                       const std::vector<std::string>& regions) {
  DemandTable table;
  table.points = traffic.points;
  for (const auto& [code, values] : traffic.regions) {
    table.tracks.emplace_hint(table.tracks.end(), code, MakeTrack(values));
  }

  const auto entry = [&](const std::string& region) -> RegionDemand& {
    const auto [it, inserted] = table.regions.try_emplace(region);
    if (inserted) {
      it->second.hosting = ComputeHosting(policy, platform, region);
      it->second.requests.assign(traffic.points, 0);
      const auto [track, is_new] = table.tracks.try_emplace(region);
      if (is_new) track->second.values.assign(traffic.points + 1, 0);
      it->second.codes.push_back(&track->second);
    }
    return it->second;
  };
  for (const std::string& region : regions) entry(region);

  const double scale = absl::FDivDuration(policy.threshold.per, traffic.resolution);
  const bool nearest = policy.threshold.attribution == Attribution::kNearest;
  std::vector<std::string> hosts;  // listed when the first code needs them
  for (const auto& [code, values] : traffic.regions) {
    RegionDemand& own = entry(code);
    AddTraffic(own, values, scale);
    if (!nearest || own.hosting == Hosting::kMayHost) continue;
    if (hosts.empty()) hosts = ListHosts(policy, platform);
    const std::string host = FindNearestHost(platform, hosts, code);
    if (host.empty()) {
      const double newest = values.empty() ? 0 : values.back().value_or(0);
      table.unattributed[code] = IsValid(newest) ? newest * scale : 0;
      continue;
    }
    RegionDemand& served = entry(host);
    AddTraffic(served, values, scale);
    served.codes.push_back(&table.tracks.find(code)->second);
    served.attributed.push_back(code);
    table.served_by[code] = host;
  }
  for (auto& [region, demand] : table.regions) ComputeCoverage(demand, traffic.witnessed, traffic.points);
  for (const auto& [region, values] : traffic.served) {
    const auto demand = table.regions.find(region);
    if (demand != table.regions.end()) demand->second.served = &values;
  }
  return table;
}

}  // namespace placer
