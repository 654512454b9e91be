// Metrics: what /metrics shows. Domain gauges are built from the current statuses at each scrape, so that
// nothing stale can remain; counters and histograms live here and start at zero. Fly overwrites the labels
// app, region, host and instance on scraped metrics: ours are policy, target_app and target_region.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "api/decision.h"
#include "api/policy.h"
#include "api/status.h"

namespace placer {

struct PolicySnapshot {
  PlacementPolicy policy;
  PolicyStatus status;
};

class Metrics {
 public:
  // `snapshot` is called at each scrape, on the caller's thread; `now` for ages. `version` is the program's.
  Metrics(std::function<std::vector<PolicySnapshot>()> snapshot, std::function<absl::Time()> now,
          const std::string& version = "unknown");
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics();

  // Makes a policy's counter series exist at zero.
  void AddPolicy(const PlacementPolicy& policy);
  // Drops a policy's counter series. What is counted for a policy that is not there (a pass that outlives it)
  // is ignored, so that no series comes back.
  void RemovePolicy(const std::string& policy);

  // result: success | error | requeue | requeue_after, as controller-runtime counts them.
  void CountReconcile(const std::string& policy, const std::string& result, absl::Duration took);
  void CountDecisions(const std::string& policy, const Decision& decision);  // by action and reason
  // result: ok | error | undone (it went well, and was taken back since others did not bear it).
  void CountAction(const std::string& policy, Action action, const std::string& result);
  // api: machines | prometheus. code: the HTTP status, or the Status code's name where there was no answer.
  void CountApiRequest(const std::string& api, const std::string& operation, const std::string& code,
                       absl::Duration took);
  // Time that a call waited for its turn before it was made, so as not to exceed the server's rate limit.
  void CountRateLimitWait(const std::string& api, const std::string& operation, absl::Duration waited);
  void CountPolicyReload(const std::string& result);  // ok | rejected
  void CountStoreError();

  // The page, in Prometheus' text format.
  std::string Render() const;

 private:
  std::string MakePage() const;

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace placer
