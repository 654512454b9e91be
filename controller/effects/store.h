// Store: what survives a restart. SQLite in production (controller/store/), a map in tests. One set per
// policy and mode: DryRun and Active never see each other's facts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "api/history.h"
#include "api/machine.h"
#include "api/policy.h"
#include "api/status.h"
#include "controller/effects/task.h"

namespace placer {

// The dry run's simulated changes, laid over each fresh machine list.
struct Shadow {
  struct Created {
    std::string id;  // "shadow-<n>", unique within the policy
    std::string region;
    absl::Time created_at;
    bool operator==(const Created&) const = default;
  };
  std::vector<Created> created;      // in the order of creation
  std::vector<std::string> removed;  // ids of real machines, sorted
  int next_id = 1;
};

// What a policy needs to go on where it stopped.
struct PolicyState {
  std::string target;  // "app/processGroup" that all of this is about; "" if not known
  History history;
  Shadow shadow;                                 // empty in Active
  std::map<std::string, std::string> last_seen;  // machine id -> region, of the last believed list
};

// One pass, committed as a whole or not at all.
struct PassRecord {
  std::string policy;
  Mode mode = Mode::kDryRun;  // kDryRun or kActive
  PolicyState state;
  Decision decision;
  std::vector<Event> events;
  // Newest data points not stored before, in requests per point, for charts: end of point -> region ->
  // requests.
  std::map<absl::Time, std::map<std::string, double>> traffic;
};

class Store {
 public:
  virtual ~Store() = default;
  // NotFound: nothing stored yet. DataLoss: what is stored cannot be read; the caller starts afresh and says
  // so.
  virtual absl::StatusOr<PolicyState> Load(const std::string& policy, Mode mode) = 0;
  // Runs off the loop's thread; resumes on it. On error nothing of the pass is stored.
  virtual Task<absl::Status> Commit(PassRecord record) = 0;
  // The state alone, before the first call of a pass that acts: an intent is stored before what it is for.
  // The pass's Commit follows. On error nothing is stored.
  virtual Task<absl::Status> Save(std::string policy, Mode mode, PolicyState state) = 0;
  // Deletes the set of this policy and mode (leaving DryRun).
  virtual Task<absl::Status> Forget(std::string policy, Mode mode) = 0;
  // Newest first, at most `limit`; an empty policy means all.
  virtual absl::StatusOr<std::vector<Event>> RecentEvents(const std::string& policy, int limit) = 0;
};

// Keeps everything in memory; for tests and for running without --data-dir.
class MemoryStore final : public Store {
 public:
  absl::StatusOr<PolicyState> Load(const std::string& policy, Mode mode) override;
  Task<absl::Status> Commit(PassRecord record) override;
  Task<absl::Status> Save(std::string policy, Mode mode, PolicyState state) override;
  Task<absl::Status> Forget(std::string policy, Mode mode) override;
  absl::StatusOr<std::vector<Event>> RecentEvents(const std::string& policy, int limit) override;

 private:
  std::map<std::pair<std::string, Mode>, PolicyState> states_;
  std::vector<Event> events_;  // oldest first
};

}  // namespace placer
