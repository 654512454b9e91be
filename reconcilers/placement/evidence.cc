#include "reconcilers/placement/evidence.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "reconcilers/placement/doubt.h"

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

Grade GradeRecovery(const PlacementPolicy& policy, int points_since) {
  return {Evidence::kRecovering,
          absl::StrFormat(
              "%d of the %d data points of the long window have come since data that is missing or not "
              "believed",
              points_since, policy.threshold.long_window)};
}

Grade GradeDoubt(const PlacementPolicy& policy, const Traffic& traffic) {
  const int newest = traffic.points - 1;
  const std::optional<int> contradicted = FindContradiction(policy, traffic, newest);
  if (contradicted == newest) {
    return {Evidence::kCollapsed,
            absl::StrCat("The edge counts no request of app ", policy.app,
                         " anywhere, while its machines count that they answer: the edge is not believed")};
  }
  if (IsCollapsed(policy, traffic, newest)) {
    return {
        Evidence::kCollapsed,
        "Traffic fell by more than 80 % in every region at once, while the app is up: rather the measuring "
        "failed. Believed once two short windows of data points agree"};
  }
  if (contradicted) return GradeRecovery(policy, newest - *contradicted);
  return {Evidence::kFresh, ""};
}

// Some point of the long window is not witnessed. Behind a gap that is over, each new point covers the window
// more.
Grade GradeGap(const PlacementPolicy& policy, const Traffic& traffic, int witnessed) {
  const int window = policy.threshold.long_window;
  const auto newest_missing = std::find(traffic.witnessed.rbegin(), traffic.witnessed.rend(), false);
  const int since = static_cast<int>(newest_missing - traffic.witnessed.rbegin());
  const bool is_over =
      since > 0 && std::find(newest_missing, traffic.witnessed.rend(), true) != traffic.witnessed.rend();
  if (is_over) return GradeRecovery(policy, since);
  return {Evidence::kPartial,
          absl::StrFormat("%d of %d data points of the long window are missing", window - witnessed, window)};
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
  if (const Grade grade = GradeDoubt(policy, traffic); grade.evidence != Evidence::kFresh) return grade;
  if (witnessed < policy.threshold.long_window) return GradeGap(policy, traffic, witnessed);
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
  if (whole.evidence >= Evidence::kCollapsed) return whole;
  const std::optional<int> contradicted = FindContradiction(policy, demand, points - 1);
  if (contradicted == points - 1) {
    return {Evidence::kCollapsed,
            "The edge counts no request for this region any more, while its machines answer as many as "
            "before: the "
            "edge is not believed"};
  }
  if (contradicted && whole.evidence == Evidence::kFresh)
    return GradeRecovery(policy, points - 1 - *contradicted);
  return whole;
}

}  // namespace placer
