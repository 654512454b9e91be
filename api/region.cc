#include "api/region.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "api/spelling.h"

namespace placer {
namespace {

constexpr double kEarthRadiusKm = 6371.0088;  // mean radius (IUGG)

// Least squares over 1,122 measured round trips between 34 region cities (0.1 to 18,000 km apart): slope
// 0.017036 ms/km, intercept 11.455 ms, R^2 0.77, root mean square residual 42.8 ms, median absolute
// residual 15.9 ms. The long tail is cable routes (Sao Paulo, Johannesburg, across Asia): good enough to
// rank, not to promise latency.
constexpr double kRttPerKmMs = 0.017036;
constexpr double kRttInterceptMs = 11.455;
// Within one region no backbone is crossed.
constexpr double kRttSameRegionMs = 0.5;

// Airport and city codes that people use for a place that has a region under another code.
constexpr std::pair<const char*, const char*> kOtherCodes[] = {
    {"ber", "fra"}, {"bru", "ams"}, {"bwi", "iad"}, {"chi", "ord"}, {"cgh", "gru"}, {"cgn", "fra"},
    {"cpt", "jnb"}, {"cph", "arn"}, {"dal", "dfw"}, {"dca", "iad"}, {"del", "bom"}, {"dub", "lhr"},
    {"dus", "fra"}, {"dxb", "bom"}, {"hnd", "nrt"}, {"ist", "otp"}, {"icn", "nrt"}, {"jfk", "ewr"},
    {"kix", "nrt"}, {"lga", "ewr"}, {"lgw", "lhr"}, {"lin", "fra"}, {"lon", "lhr"}, {"man", "lhr"},
    {"mdw", "ord"}, {"mel", "syd"}, {"muc", "fra"}, {"mxp", "fra"}, {"nyc", "ewr"}, {"oak", "sjc"},
    {"ory", "cdg"}, {"osa", "nrt"}, {"osl", "arn"}, {"pao", "sjc"}, {"par", "cdg"}, {"pdx", "sea"},
    {"sao", "gru"}, {"sel", "nrt"}, {"sfo", "sjc"}, {"sto", "arn"}, {"tpe", "hkg"}, {"tyo", "nrt"},
    {"vie", "fra"}, {"was", "iad"}, {"yto", "yyz"}, {"yvr", "sea"}, {"zrh", "fra"},
};

using Regions = std::map<std::string, Region, std::less<>>;

const Region* FindRegion(const Platform& platform, absl::string_view code) {
  const Regions& regions = KnownRegions(platform);
  const auto found = regions.find(std::string(code));
  return found == regions.end() ? nullptr : &found->second;
}

// A code that the platform's answer lacks may still have coordinates here: its traffic must be attributed.
std::optional<Coordinates> FindCoordinates(const Platform& platform, absl::string_view code) {
  if (const Region* region = FindRegion(platform, code);
      region != nullptr && region->coordinates.has_value()) {
    return region->coordinates;
  }
  const auto embedded = EmbeddedRegions().find(std::string(code));
  return embedded == EmbeddedRegions().end() ? std::nullopt : embedded->second.coordinates;
}

std::optional<double> FindMeasuredRtt(const Platform& platform, absl::string_view from,
                                      absl::string_view to) {
  const auto& measured = platform.rtt_ms;
  auto found = measured.find({std::string(from), std::string(to)});
  if (found == measured.end()) found = measured.find({std::string(to), std::string(from)});
  return found == measured.end() ? std::nullopt : std::optional<double>(found->second);
}

// `code` itself if it may host, else the nearest region that may. Empty if nothing is known of the place.
std::string FindServingRegion(const Platform& platform, absl::string_view code) {
  const Region* region = FindRegion(platform, code);
  if (region != nullptr && !region->deprecated) return region->code;
  const auto place = FindCoordinates(platform, code);
  if (!place.has_value()) return "";
  const Regions& regions = KnownRegions(platform);
  std::string nearest;
  double nearest_km = 0;
  for (const auto& [candidate, other] : regions) {
    if (other.deprecated || !other.coordinates.has_value()) continue;
    const double km = ComputeDistanceKm(*place, *other.coordinates);
    if (nearest.empty() || km < nearest_km) {
      nearest = candidate;
      nearest_km = km;
    }
  }
  return nearest;
}

// The region whose name has `word` as city, or as country or state.
std::string FindByName(const Platform& platform, absl::string_view word) {
  if (word.size() < 4) return "";
  const Regions& regions = KnownRegions(platform);
  std::string elsewhere;
  for (const auto& [code, region] : regions) {
    const std::string name = absl::AsciiStrToLower(region.name);
    const std::string city(name.substr(0, name.find(',')));
    if (city == word || ComputeEditDistance(city, word, 1) <= 1) return FindServingRegion(platform, code);
    if (elsewhere.empty() && !region.deprecated && absl::StrContains(name, word)) elsewhere = code;
  }
  return elsewhere;
}

std::string FindBySpelling(const Platform& platform, absl::string_view word) {
  const Regions& regions = KnownRegions(platform);
  std::string closest;
  bool closest_retired = false;
  for (const auto& [code, region] : regions) {
    if (word.size() < 2 || ComputeEditDistance(word, code, 1) > 1) continue;
    if (closest.empty() || (closest_retired && !region.deprecated)) {
      closest = code;
      closest_retired = region.deprecated;
    }
  }
  return closest_retired ? FindServingRegion(platform, closest) : closest;
}

}  // namespace

const std::map<std::string, Region, std::less<>>& KnownRegions(const Platform& platform) {
  return platform.regions.empty() ? EmbeddedRegions() : platform.regions;
}

double ComputeDistanceKm(const Coordinates& a, const Coordinates& b) {
  constexpr double kRadiansPerDegree = std::numbers::pi / 180;
  const double latitude_a = a.latitude_deg * kRadiansPerDegree,
               latitude_b = b.latitude_deg * kRadiansPerDegree;
  const double half_latitude = std::sin((latitude_b - latitude_a) / 2);
  const double half_longitude = std::sin((b.longitude_deg - a.longitude_deg) * kRadiansPerDegree / 2);
  const double haversine = half_latitude * half_latitude +
                           std::cos(latitude_a) * std::cos(latitude_b) * half_longitude * half_longitude;
  return 2 * kEarthRadiusKm * std::asin(std::sqrt(std::clamp(haversine, 0.0, 1.0)));
}

std::optional<double> ComputeRttMs(const Platform& platform, absl::string_view from, absl::string_view to) {
  if (const auto measured = FindMeasuredRtt(platform, from, to); measured.has_value()) return measured;
  const auto start = FindCoordinates(platform, from);
  const auto end = FindCoordinates(platform, to);
  if (!start.has_value() || !end.has_value()) return std::nullopt;
  if (from == to) return kRttSameRegionMs;
  return kRttInterceptMs + kRttPerKmMs * ComputeDistanceKm(*start, *end);
}

std::string SuggestRegion(const Platform& platform, absl::string_view code) {
  constexpr std::size_t kLongestName = 40;
  const std::string word = absl::AsciiStrToLower(absl::StripAsciiWhitespace(code));
  if (word.empty() || word.size() > kLongestName) return "";
  if (const Region* region = FindRegion(platform, word); region != nullptr) {
    const std::string serving = FindServingRegion(platform, word);
    return serving.empty() ? region->code : serving;
  }
  for (const auto& [other, region] : kOtherCodes) {
    if (word == other) return FindServingRegion(platform, region);
  }
  if (std::string serving = FindServingRegion(platform, word); !serving.empty()) return serving;
  if (std::string named = FindByName(platform, word); !named.empty()) return named;
  return FindBySpelling(platform, word);
}

}  // namespace placer
