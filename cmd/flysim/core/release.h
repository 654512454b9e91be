// ReleaseRun: a deploy by flyctl while it is under way.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cmd/flysim/core/fleet.h"
#include "cmd/flysim/core/lifecycle.h"
#include "cmd/flysim/core/world.h"

namespace placer::flysim {

class ReleaseRun {
 public:
  // `version` is that of the app's releases. `fleet` and `lifecycle` outlive the run.
  ReleaseRun(ReleaseOptions options, int version, Fleet& fleet, Lifecycle& lifecycle);

  // One look at how far things are. False: it is over.
  bool Run(absl::Time now);

 private:
  bool TakeLeases(absl::Time now);
  bool BeginNext(absl::Time now);

  ReleaseOptions options_;
  int version_;
  Fleet& fleet_;
  Lifecycle& lifecycle_;
  std::string release_id_;
  std::map<std::string, std::string> nonces_;  // of the machines whose lease is held, by id
  std::vector<std::string> waiting_;           // ids that are still to be updated, the next one last
  std::string updating_;                       // id; "": none
  absl::Time give_up_;                         // on the one that is being updated
  int updated_ = 0;
  bool has_leases_ = false;
};

}  // namespace placer::flysim
