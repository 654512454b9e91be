// Two JSON files beside the database, for people and scripts: where the policy stands (deployment_state) and
// its last data points (traffic_history), in the shapes that the proof of concept had. They follow the
// database, which rules; nothing reads them back once a policy has been stored.
//
// Which file: the policy of a flat config has its files in the data directory itself, every other policy in
// <data directory>/<policy>/; names end in _dry_run for a dry run.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "api/history.h"
#include "controller/store/record_rows.h"
#include "controller/store/state_rows.h"

namespace placer {

inline constexpr int kMirroredPoints = 20;

struct MirrorPaths {
  std::string deployment_state;
  std::string traffic_history;
};
MirrorPaths ComputeMirrorPaths(const std::string& data_dir, const std::string& flat_policy,
                               const SetKey& key);

// {"fra": "2026-11-24T22:46:12+00:00", "iad": null}: regions with machines and the time of their last action.
std::string FormatDeploymentState(const History& history);
// {"2026-11-24T22:46:00+00:00": {"fra": 12.0}}: newest first.
std::string FormatTrafficHistory(const TrafficPoints& points);

// Written beside and renamed over, so that a reader sees the old or the new file, never a part.
absl::Status ReplaceFile(const std::string& path, absl::string_view content);

class Mirror {
 public:
  Mirror(std::string data_dir, std::string flat_policy);
  // Whether both files are there. They are right if each change since they were written was written.
  bool IsThere(const SetKey& key) const;
  absl::Status WriteDeploymentState(const SetKey& key, const History& history);
  absl::Status WriteTrafficHistory(const SetKey& key, const TrafficPoints& points);
  // Removes deployment_state: the set it showed is gone.
  absl::Status Remove(const SetKey& key);

 private:
  std::string data_dir_;
  std::string flat_policy_;
};

}  // namespace placer
