#include "api/region.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace placer {
namespace {

TEST(EmbeddedRegions, HoldEveryRegionWithCoordinates) {
  EXPECT_EQ(EmbeddedRegions().size(), 36u);
  for (const auto& [code, region] : EmbeddedRegions()) {
    EXPECT_EQ(region.code, code);
    EXPECT_TRUE(region.coordinates.has_value()) << code;
    EXPECT_FALSE(region.name.empty()) << code;
  }
}

TEST(EmbeddedRegions, MarkRetiredOnes) {
  EXPECT_TRUE(EmbeddedRegions().at("bom").deprecated);
  EXPECT_TRUE(EmbeddedRegions().at("atl").deprecated);
  EXPECT_FALSE(EmbeddedRegions().at("fra").deprecated);
}

TEST(EmbeddedRegions, AgreeWithTheRecordedList) {
  const char* folder = std::getenv("FLY_AUTOPLACER_DATA");
  if (folder == nullptr) GTEST_SKIP() << "FLY_AUTOPLACER_DATA is not set";
  std::ifstream file(std::string(folder) + "/fly/regions.json");
  std::stringstream text;
  text << file.rdbuf();
  const boost::json::value recorded = boost::json::parse(text.str());
  std::size_t rows = 0;
  for (const auto& row : recorded.at("regions").as_array()) {
    const std::string code(row.at("code").as_string());
    ASSERT_TRUE(EmbeddedRegions().contains(code)) << code;
    const Region& region = EmbeddedRegions().at(code);
    EXPECT_NEAR(region.coordinates->latitude_deg, row.at("lat").to_number<double>(), 1e-4) << code;
    EXPECT_NEAR(region.coordinates->longitude_deg, row.at("lon").to_number<double>(), 1e-4) << code;
    EXPECT_EQ(region.deprecated, row.at("status").as_string() != "active") << code;
    ++rows;
  }
  EXPECT_EQ(rows, EmbeddedRegions().size());
}

TEST(Distance, OfAQuarterOfTheEquator) {
  EXPECT_NEAR(ComputeDistanceKm({0, 0}, {0, 90}), 10007.6, 0.1);
}

TEST(Distance, AcrossTheDateLineIsShort) {
  EXPECT_NEAR(ComputeDistanceKm({0, 179.5}, {0, -179.5}), 111.2, 0.1);
}

TEST(Distance, BetweenAntipodesIsHalfTheEarth) {
  EXPECT_NEAR(ComputeDistanceKm({90, 0}, {-90, 0}), 20015.1, 0.1);
  EXPECT_NEAR(ComputeDistanceKm({10, 20}, {-10, -160}), 20015.1, 0.1);
}

TEST(Distance, ToItselfIsNothing) {
  EXPECT_EQ(ComputeDistanceKm({50, 8}, {50, 8}), 0);
}

TEST(Rtt, GrowsWithDistance) {
  const Platform platform;
  EXPECT_LT(*ComputeRttMs(platform, "fra", "ams"), *ComputeRttMs(platform, "fra", "iad"));
  EXPECT_LT(*ComputeRttMs(platform, "fra", "iad"), *ComputeRttMs(platform, "fra", "syd"));
}

TEST(Rtt, OfTheFittedLine) {
  // 365 km between Frankfurt and Amsterdam at 0.017036 ms/km, and 11.455 ms.
  EXPECT_NEAR(*ComputeRttMs({}, "fra", "ams"), 17.7, 0.2);
}

TEST(Rtt, IsTheSameBothWays) {
  EXPECT_DOUBLE_EQ(*ComputeRttMs({}, "fra", "syd"), *ComputeRttMs({}, "syd", "fra"));
}

TEST(Rtt, WithinARegionIsLeast) {
  EXPECT_LT(*ComputeRttMs({}, "fra", "fra"), 1);
}

TEST(Rtt, MeasuredValueRulesInEitherDirection) {
  Platform platform;
  platform.rtt_ms[{"fra", "syd"}] = 7;
  EXPECT_EQ(ComputeRttMs(platform, "fra", "syd"), 7);
  EXPECT_EQ(ComputeRttMs(platform, "syd", "fra"), 7);
}

TEST(Rtt, MeasuredValueNeedsNoCoordinates) {
  Platform platform;
  platform.rtt_ms[{"qqq", "fra"}] = 9;
  EXPECT_EQ(ComputeRttMs(platform, "qqq", "fra"), 9);
}

TEST(Rtt, OfAnUnknownCodeIsUnknown) {
  EXPECT_EQ(ComputeRttMs({}, "qqq", "fra"), std::nullopt);
  EXPECT_EQ(ComputeRttMs({}, "fra", "qqq"), std::nullopt);
}

TEST(Rtt, PlatformsCoordinatesRule) {
  Platform platform;
  platform.regions["fra"] = {.code = "fra", .name = "Moved", .coordinates = Coordinates{-33.9, 151.2}};
  platform.regions["syd"] = {.code = "syd", .name = "Sydney", .coordinates = Coordinates{-33.9, 151.2}};
  EXPECT_NEAR(*ComputeRttMs(platform, "fra", "syd"), 11.455, 1e-9);
}

TEST(Rtt, CodeThatThePlatformDroppedKeepsItsPlace) {
  Platform platform;
  platform.from_platform = true;
  platform.regions["fra"] = EmbeddedRegions().at("fra");
  EXPECT_TRUE(ComputeRttMs(platform, "bom", "fra").has_value());
}

struct SuggestionCase {
  const char* found;
  const char* want;
};

class RegionSuggestion : public ::testing::TestWithParam<SuggestionCase> {};

TEST_P(RegionSuggestion, IsWhatServesThePlace) {
  EXPECT_EQ(SuggestRegion({}, GetParam().found), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(All, RegionSuggestion,
                         ::testing::Values(SuggestionCase{"fra", "fra"}, SuggestionCase{"FRA", "fra"},
                                           SuggestionCase{"sfo", "sjc"}, SuggestionCase{"jfk", "ewr"},
                                           SuggestionCase{"nyc", "ewr"}, SuggestionCase{"hnd", "nrt"},
                                           SuggestionCase{"lgw", "lhr"}, SuggestionCase{"lon", "lhr"},
                                           SuggestionCase{"ory", "cdg"}, SuggestionCase{"chi", "ord"},
                                           SuggestionCase{"dca", "iad"}, SuggestionCase{"hkg", "sin"},
                                           SuggestionCase{"atl", "iad"}, SuggestionCase{"gig", "gru"},
                                           SuggestionCase{"mad", "cdg"}, SuggestionCase{"maa", "sin"},
                                           SuggestionCase{"frankfurt", "fra"},
                                           SuggestionCase{"Frankfrt", "fra"},
                                           SuggestionCase{"germany", "fra"}, SuggestionCase{"london", "lhr"},
                                           SuggestionCase{"hong kong", "sin"}, SuggestionCase{"farn", "arn"},
                                           SuggestionCase{"fr", "fra"}, SuggestionCase{"arf", "arn"},
                                           SuggestionCase{"rfa", "fra"}, SuggestionCase{"qqq", ""},
                                           SuggestionCase{"", ""}, SuggestionCase{"us-east-1", ""}));

TEST(RegionSuggestions, NameOnlyWhatThePlatformHas) {
  Platform platform;
  platform.from_platform = true;
  platform.regions["iad"] = EmbeddedRegions().at("iad");
  platform.regions["fra"] = EmbeddedRegions().at("fra");
  EXPECT_EQ(SuggestRegion(platform, "sfo"), "iad");
}

}  // namespace
}  // namespace placer
