// View: what the API says about a policy, as the commands show it. Read from the API's own JSON, so that a
// running controller and a pass of our own are shown by the same code, and unknown words of a newer
// controller are shown as they are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace placer {

struct RegionView {
  std::string region;
  std::string action;  // none | deploy | remove
  std::string reason;  // a code: TrafficAboveThreshold, ...
  std::string message;
  std::string detail;
  std::string verdict;  // keep | place | leave
  std::string evidence;
  // Requests per threshold.per; no value where nothing is covered.
  std::optional<double> newest;
  std::optional<double> short_average;
  std::optional<double> long_average;
  double volatility = 0;
  double up = 0;
  double down = 0;
  int machines = 0;  // real ones
  int shadow = 0;    // with the dry run's changes
  int target = 0;
  bool placed = false;
  bool may_host = false;
  double cooldown_remaining_seconds = 0;
  std::vector<std::string> attributed;
};

struct ConditionView {
  std::string type;
  bool status = false;
  std::string reason;
  std::string message;
};

struct ActionView {
  std::string time;
  std::string region;
  std::string action;
  std::string reason;
  bool failed = false;
};

// An action under way.
struct IntentView {
  std::string kind;   // Enter | Leave | Update
  std::string phase;  // Creating, Starting, ...
  std::string region;
  std::string machine;
  std::string reason;
  int attempts = 0;  // calls of this phase that failed
  std::string last_error;
};

struct PolicyView {
  std::string name;
  std::string app;
  std::string process_group;
  std::string mode;
  std::string per;  // "5m": the unit of every traffic number
  std::string phase;
  std::string time;        // of the pass; "" before the first
  std::string data_point;  // end of the newest expected data point
  std::string evidence;
  std::string evidence_message;
  std::vector<ConditionView> conditions;
  std::vector<RegionView> regions;         // in the order of the answer
  std::vector<IntentView> intents;         // oldest first
  std::vector<ActionView> recent_actions;  // newest first
};

// Internal: the body is no policy object (another server, or a much older controller).
absl::StatusOr<PolicyView> ParsePolicyView(absl::string_view object);
// Of a PlacementPolicyList.
absl::StatusOr<std::vector<PolicyView>> ParsePolicyViews(absl::string_view list);

}  // namespace placer
