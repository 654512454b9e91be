// Demand: how much traffic each region that may host should serve, per data point. The first step of a
// decision: it scales requests to `threshold.per`, and counts traffic of regions that may not host to the
// nearest one that may. Easy to get wrong: a point is covered if it has a value or is witnessed silence;
// anything else is unknown, not 0.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "api/observation.h"
#include "api/policy.h"

namespace placer {

// Why a region may or may not host, before ceilings and the present placement.
enum class Hosting { kMayHost, kExcluded, kNotAllowed, kNotOnPlatform };

Hosting ComputeHosting(const PlacementPolicy& policy, const Platform& platform, absl::string_view region);

// What may not host is closed for good, so that what runs there may go: the policy closed it, or two answers
// of the platform did. One may be wrong, and the embedded table, which stands in for them, may be older than
// the region.
bool IsClosed(const PlacementPolicy& policy, const Platform& platform, Hosting hosting);

// One edge region code's points, as prefix sums: entry i counts the points before i.
struct CodeTrack {
  std::vector<int> values;   // points with a finite value
  std::vector<int> invalid;  // points with NaN, an infinity or a negative value; empty: there is none
};

struct RegionDemand {
  Hosting hosting = Hosting::kMayHost;
  std::vector<double>
      requests;  // per data point, oldest first, in requests per threshold.per; 0 where not covered
  std::vector<int> covered;                        // prefix sums of covered points
  absl::InlinedVector<const CodeTrack*, 4> codes;  // its own, and those that count here; never null
  std::vector<std::string> attributed;             // the codes that count here besides its own, sorted
  // What its own machines answered in each point, a row of Traffic::served; null: not known.
  const PointValues* served = nullptr;
};

// Orders region codes as std::less does. They have three letters and a pass compares thousands of them, so a
// loop beats a call.
struct CodeLess {
  using is_transparent = void;
  bool operator()(absl::string_view a, absl::string_view b) const {
    const std::size_t shorter = a.size() < b.size() ? a.size() : b.size();
    for (std::size_t i = 0; i < shorter; ++i) {
      if (a[i] != b[i]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
    }
    return a.size() < b.size();
  }
};

struct DemandTable {
  int points = 0;
  std::map<std::string, CodeTrack, CodeLess> tracks;      // by edge code
  std::map<std::string, RegionDemand, CodeLess> regions;  // by hosting region, and by every code with traffic
  std::map<std::string, double>
      unattributed;  // newest requests per threshold.per of codes without coordinates
  std::map<std::string, std::string>
      served_by;  // edge code -> the region its traffic counts to, where another
};

// Every region that may host, sorted.
std::vector<std::string> ListHosts(const PlacementPolicy& policy, const Platform& platform);

// The nearest of `hosts` (sorted) by round-trip time, ties by code. Empty if `code` has no coordinates.
std::string FindNearestHost(const Platform& platform, const std::vector<std::string>& hosts,
                            const std::string& code);

// `regions` names those that need an entry whether or not they have traffic, in any order. `traffic` outlives
// the result.
DemandTable MakeDemand(const PlacementPolicy& policy, const Traffic& traffic, const Platform& platform,
                       const std::vector<std::string>& regions);

}  // namespace placer
