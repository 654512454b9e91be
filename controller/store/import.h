// The state files of the proof of concept, read once when a flat config first meets an empty database, so
// that its cooldowns and placement carry over. Both files are hostile input: whatever is wrong with them
// becomes a warning, never an error, and the files stay as they are.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "api/history.h"
#include "controller/store/mirror.h"
#include "controller/store/record_rows.h"

namespace placer {

inline constexpr int kMaxImportBytes = 1 << 20;
inline constexpr int kMaxImportRegions = 1000;
inline constexpr int kMaxImportPoints = 1000;

struct ImportedFiles {
  History history;        // placed regions with their last deployment; empty where there was none
  TrafficPoints traffic;  // for charts only
  std::vector<std::string> warnings;
};

// `text` is {"iad": "<time>" | null, ...}, or the older ["iad", ...]. Times that cannot be, seen from `now`,
// count as null. Blank text holds nothing.
void ParseDeploymentState(absl::string_view text, absl::Time now, ImportedFiles& into);
// `text` is {"<time>": {"iad": <requests>, ...}, ...}.
void ParseTrafficHistory(absl::string_view text, absl::Time now, ImportedFiles& into);

// Reads both files where they exist.
ImportedFiles ReadProofOfConceptFiles(const MirrorPaths& paths, absl::Time now);

}  // namespace placer
