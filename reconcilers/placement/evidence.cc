#include "reconcilers/placement/evidence.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace placer {
namespace {

Grade GradeNothingWitnessed(const PlacementPolicy& policy, const Traffic& traffic) {
  const bool up =
      std::find(traffic.instance_up.begin(), traffic.instance_up.end(), true) != traffic.instance_up.end();
  if (up) {
    return {Evidence::kMissing,
            absl::StrCat(
                "The traffic metric has no sample of app ", policy.app,
                " in the window (or fewer than two per data point), though fly_instance_up shows that the "
                "app runs: traffic is unknown, not zero")};
  }
  return {Evidence::kMissing,
          absl::StrCat("Neither the traffic metric nor fly_instance_up has a sample of app ", policy.app,
                       " in the window: check the app's name and the server")};
}

}  // namespace

Grade GradeTraffic(const PlacementPolicy& policy, const Traffic& traffic, absl::Time now) {
  if (!traffic.error.ok()) {
    return {Evidence::kMissing,
            absl::StrCat("The last query failed: ", std::string(traffic.error.message()))};
  }
  if (traffic.points == 0) return {Evidence::kMissing, "Traffic has not been read yet"};
  const int window = std::min(policy.threshold.long_window, traffic.points);
  const int begin = traffic.points - window;
  int witnessed = 0;
  int newest = -1;
  for (int i = begin; i < traffic.points; ++i) {
    if (!traffic.witnessed[i]) continue;
    ++witnessed;
    newest = i;
  }
  if (witnessed == 0) return GradeNothingWitnessed(policy, traffic);
  const absl::Duration age = now - (traffic.end - traffic.resolution * (traffic.points - 1 - newest));
  if (age > policy.traffic.max_age) {
    return {Evidence::kStale, absl::StrCat("The newest data point is ",
                                           absl::FormatDuration(absl::Trunc(age, absl::Seconds(1))),
                                           " old; maxAge is ", FormatPolicyDuration(policy.traffic.max_age))};
  }
  if (witnessed < policy.threshold.long_window) {
    return {Evidence::kPartial,
            absl::StrFormat("%d of %d data points of the long window are missing",
                            policy.threshold.long_window - witnessed, policy.threshold.long_window)};
  }
  if (traffic.partial_answer) return {Evidence::kPartial, "The server says that its answer is partial"};
  return {Evidence::kFresh, ""};
}

Grade GradeRegion(const PlacementPolicy& policy, const Grade& whole, const RegionDemand& demand, int points) {
  const int begin = std::max(0, points - policy.threshold.long_window);
  const bool nonsense = std::any_of(demand.codes.begin(), demand.codes.end(), [&](const CodeTrack* track) {
    return !track->invalid.empty() && track->invalid[points] > track->invalid[begin];
  });
  if (nonsense)
    return {Evidence::kMissing,
            "The server answered a value that is no number of requests (NaN, infinite or negative)"};
  return whole;
}

}  // namespace placer
