// A region that cannot be entered now is stood in for by the best one for its traffic: the one that a search
// over all regions finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "tests/reconcilers/builders.h"

namespace placer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

Scenario& Fail(Scenario& scenario, const std::string& region, ErrorScope scope,
               absl::Duration left = absl::Minutes(5)) {
  RegionHistory& history = scenario.history.regions[region];
  history.placed = true;
  history.failed_creates = 3;
  history.failure = scope;
  history.retry_at = scenario.now + left;
  return scenario;
}

std::string StandInOf(const ReconcileResult& result) {
  std::string found;
  for (const PlannedAction& action : result.plan.actions) {
    if (action.reason == Reason::kStandsIn) found += action.region;
  }
  return found;
}

// The edges whose nearest host is `home`, and what they sent within the short window.
std::map<std::string, double> FindEdges(const Scenario& scenario, const std::vector<std::string>& hosts,
                                        const std::string& home) {
  std::map<std::string, double> edges;
  const Traffic& traffic = scenario.seen.traffic;
  for (const auto& [edge, values] : traffic.regions) {
    std::string nearest;
    double nearest_ms = std::numeric_limits<double>::infinity();
    for (const std::string& host : hosts) {
      const double rtt_ms = host == edge ? -1 : *ComputeRttMs(*scenario.seen.platform, edge, host);
      if (rtt_ms >= nearest_ms) continue;
      nearest = host;
      nearest_ms = rtt_ms;
    }
    if (nearest != home) continue;
    for (int i = traffic.points - scenario.policy.threshold.short_window; i < traffic.points; ++i)
      edges[edge] += *values[i];
  }
  return edges;
}

std::string SearchAll(const Scenario& scenario, const std::vector<std::string>& hosts,
                      const std::string& home, const std::vector<std::string>& failing) {
  const std::map<std::string, double> edges = FindEdges(scenario, hosts, home);
  std::string best;
  double best_cost = std::numeric_limits<double>::infinity();
  for (const std::string& host : hosts) {
    if (host == home || std::find(failing.begin(), failing.end(), host) != failing.end()) continue;
    double cost = 0;
    for (const auto& [edge, requests] : edges)
      cost += requests * (edge == host ? 0 : *ComputeRttMs(*scenario.seen.platform, edge, host));
    if (cost >= best_cost) continue;
    best = host;
    best_cost = cost;
  }
  return best;
}

TEST(StandIn, IsTheRegionThatASearchOverAllOfThemFinds) {
  std::vector<std::string> active;
  for (const auto& [code, region] : EmbeddedRegions()) {
    if (!region.deprecated && region.coordinates) active.push_back(code);
  }
  int differs_from_nearest = 0;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::string> shuffled = active;
    for (std::size_t i = shuffled.size(); i > 1; --i) std::swap(shuffled[i - 1], shuffled[random() % i]);
    Scenario scenario;
    std::vector<std::string> hosts(shuffled.begin(), shuffled.begin() + 4 + random() % (active.size() - 4));
    std::sort(hosts.begin(), hosts.end());
    scenario.policy.regions.allowed = hosts;
    const std::string home = hosts[random() % hosts.size()];
    for (const std::string& edge : active) {
      if (random() % 3 != 0) scenario.Requests(edge, static_cast<double>(random() % 40));
    }
    scenario.Requests(home, 60 + static_cast<double>(random() % 200));
    scenario.Add(MakeForeignMachine("elsewhere", home == "fra" ? "ams" : "fra"));
    Fail(scenario, home, seed % 2 == 0 ? ErrorScope::kRegion : ErrorScope::kQuota);
    std::vector<std::string> failing;
    for (const std::string& host : hosts) {
      if (host == home || random() % 5 != 0) continue;
      failing.push_back(host);
      Fail(scenario, host, ErrorScope::kRefused);
      scenario.LastTarget(host, false);
    }
    // Other regions' own wishes are not what this is about.
    scenario.policy.threshold.deploy = 1e9;
    scenario.policy.threshold.remove = 0;
    for (const std::string& host : hosts) {
      if (host != home) scenario.LastTarget(host, false);
    }
    const std::string best = SearchAll(scenario, hosts, home, failing);
    const bool is_there = best == "fra" || best == "ams" ? scenario.seen.machines[0].region == best : false;
    EXPECT_EQ(StandInOf(scenario.Decide()), is_there ? "" : best) << "seed " << seed << " home " << home;
    std::string nearest = SearchAll(Scenario(scenario).Requests(home, 0), {home}, home, {});
    differs_from_nearest += best != nearest;
  }
  EXPECT_GT(differs_from_nearest, 0);
}

