#include "controller/telemetry/process_stats.h"

#include <gtest/gtest.h>

namespace placer {
namespace {

constexpr char kSystem[] = "cpu  1 2 3\nbtime 1000000\nprocesses 7\n";

std::string MakeStat(const std::string& name) {
  std::string text = "42 (" + name + ") S";
  for (int field = 4; field <= 30; ++field) text += " " + std::to_string(field * 100);
  return text + "\n";
}

TEST(ProcessStatsTest, ReadsTheFieldsThatTheManualNames) {
  const auto stats = ParseProcessStats(MakeStat("autoplacer"), kSystem, 100, 4096);
  ASSERT_TRUE(stats.has_value());
  EXPECT_EQ(stats->start_time_seconds, 1'000'022);
  EXPECT_EQ(stats->cpu_seconds, 29);
  EXPECT_EQ(stats->resident_memory_bytes, 2400.0 * 4096);
}

TEST(ProcessStatsTest, AProgramNameWithSpacesAndBracketsIsSkipped) {
  const auto stats = ParseProcessStats(MakeStat("a) R 1 2 (b"), kSystem, 100, 4096);
  ASSERT_TRUE(stats.has_value());
  EXPECT_EQ(stats->cpu_seconds, 29);
}

TEST(ProcessStatsTest, OtherTextHasNoStats) {
  EXPECT_FALSE(ParseProcessStats("", "", 100, 4096).has_value());
  EXPECT_FALSE(ParseProcessStats("42 (x) S 1 2", kSystem, 100, 4096).has_value());
  EXPECT_FALSE(ParseProcessStats(MakeStat("x"), "cpu 1\n", 100, 4096).has_value());
}

}  // namespace
}  // namespace placer
