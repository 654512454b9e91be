// What the quickstart promises its visitor, as a property of the traffic alone: within two minutes, whatever
// the seed and the hour, some region becomes worth placing, and some region that was worth placing becomes
// worth leaving.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

constexpr int kPoints = 22;            // 110 s
constexpr double kPlaceRequests = 60;  // per point; the policy places at 50
constexpr double kLeaveRequests = 8;   // and leaves at 10
constexpr int kQuietPoints = 14;       // more than its long window and stabilization window together
const absl::Duration kResolution = absl::Seconds(5);

std::map<std::string, std::vector<double>> CountPoints(std::uint64_t seed, absl::Time start,
                                                       double requests_per_second) {
  WorldOptions options = MakeOptions(requests_per_second, seed);
  options.start = start;
  options.day_speed = 720;
  World world(options);
  std::map<std::string, std::vector<double>> points;
  for (int i = 0; i < kPoints; ++i) {
    const absl::Time end = start + (i + 1) * kResolution;
    world.AdvanceTo(end);
    for (const auto& [region, count] : world.CountEdgeRequests(end - kResolution, end)) {
      points[region].resize(kPoints);
      points[region][i] = count;
    }
  }
  return points;
}

// Exponentially weighted over three points, alpha 0.3, as the policy's short window.
std::vector<double> ComputeShortAverages(const std::vector<double>& points) {
  std::vector<double> averages;
  for (std::size_t i = 2; i < points.size(); ++i) {
    averages.push_back((points[i] + 0.7 * points[i - 1] + 0.49 * points[i - 2]) / 2.19);
  }
  return averages;
}

bool IsPlacedThenLeft(const std::vector<double>& averages) {
  const auto placed =
      std::find_if(averages.begin(), averages.end(), [](double a) { return a >= kPlaceRequests; });
  const auto quiet =
      std::find_if(placed, averages.end(), [](double average) { return average <= kLeaveRequests; });
  return averages.end() - quiet >= kQuietPoints &&
         std::all_of(quiet, quiet + kQuietPoints, [](double average) { return average <= kLeaveRequests; });
}

// Below 10 at some point, and after that above 60 for five points on end.
bool Rises(const std::vector<double>& points) {
  const auto low = std::find_if(points.begin(), points.end(), [](double count) { return count < 10; });
  return std::search_n(low, points.end(), 5, kPlaceRequests, std::greater<>()) != points.end();
}

class QuickstartTrafficTest : public ::testing::TestWithParam<double> {};

TEST_P(QuickstartTrafficTest, SomeRegionIsPlacedAndSomeIsLeftForEverySeedAndHour) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    for (int hour = static_cast<int>(seed % 3); hour < 24; hour += 3) {
      int risen = 0;
      int left = 0;
      for (const auto& [region, points] : CountPoints(seed, kStart + absl::Hours(hour), GetParam())) {
        if (region == "fra") continue;  // has a machine from the start
        risen += Rises(points) ? 1 : 0;
        left += IsPlacedThenLeft(ComputeShortAverages(points)) ? 1 : 0;
      }
      EXPECT_GT(risen, 0) << "seed " << seed << ", hour " << hour;
      EXPECT_GT(left, 0) << "seed " << seed << ", hour " << hour;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(RequestsPerSecond, QuickstartTrafficTest, ::testing::Values(100, 150, 200));

}  // namespace
}  // namespace placer::flysim
