// The append-only side of the store: decisions, events and traffic points, each with its own bound, so that
// the database stops growing after a while whatever the policy does.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/effects/store.h"
#include "controller/store/sqlite.h"
#include "controller/store/state_rows.h"

namespace placer {

inline constexpr int kKeptEvents = 10'000;
inline constexpr int kKeptDecisions = 100'000;
inline constexpr absl::Duration kKeptDecisionsFor = absl::Hours(24 * 30);
inline constexpr absl::Duration kKeptTrafficFor = absl::Hours(24 * 15);

// End of data point -> region -> requests in that point.
using TrafficPoints = std::map<absl::Time, std::map<std::string, double>>;

// A region's decision as it was stored: whenever its action, reason or target changed, and for every action.
struct StoredDecision {
  absl::Time time;
  std::string region;
  std::string action;  // "none", "deploy", "remove"
  std::string reason;  // "TrafficAboveThreshold", ...
  int observed = 0;
  int target = 0;
  std::string message;
  std::string detail;
};

// What says whether a decision is another one than before.
struct DecisionKey {
  Action action = Action::kNone;
  Reason reason = Reason::kWithinThresholds;
  int target = 0;
  bool operator==(const DecisionKey&) const = default;
};

// `stored` holds the regions whose newest stored decision is known, and is brought up to date; the rows
// themselves are asked about others.
absl::Status WriteDecision(SqliteDatabase& database, const SetKey& key, const Decision& decision,
                           std::map<std::string, DecisionKey>& stored);
absl::Status WriteEvents(SqliteDatabase& database, const std::vector<Event>& events);
// Values that are not finite are left out.
absl::Status WriteTraffic(SqliteDatabase& database, const SetKey& key, const TrafficPoints& points);
// Drops what is beyond the bounds above, seen from `now`.
absl::Status PruneRecords(SqliteDatabase& database, absl::Time now);

// Newest first, at most `limit`; an empty policy means all.
absl::StatusOr<std::vector<Event>> ReadRecentEvents(SqliteDatabase& database, const std::string& policy,
                                                    int limit);
// Newest first, at most `limit`; an empty region means all.
absl::StatusOr<std::vector<StoredDecision>> ReadRecentDecisions(SqliteDatabase& database, const SetKey& key,
                                                                const std::string& region, int limit);
// The newest `limit` data points.
absl::StatusOr<TrafficPoints> ReadRecentTraffic(SqliteDatabase& database, const SetKey& key, int limit);

}  // namespace placer
