// Code, place and coordinates of each region as Fly publishes them (2026-10). A retired region keeps its
// coordinates: its code still appears in traffic, and in machines that nobody has moved yet.
#include "api/region.h"

namespace placer {
namespace {

struct Row {
  const char* code;
  const char* name;
  double latitude_deg;
  double longitude_deg;
  bool retired;
};

constexpr Row kRows[] = {
    {"ams", "Amsterdam, Netherlands", 52.3743, 4.8954, false},
    {"arn", "Stockholm, Sweden", 59.6512, 17.9178, false},
    {"atl", "Atlanta, Georgia (US)", 33.6407, -84.4277, true},
    {"bog", "Bogotá, Colombia", 4.7016, -74.1469, true},
    {"bom", "Mumbai, India", 19.0974, 72.8742, true},
    {"bos", "Boston, Massachusetts (US)", 42.3670, -71.0224, true},
    {"cdg", "Paris, France", 48.8609, 2.3535, false},
    {"den", "Denver, Colorado (US)", 39.7392, -104.9847, true},
    {"dfw", "Dallas, Texas (US)", 32.7783, -96.7984, false},
    {"ewr", "Secaucus, NJ (US)", 40.7895, -74.0565, false},
    {"eze", "Ezeiza, Argentina", -34.8222, -58.5358, true},
    {"fra", "Frankfurt, Germany", 50.1167, 8.6833, false},
    {"gdl", "Guadalajara, Mexico", 20.5217, -103.3109, true},
    {"gig", "Rio de Janeiro, Brazil", -22.8099, -43.2505, true},
    {"gru", "Sao Paulo, Brazil", -23.5497, -46.6544, false},
    {"hkg", "Hong Kong, Hong Kong", 22.2510, 114.2032, true},
    {"iad", "Ashburn, Virginia (US)", 39.0221, -77.4626, false},
    {"jnb", "Johannesburg, South Africa", -26.1363, 28.2030, false},
    {"lax", "Los Angeles, California (US)", 33.9416, -118.4085, false},
    {"lhr", "London, United Kingdom", 51.5164, -0.1257, false},
    {"maa", "Chennai (Madras), India", 13.0644, 80.2531, true},
    {"mad", "Madrid, Spain", 40.4381, -3.8200, true},
    {"mia", "Miami, Florida (US)", 25.7877, -80.2241, true},
    {"nrt", "Tokyo, Japan", 35.6216, 139.7419, false},
    {"ord", "Chicago, Illinois (US)", 41.8915, -87.6304, false},
    {"otp", "Bucharest, Romania", 44.4325, 26.1039, true},
    {"phx", "Phoenix, Arizona (US)", 33.4161, -112.0095, true},
    {"qro", "Querétaro, Mexico", 20.6200, -100.1863, true},
    {"scl", "Santiago, Chile", -33.3657, -70.6429, true},
    {"sea", "Seattle, Washington (US)", 47.6097, -122.3331, true},
    {"sin", "Singapore, Singapore", 1.3000, 103.8000, false},
    {"sjc", "San Jose, California (US)", 37.3516, -121.8967, false},
    {"syd", "Sydney, Australia", -33.8660, 151.2069, false},
    {"waw", "Warsaw, Poland", 52.1657, 20.9671, true},
    {"yul", "Montreal, Canada", 45.4865, -73.7555, true},
    {"yyz", "Toronto, Canada", 43.6446, -79.3842, false},
};

using Regions = std::map<std::string, Region, std::less<>>;

Regions MakeRegions() {
  Regions regions;
  for (const Row& row : kRows) {
    regions.emplace(row.code, Region{.code = row.code,
                                     .name = row.name,
                                     .coordinates = Coordinates{row.latitude_deg, row.longitude_deg},
                                     .deprecated = row.retired});
  }
  return regions;
}

}  // namespace

const std::map<std::string, Region, std::less<>>& EmbeddedRegions() {
  // Never destroyed: other statics may still use it at exit.
  static const auto* const regions = new Regions(MakeRegions());
  return *regions;
}

}  // namespace placer
