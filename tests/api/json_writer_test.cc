#include "api/json_writer.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <cstring>
#include <random>

#include "api/policy.h"
#include "api/policy_duration.h"
#include "api/spelling.h"
#include "api/utf8.h"

namespace placer {
namespace {

TEST(JsonNumber, HasNoExponentWhereAPlainOneIsShort) {
  EXPECT_EQ(FormatJsonNumber(0), "0");
  EXPECT_EQ(FormatJsonNumber(-0.0), "0");
  EXPECT_EQ(FormatJsonNumber(1), "1");
  EXPECT_EQ(FormatJsonNumber(0.1), "0.1");
  EXPECT_EQ(FormatJsonNumber(-12.5), "-12.5");
  EXPECT_EQ(FormatJsonNumber(123456789), "123456789");
  EXPECT_EQ(FormatJsonNumber(1e-6), "0.000001");
  EXPECT_EQ(FormatJsonNumber(1e300), "1e+300");
}

TEST(JsonNumber, ThatIsNotFiniteIsNull) {
  EXPECT_EQ(FormatJsonNumber(std::nan("")), "null");
  EXPECT_EQ(FormatJsonNumber(INFINITY), "null");
  EXPECT_EQ(FormatJsonNumber(-INFINITY), "null");
}

TEST(JsonNumber, ReadsBackExactly) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 10000; ++i) {
    double value = 0;
    const std::uint64_t bits = random();
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    EXPECT_EQ(std::strtod(FormatJsonNumber(value).c_str(), nullptr), value);
  }
}

TEST(JsonString, OfAnyBytesIsJson) {
  std::mt19937 random(4);
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (unsigned n = random() % 12; n > 0; --n) text += static_cast<char>(random());
    EXPECT_NO_THROW(boost::json::parse(FormatJsonString(text)));
  }
}

TEST(JsonString, OfUtf8ReadsBack) {
  const std::string text = "\"\\/\b\f\n\r\t\x01\x1F\x7F ä \xF0\x9F\x98\x80";
  EXPECT_EQ(boost::json::parse(FormatJsonString(text)), boost::json::value(text));
}

TEST(JsonWriter, IndentsByTwoAndKeepsEmptyOnesShort) {
  JsonWriter out(true);
  out.BeginObject();
  out.Key("a");
  out.BeginArray();
  out.Integer(1);
  out.Bool(false);
  out.EndArray();
  out.Key("b");
  out.BeginObject();
  out.EndObject();
  out.EndObject();
  EXPECT_EQ(out.text(), "{\n  \"a\": [\n    1,\n    false\n  ],\n  \"b\": {}\n}");
}

TEST(Utf8, FindsWhatIsNotWellFormed) {
  EXPECT_EQ(FindInvalidUtf8("ä\xF0\x9F\x98\x80z"), absl::string_view::npos);
  for (const char* bad : {"a\x80", "a\xC0\xAF", "a\xED\xA0\x80", "a\xF4\x90\x80\x80", "a\xE2\x82", "a\xFF",
                          "a\xF0\x80\x80\x80"}) {
    EXPECT_EQ(FindInvalidUtf8(bad), 1u);
  }
}

TEST(PolicyDuration, ReadsBackWhatItFormats) {
  std::mt19937 random(5);
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration duration = absl::Milliseconds(random() % (1u << (random() % 31)));
    const auto read = ParsePolicyDuration(FormatPolicyDuration(duration));
    ASSERT_TRUE(read.ok()) << duration;
    EXPECT_EQ(*read, duration);
  }
}

TEST(PolicyDuration, IsFormattedWithoutEmptyUnits) {
  EXPECT_EQ(FormatPolicyDuration(absl::Seconds(15)), "15s");
  EXPECT_EQ(FormatPolicyDuration(absl::Minutes(90)), "1h30m");
  EXPECT_EQ(FormatPolicyDuration(absl::Milliseconds(500)), "500ms");
  EXPECT_EQ(FormatPolicyDuration(absl::ZeroDuration()), "0s");
  EXPECT_EQ(FormatPolicyDuration(-absl::Seconds(61)), "-1m1s");
}

TEST(PolicyDuration, OtherTextsAreRefused) {
  for (const char* text :
       {"", "5", "s", "-5s", "1.5h", "5 s", "5S", "1s1m", "1s1s", "1d", "99999999999999999999s", "01"}) {
    EXPECT_FALSE(ParsePolicyDuration(text).ok()) << text;
  }
}

TEST(Spelling, CountsSwapsAsOne) {
  EXPECT_EQ(ComputeEditDistance("fra", "rfa", 3), 1);
  EXPECT_EQ(ComputeEditDistance("kitten", "sitting", 5), 3);
  EXPECT_EQ(ComputeEditDistance("kitten", "sitting", 2), 3);
  EXPECT_EQ(ComputeEditDistance("", "abc", 9), 3);
}

TEST(Spelling, SuggestsOnlyNearMisses) {
  EXPECT_EQ(ClosestSpelling("treshold", {"traffic", "threshold"}), "threshold");
  EXPECT_EQ(ClosestSpelling("banana", {"traffic", "threshold"}), "");
  EXPECT_EQ(ClosestSpelling("x", {"y"}), "");
}

}  // namespace
}  // namespace placer
