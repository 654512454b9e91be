// A metrics page of one or more policies whose every number is known.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "controller/telemetry/metrics.h"
#include "tests/controller/telemetry/metrics_page.h"

namespace placer {

inline absl::Time Now() {
  return absl::FromUnixSeconds(1'800'000'000);
}

inline RegionDecision MakeRegion(std::string code) {
  RegionDecision region;
  region.region = std::move(code);
  region.newest = 60;
  region.short_average = 55.5;
  region.long_average = 12.25;
  region.up = 65;
  region.down = 7;
  region.cooldown_remaining = absl::Seconds(90);
  return region;
}

inline PolicySnapshot MakeSnapshot(std::string name, const std::vector<std::string>& regions) {
  PolicySnapshot snapshot;
  snapshot.policy.name = std::move(name);
  snapshot.policy.app = "shop";
  snapshot.policy.generation = 4;
  snapshot.status.observed_generation = 3;
  snapshot.status.passes = 1;
  snapshot.status.conditions = {{.type = "PolicyAccepted", .status = true, .reason = "Valid"},
                                {.type = "Acting", .status = false, .reason = "NotOwner"}};
  snapshot.status.next_reconcile = Now() + absl::Seconds(10);
  snapshot.status.last_decision.time = Now() - absl::Seconds(5);
  snapshot.status.last_decision.data_point = Now() - absl::Seconds(75);
  snapshot.status.last_decision.evidence = Evidence::kPartial;
  snapshot.status.last_decision.unattributed = {{"zzz", 2}, {"yyy", 3}};
  for (const std::string& region : regions)
    snapshot.status.last_decision.regions.push_back(MakeRegion(region));
  snapshot.status.intents = {{.kind = Intent::Kind::kEnter, .started = Now() - absl::Seconds(600)},
                             {.kind = Intent::Kind::kLeave, .started = Now() - absl::Seconds(700)},
                             {.kind = Intent::Kind::kEnter, .started = Now() - absl::Seconds(50)}};
  snapshot.status.create_failures = {{"gru", 4}};
  snapshot.status.observed = {{"fra", 1}, {"syd", 5}};
  snapshot.status.shadow = {{"fra", 2}};
  snapshot.status.target = {{"fra", 3}};
  return snapshot;
}

class MetricsTest : public testing::Test {
 protected:
  MetricsPage Page() const { return ParseMetricsPage(metrics_.Render()); }

  std::vector<PolicySnapshot> snapshots_;
  Metrics metrics_{[this] { return snapshots_; }, [] { return Now(); }, "1.2.3"};
};

// Every family has a series.
class FullMetricsTest : public MetricsTest {
 protected:
  FullMetricsTest() {
    snapshots_ = {MakeSnapshot("web", {"fra", "iad"}), MakeSnapshot("worker", {"fra"})};
    for (const PolicySnapshot& snapshot : snapshots_) metrics_.AddPolicy(snapshot.policy);
  }
};

}  // namespace placer
