// PlacementPolicy: what an operator wants of one process group of one app. Parsed from the policy file
// (api/policy_codec.h) and handed to a Reconciler on each pass. A value that reached this type through the
// codec is valid: every bound that the policy reference names holds. Easy to get wrong: the two thresholds
// are in requests per `threshold.per`, while traffic arrives in requests per `traffic.resolution`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace placer {

inline constexpr char kApiVersion[] = "autoplacer.dev/v1";
inline constexpr char kPolicyKind[] = "PlacementPolicy";

enum class Mode {
  kDryRun,  // decides, and applies its decisions to a shadow placement only
  kActive,  // decides and acts on the platform
  kPaused,  // observes; decides nothing
};
enum class TrafficSource {
  kEdge,     // fly_edge_http_responses_count
  kEdgeTcp,  // fly_edge_tcp_connects_count
  kQuery,    // TrafficSpec::query
};
enum class Attribution {
  kNearest,  // traffic of a region that may not host counts to the nearest one that may
  kNone,     // a region counts only its own traffic
};
enum class RemovalMethod { kDestroy, kStop, kSuspend };
enum class Adopt {
  kCreated,  // removes only machines that this policy made
  kAll,      // removes any machine of the process group
};
enum class Volumes { kRefuse, kCreateEmpty };

struct TrafficSpec {
  TrafficSource source = TrafficSource::kEdge;
  std::string
      query;  // PromQL with one series per `region` label; $app and $resolution expand. Only with kQuery
  absl::Duration resolution = absl::Minutes(1);  // one data point, aligned to the Unix epoch
  absl::Duration delay = absl::Seconds(45);      // a point is expected this long after its end
  absl::Duration max_age = absl::Minutes(3);     // newest point older than this: evidence is Stale
};

// Region codes, in the order of the file, no code twice.
struct RegionsSpec {
  std::vector<std::string> allowed;  // empty: every active region of the platform
  std::vector<std::string> excluded;
  std::vector<std::string> always_running;
};

struct ThresholdSpec {
  absl::Duration per = absl::Minutes(5);  // unit of deploy and remove
  double deploy = 50;                     // requests per `per`; place where the average is at or above
  double remove = 10;        // requests per `per`; leave where the average is at or below. < deploy
  int short_window = 5;      // data points, 2 <= short_window <= long_window
  int long_window = 20;      // data points
  double alpha_short = 0.3;  // in [0, 1)
  double alpha_long = 0.1;   // in [0, 1)
  Attribution attribution = Attribution::kNearest;
};

struct CapacitySpec {
  int per_region_min = 1;             // machines of a placed region, >= 1
  std::optional<int> per_region_max;  // no value: no ceiling
  int total_min = 1;                  // stops removals, never adds
  int total_max = 20;                 // failed, creating and unknown machines count
  int max_creates_per_hour = 30;
};

struct ScalingBehavior {
  absl::Duration cooldown;              // per region, from the end of its last attempted action
  absl::Duration stabilization_window;  // the verdict must hold at every data point within it
  std::optional<int> max_actions;       // machines within `per`; no value: no limit
  absl::Duration per = absl::Minutes(1);
};

struct BehaviorSpec {
  ScalingBehavior scale_up{.cooldown = absl::Minutes(1), .max_actions = 4};
  ScalingBehavior scale_down{
      .cooldown = absl::Minutes(10), .stabilization_window = absl::Minutes(5), .max_actions = 1};
  RemovalMethod method = RemovalMethod::kDestroy;
  absl::Duration drain_timeout = absl::Seconds(30);
};

struct PlacementPolicy {
  std::string name;             // metadata.name, unique among the loaded policies
  std::int64_t generation = 1;  // counts accepted changes of the spec, since this process started
  std::string app;
  std::string process_group = "app";
  Mode mode = Mode::kDryRun;
  absl::Duration interval = absl::Seconds(15);
  TrafficSpec traffic;
  RegionsSpec regions;
  ThresholdSpec threshold;
  CapacitySpec capacity;
  BehaviorSpec behavior;
  Adopt adopt = Adopt::kCreated;
  Volumes volumes = Volumes::kRefuse;
  bool from_flat_config = false;  // read from the proof of concept's config.yml
};

const char* ToString(Mode mode);                // "DryRun", "Active", "Paused"
const char* ToString(TrafficSource source);     // "Edge", "EdgeTcp", "Query"
const char* ToString(Attribution attribution);  // "Nearest", "None"
const char* ToString(RemovalMethod method);     // "Destroy", "Stop", "Suspend"
const char* ToString(Adopt adopt);              // "Created", "All"
const char* ToString(Volumes volumes);          // "Refuse", "CreateEmpty"

// "15s", "5m", "1h30m", "500ms": the shortest text that ParsePolicyDuration reads back.
std::string FormatPolicyDuration(absl::Duration duration);

}  // namespace placer
