// Traffic of one app on the grid of data points, as Prometheus answered, before any decision. Data points are
// disjoint, one `resolution` long, and end on multiples of it since the Unix epoch: point t covers (t -
// resolution, t]. Easy to get wrong: an absent value is no zero. It is zero only where the point is
// witnessed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "api/point_value.h"
#include "api/policy.h"

namespace placer {

struct Traffic {
  absl::Time end;  // end of the newest expected point; InfinitePast before the first answer
  absl::Duration resolution = absl::Minutes(1);
  int points = 0;  // grid points; index 0 is the oldest, points - 1 ends at `end`
  // Requests counted in each point, by the region code in which they entered; each vector has `points`
  // values. No value: the series has no sample there. NaN and infinities are kept as the server said them.
  std::map<std::string, PointValues> regions;
  // Where requests were answered (fly_app_*), by the region of the machines. Absent: not known, or none.
  std::map<std::string, PointValues> served;         // requests in each point
  std::map<std::string, PointValues> served_errors;  // of those, answered with 5xx
  std::map<std::string, PointValues> concurrency;    // of all its machines, mean over the point
  std::vector<bool> witnessed;        // per point: the traffic metric has a sample of the app in any region
  std::vector<bool> instance_up;      // per point: fly_instance_up has a sample of the app
  bool partial_answer = false;        // the server says that its answer is incomplete
  std::vector<std::string> warnings;  // the server's words
  absl::Status error;  // not ok: the last attempt failed, and the rest is the last good answer, ageing
};

// End of the newest data point that is expected at `now`: the last multiple of resolution at least `delay`
// old.
absl::Time ComputeNewestExpectedPoint(absl::Time now, absl::Duration resolution, absl::Duration delay);

// How many data points a pass needs: the long window, reached at every data point of the stabilization
// windows, and never fewer than the three long windows that prove an app silent.
int ComputeTrafficPoints(const PlacementPolicy& policy);

}  // namespace placer
