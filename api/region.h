// Regions of the platform: codes, coordinates, and how far apart they are. The platform's own answer rules;
// the embedded table stands in where the token may not ask for it, and alone never rejects a region code.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace placer {

struct Coordinates {
  double latitude_deg = 0;
  double longitude_deg = 0;
};

struct Region {
  std::string code;  // three lower-case letters, e.g. "fra"
  std::string name;  // "Frankfurt, Germany"
  std::optional<Coordinates> coordinates;
  bool deprecated = false;  // may not host new machines
};

// What is known of the platform's regions.
struct Platform {
  std::map<std::string, Region, std::less<>> regions;  // by code
  bool from_platform = false;                          // the platform answered; false: the embedded table
  bool confirmed = false;  // its last two answers opened the same regions: what they close may be removed
  // Measured round-trip times in milliseconds, by (from, to); may be empty. Overrides distance.
  std::map<std::pair<std::string, std::string>, double> rtt_ms;
};

// The table built into the program (Fly's public region list of 2026-10, with retired regions marked
// deprecated).
const std::map<std::string, Region, std::less<>>& EmbeddedRegions();

// The platform's own answer, or the table above where it gave none. Lives as long as `platform`.
const std::map<std::string, Region, std::less<>>& KnownRegions(const Platform& platform);

// Great-circle distance in kilometres.
double ComputeDistanceKm(const Coordinates& a, const Coordinates& b);

// Round-trip time in milliseconds: measured where platform.rtt_ms has the pair (either direction), else a
// line fitted to measured round-trip times over the great circle. No value where a code has no coordinates.
std::optional<double> ComputeRttMs(const Platform& platform, absl::string_view from, absl::string_view to);

// The known code closest in spelling, or for a retired or mistaken city code the one that serves that place
// ("sfo" -> "sjc"). Empty if nothing is close.
std::string SuggestRegion(const Platform& platform, absl::string_view code);

}  // namespace placer
