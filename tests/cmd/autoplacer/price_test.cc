#include "cmd/autoplacer/price.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

namespace placer {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

constexpr char kSharedConfig[] = R"({"guest":{"cpu_kind":"shared","cpus":1,"memory_mb":512}})";

json::value ReadPublished(const std::string& file) {
  std::ifstream in(std::string(std::getenv("FLY_AUTOPLACER_DATA")) + "/fly/" + file);
  return json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
}

TEST(MonthlyPrice, AgreesWithEveryPublishedPresetToTheCent) {
  if (std::getenv("FLY_AUTOPLACER_DATA") == nullptr) GTEST_SKIP() << "FLY_AUTOPLACER_DATA is not set";
  const json::value published = ReadPublished("machine_prices.json");
  for (const json::value& preset : published.at("presets").as_array()) {
    const Guest guest{.cpu_kind = std::string(preset.at("cpu_kind").as_string()),
                      .cpus = static_cast<int>(preset.at("cpus").as_int64()),
                      .memory_mb = static_cast<int>(preset.at("memory_mb").as_int64())};
    const std::optional<double> usd = ComputeMonthlyUsd(guest, "iad");
    ASSERT_TRUE(usd.has_value());
    EXPECT_NEAR(*usd, preset.at("usd_per_30d").to_number<double>(), 0.00501) << json::serialize(preset);
  }
}

TEST(MonthlyPrice, AgreesWithEveryPublishedMarkup) {
  if (std::getenv("FLY_AUTOPLACER_DATA") == nullptr) GTEST_SKIP() << "FLY_AUTOPLACER_DATA is not set";
  const Guest guest{.cpu_kind = "performance", .cpus = 16, .memory_mb = 131072};
  const double base_usd = *ComputeMonthlyUsd(guest, "iad");
  const json::value published = ReadPublished("regions.json");
  for (const json::value& region : published.at("regions").as_array()) {
    const std::optional<double> usd = ComputeMonthlyUsd(guest, std::string(region.at("code").as_string()));
    const json::value* markup = region.as_object().if_contains("price_markup");
    if (markup == nullptr || markup->is_null()) {
      EXPECT_FALSE(usd.has_value()) << json::serialize(region);
    } else {
      ASSERT_TRUE(usd.has_value()) << json::serialize(region);
      EXPECT_NEAR(*usd / base_usd, markup->to_number<double>(), 1e-8) << json::serialize(region);
    }
  }
}

struct PriceCase {
  Guest guest;
  const char* region;
  double usd;
};

TEST(MonthlyPrice, IsCpusAndTheMemoryBeyondThemTimesTheRegionsMarkup) {
  const PriceCase cases[] = {{{"shared", 1, 256}, "iad", 2.19},
                             {{"shared", 1, 1024}, "fra", 7.73},
                             {{"shared", 1, 1024}, "sin", 8.50},
                             {{"performance", 2, 8192}, "iad", 90.01}};
  for (const PriceCase& each : cases) {
    EXPECT_NEAR(ComputeMonthlyUsd(each.guest, each.region).value_or(0), each.usd, 0.0055) << each.region;
  }
}

TEST(MonthlyPrice, WhatIsNotInTheListHasNone) {
  EXPECT_FALSE(ComputeMonthlyUsd({"shared", 1, 256}, "zzz").has_value());
  EXPECT_FALSE(ComputeMonthlyUsd({"a10", 1, 256}, "iad").has_value());
}

TEST(GuestOfAConfig, IsItsCpusAndMemory) {
  const std::optional<Guest> guest = FindGuest(kSharedConfig);
  ASSERT_TRUE(guest.has_value());
  EXPECT_EQ(guest->cpu_kind, "shared");
  EXPECT_EQ(guest->cpus, 1);
  EXPECT_EQ(guest->memory_mb, 512);
}

TEST(GuestOfAConfig, IsUnknownWhereThePriceWouldBeAnother) {
  for (const char* config :
       {"", "[]", "{}", R"({"guest":7})", R"({"guest":{"cpu_kind":"shared","cpus":1}})",
        R"({"guest":{"cpu_kind":"shared","cpus":-1,"memory_mb":256}})",
        R"({"guest":{"cpu_kind":"shared","cpus":1.5,"memory_mb":256}})",
        R"({"guest":{"cpu_kind":"shared","cpus":1e300,"memory_mb":256}})",
        R"({"guest":{"cpu_kind":"performance","cpus":8,"memory_mb":16384,"gpu_kind":"a10"}})",
        R"({"guest":{"cpu_kind":"shared","cpus":1,"memory_mb":256},"spot":true})"}) {
    EXPECT_FALSE(FindGuest(config).has_value()) << config;
  }
}

class PriceDifferenceTest : public ::testing::Test {
 protected:
  PriceDifferenceTest() {
    policy_.name = "web";
    machine_.id = "m1";
    machine_.region = "fra";
    machine_.state = "started";
    machine_.process_group = "app";
    machine_.config = std::make_shared<const std::string>(kSharedConfig);
  }
  void Add(const std::string& region, Action action, int observed, int target) {
    RegionDecision decision;
    decision.region = region;
    decision.action = action;
    decision.observed = observed;
    decision.target = target;
    decision_.regions.push_back(decision);
  }
  PriceDifference Compute() { return ComputePriceDifference(policy_, decision_, {machine_}); }

  PlacementPolicy policy_;
  Machine machine_;
  Decision decision_;
};

TEST_F(PriceDifferenceTest, AddsWhatComesAndSubtractsWhatGoes) {
  Add("iad", Action::kDeploy, 0, 2);
  Add("ewr", Action::kRemove, 1, 0);
  Add("fra", Action::kNone, 1, 1);
  EXPECT_NEAR(Compute().usd_per_month.value_or(0), 3.6949, 0.0001);
  EXPECT_EQ(DescribePriceDifference(Compute()), "This would cost 3.69 USD more a month");
}

TEST_F(PriceDifferenceTest, LessIsSaidAsLess) {
  Add("iad", Action::kRemove, 2, 1);
  EXPECT_EQ(DescribePriceDifference(Compute()), "This would cost 3.69 USD less a month");
}

TEST_F(PriceDifferenceTest, NothingToDoChangesNothingEvenWhereNoSizeIsKnown) {
  machine_.config = nullptr;
  Add("fra", Action::kNone, 1, 1);
  EXPECT_EQ(DescribePriceDifference(Compute()), "This would not change the price");
}

TEST_F(PriceDifferenceTest, ARegionWithoutAPriceMakesTheWholeUnknown) {
  Add("iad", Action::kDeploy, 0, 1);
  Add("zzz", Action::kDeploy, 0, 1);
  EXPECT_THAT(DescribePriceDifference(Compute()),
              HasSubstr("unknown: no price is known for shared-cpu-1x in zzz"));
}

}  // namespace
}  // namespace placer
