#include "cmd/flysim/core/cities.h"

namespace placer::flysim {
namespace {

// Made up but plausible: shares are flatter than the internet's, so that most regions of the platform matter,
// and the busy hours follow each other around the globe, so that some region wakes up and another falls
// asleep at any time of the day. Cities that enter in one region are awake together.
constexpr City kCities[] = {
    {"Honolulu", {21.3, -157.9}, 0.4, 13.5},
    {"San Francisco", {37.77, -122.42}, 3.2, 15},
    {"San Jose", {37.34, -121.89}, 2.4, 15},
    {"Sacramento", {38.58, -121.49}, 1.2, 15},
    {"Seattle", {47.61, -122.33}, 2.0, 15},
    {"Los Angeles", {34.05, -118.24}, 3.8, 13.5},
    {"San Diego", {32.72, -117.16}, 1.6, 13.5},
    {"Phoenix", {33.45, -112.07}, 1.4, 13.2},
    {"Denver", {39.74, -104.99}, 0.8, 13.8},
    {"Dallas", {32.78, -96.8}, 2.8, 14},
    {"Houston", {29.76, -95.37}, 2.2, 14},
    {"Austin", {30.27, -97.74}, 1.4, 14},
    {"Mexico City", {19.43, -99.13}, 1.8, 14},
    {"Chicago", {41.88, -87.63}, 4.0, 14},
    {"Minneapolis", {44.98, -93.27}, 1.2, 13.6},
    {"Detroit", {42.33, -83.05}, 1.2, 14},
    {"Toronto", {43.65, -79.38}, 3.6, 13.6},
    {"Montreal", {45.5, -73.57}, 2.0, 13.6},
    {"Washington", {38.91, -77.04}, 3.4, 13.4},
    {"Atlanta", {33.75, -84.39}, 2.0, 13.0},
    {"Miami", {25.76, -80.19}, 1.6, 13.2},
    {"New York", {40.71, -74.01}, 5.0, 12.8},
    {"Boston", {42.36, -71.06}, 1.8, 12.8},
    {"Philadelphia", {39.95, -75.17}, 1.2, 12.8},
    {"Bogota", {4.71, -74.07}, 0.5, 13},
    {"Santiago", {-33.45, -70.67}, 0.6, 12.2},
    {"Buenos Aires", {-34.6, -58.38}, 1.4, 12.8},
    {"Sao Paulo", {-23.55, -46.63}, 5.0, 13},
    {"Rio de Janeiro", {-22.91, -43.17}, 1.8, 13.2},
    {"London", {51.51, -0.13}, 5.6, 14.2},
    {"Manchester", {53.48, -2.24}, 1.4, 14.2},
    {"Dublin", {53.35, -6.26}, 1.2, 14},
    {"Madrid", {40.42, -3.7}, 1.2, 14.6},
    {"Paris", {48.86, 2.35}, 4.6, 15},
    {"Barcelona", {41.39, 2.17}, 1.2, 15},
    {"Amsterdam", {52.37, 4.9}, 3.0, 14.0},
    {"Brussels", {50.85, 4.35}, 1.4, 14.0},
    {"Hamburg", {53.55, 9.99}, 1.0, 13.6},
    {"Frankfurt", {50.11, 8.68}, 2.6, 13.0},
    {"Berlin", {52.52, 13.4}, 2.0, 13.2},
    {"Munich", {48.14, 11.58}, 1.6, 13.2},
    {"Zurich", {47.38, 8.54}, 1.2, 13.0},
    {"Milan", {45.46, 9.19}, 1.4, 13.0},
    {"Warsaw", {52.23, 21.01}, 1.2, 13.2},
    {"Stockholm", {59.33, 18.07}, 3.2, 12.4},
    {"Helsinki", {60.17, 24.94}, 1.4, 12.4},
    {"Copenhagen", {55.68, 12.57}, 1.2, 12.0},
    {"Istanbul", {41.01, 28.98}, 0.8, 13.8},
    {"Cape Town", {-33.92, 18.42}, 1.6, 10.8},
    {"Johannesburg", {-26.2, 28.05}, 4.2, 11},
    {"Nairobi", {-1.29, 36.82}, 1.0, 11.4},
    {"Mumbai", {19.08, 72.88}, 1.0, 11.5},
    {"Singapore", {1.35, 103.82}, 3.6, 13.4},
    {"Jakarta", {-6.21, 106.85}, 1.8, 13.4},
    {"Kuala Lumpur", {3.14, 101.69}, 1.4, 13.4},
    {"Hong Kong", {22.32, 114.17}, 0.6, 14},
    {"Seoul", {37.57, 126.98}, 2.0, 13},
    {"Osaka", {34.69, 135.5}, 1.6, 13.3},
    {"Tokyo", {35.68, 139.65}, 5.0, 13.5},
    {"Sydney", {-33.87, 151.21}, 4.0, 11.5},
    {"Melbourne", {-37.81, 144.96}, 2.4, 11.4},
    {"Brisbane", {-27.47, 153.03}, 1.2, 11.5},
    {"Auckland", {-36.85, 174.76}, 1.0, 12.6},
};

}  // namespace

absl::Span<const City> Cities() {
  return kCities;
}

}  // namespace placer::flysim