Scenario MakeFailing(ErrorScope scope) {
  Scenario scenario;
  scenario.Machines("iad", 1).LastTarget("iad", true).Requests("iad", 100).Requests("fra", 100);
  Fail(scenario, "fra", scope);
  return scenario;
}

TEST(StandIn, ComesForARegionWithoutRoom) {
  EXPECT_EQ(StandInOf(MakeFailing(ErrorScope::kRegion).Decide()), "ams");
}

TEST(StandIn, ComesForARegionOverItsQuota) {
  EXPECT_EQ(StandInOf(MakeFailing(ErrorScope::kQuota).Decide()), "ams");
}

TEST(StandIn, ComesForARegionWhoseHostsStayFull) {
  EXPECT_EQ(StandInOf(MakeFailing(ErrorScope::kHost).Decide()), "ams");
}

TEST(StandIn, HelpsNothingWhereTheRequestItselfIsRefused) {
  EXPECT_EQ(StandInOf(MakeFailing(ErrorScope::kRefused).Decide()), "");
}

TEST(StandIn, DoesNotComeTwice) {
  Scenario scenario = MakeFailing(ErrorScope::kRegion);
  scenario.Machines("ams", 1);
  scenario.history.regions["ams"].stands_in_for = "fra";
  EXPECT_EQ(StandInOf(scenario.Decide()), "");
}

TEST(StandIn, StaysWhileItsHomeIsEmpty) {
  Scenario scenario = MakeFailing(ErrorScope::kRegion);
  scenario.Machines("ams", 1).LastTarget("ams", false);
  scenario.history.regions["ams"].stands_in_for = "fra";
  const ReconcileResult result = scenario.Decide();
  EXPECT_THAT(ActionsOf(result), IsEmpty());
  EXPECT_EQ(ReasonOf(result, "ams"), "StandingIn");
}

TEST(StandIn, LeavesOnceItsHomeServes) {
  Scenario scenario = MakeFailing(ErrorScope::kRegion);
  scenario.Machines("ams", 1).LastTarget("ams", false).Machines("fra", 1);
  scenario.history.regions["ams"].stands_in_for = "fra";
  EXPECT_THAT(ActionsOf(scenario.Decide()), ElementsAre("remove ams-1: StandInDone"));
}

TEST(StandIn, StaysOnceItsOwnTrafficWantsIt) {
  Scenario scenario = MakeFailing(ErrorScope::kRegion);
  scenario.Machines("ams", 1).LastTarget("ams", true).Machines("fra", 1).Requests("ams", 100);
  scenario.history.regions["ams"].stands_in_for = "fra";
  EXPECT_THAT(ActionsOf(scenario.Decide()), IsEmpty());
}

TEST(StandIn, IsNotSentWhereTheBestRegionHasAMachineAlready) {
  Scenario scenario = MakeFailing(ErrorScope::kRegion);
  scenario.Machines("ams", 1).LastTarget("ams", true).Requests("ams", 100);
  EXPECT_EQ(StandInOf(scenario.Decide()), "");
}

TEST(StandIn, DisplacesNobodyAtTheCeiling) {
  Scenario scenario = MakeFailing(ErrorScope::kRegion);
  scenario.policy.capacity.total_max = 1;
  EXPECT_THAT(ActionsOf(scenario.Decide()), Not(Contains("create ams: StandsIn")));
}

TEST(StandIn, AParkedOneStillKnowsWhomItStandsInFor) {
  Scenario scenario = MakeFailing(ErrorScope::kRegion);
  Machine parked = MakeMachine("ams-1", "ams");
  parked.state = "stopped";
  parked.metadata[kMetadataParked] = "web";
  scenario.Add(parked);
  const Plan plan = scenario.Decide().plan;
  ASSERT_EQ(plan.actions.size(), 1u);
  EXPECT_EQ(plan.actions[0].machine_id, "ams-1");
  EXPECT_EQ(plan.actions[0].stands_in_for, "fra");
}

TEST(StandIn, IsNotSentWhereAMachineOfTheRegionTurnsBack) {
  Scenario scenario = MakeFailing(ErrorScope::kRegion);
  scenario.Add(MakeMachine("fra-1", "fra")).cordoned = true;
  scenario.history.intents.push_back({.id = "leave-fra-1",
                                      .kind = Intent::Kind::kLeave,
                                      .phase = Intent::Phase::kDraining,
                                      .region = "fra",
                                      .machine_id = "fra-1",
                                      .phase_since = scenario.now});
  const ReconcileResult result = scenario.Decide();
  EXPECT_THAT(ActionsOf(result), IsEmpty());
  ASSERT_EQ(result.plan.steps.size(), 1u);
  EXPECT_EQ(result.plan.steps[0].next, Intent::Phase::kReturning);
}

}  // namespace
}  // namespace placer
