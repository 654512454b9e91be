// Price: what a machine costs a month, as Fly's public price list of October 2026 says: a price per second of
// each CPU, which includes some memory, and one of each GB beyond, times the region's markup. Fly's month has
// 30 days. Only machines are counted: no traffic, no volumes, no images. Easy to get wrong: what this table
// does not know (a GPU, a spot machine, a new region) has no price here, not the price 0.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/decision.h"
#include "api/machine.h"
#include "api/policy.h"

namespace placer {

// The size of a machine.
struct Guest {
  std::string cpu_kind;  // shared | performance
  int cpus = 0;
  int memory_mb = 0;
};

// Of a machine's config (JSON). No value: it does not say, or says something that has no price per CPU.
std::optional<Guest> FindGuest(const std::string& config);
// No value: no price is known for this size or this region.
std::optional<double> ComputeMonthlyUsd(const Guest& guest, const std::string& region);

// What the actions of a decision add to the monthly bill.
struct PriceDifference {
  std::optional<double> usd_per_month;
  std::string unknown;  // why there is no number
};
// Counts every machine at the size of the one that new machines are cloned from.
PriceDifference ComputePriceDifference(const PlacementPolicy& policy, const Decision& decision,
                                       const std::vector<Machine>& machines);
// "This would cost 3.88 USD more a month"
std::string DescribePriceDifference(const PriceDifference& difference);

}  // namespace placer
