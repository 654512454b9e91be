// Faults: what goes wrong on demand. They touch the calls of the Machines API only, and never what a World
// shows to the test that owns it.
#pragma once

#include "absl/time/time.h"

namespace placer::flysim {

struct Faults {
  double lost_replies = 0;  // probability that a write happens and its answer is lost
  double errors = 0;        // probability that a call fails with `error_status`, and nothing happens
  int error_status = 503;
  // How long an answer takes. A write happens in the middle.
  absl::Duration delay_min;
  absl::Duration delay_max;
  // Lists show the app as it was this long ago (at most two minutes); one machine asked for is fresh.
  absl::Duration list_age_min;
  absl::Duration list_age_max;
  bool empty_lists = false;
  bool frozen_edges = false;  // fly_edge_* stand still while fly_app_* go on
};

}  // namespace placer::flysim
