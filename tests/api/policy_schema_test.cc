// The schema's patterns against the parser: what one takes, the other must. How both judge whole files is
// compared by tests/schema/run, with the language server that editors use.
#include "api/policy_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <regex>

#include "tests/api/policy_text.h"

namespace placer {
namespace {

namespace json = boost::json;

// The schema of the field with this JSON pointer, such as "/spec/interval".
json::object SchemaOf(const std::string& pointer) {
  static const json::value schema = json::parse(FormatPolicySchema());
  return schema.at_pointer(absl::StrReplaceAll(pointer, {{"/", "/properties/"}})).as_object();
}

std::string PatternOf(const json::object& schema) {
  return schema.at("pattern").as_string().c_str();
}

// Both take `text` in quotes, or neither does. `lines`: how the field is given, $ for its value.
void ExpectAgreement(const std::string& pattern, const std::string& lines, const std::string& text) {
  const std::string quoted = absl::StrCat("'", text, "'");
  EXPECT_EQ(std::regex_search(text, std::regex(pattern)),
            !HasErrors(ParseWithSpec(absl::StrReplaceAll(lines, {{"$", quoted}})).diagnostics))
      << text << " and " << pattern;
}

TEST(PolicySchema, DurationPatternsTakeWhatTheParserTakes) {
  for (const char* text :
       {"",         "0",       "00",      "0s",     "0ms",     "0h0m0s0ms", "1",     "1ms",  "999ms",
        "0999ms",   "1000ms",  "01000ms", "1500ms", "10000ms", "1s",        "01s",   "10s",  "1m",
        "0m1ms",    "0s1ms",   "0m1s",    "1m0ms",  "1h30m",   "1h30m15s",  "1m1h",  "1s1s", "1s500ms",
        "1s2000ms", "0s000ms", "5ms5s",   "1S",     "1 s",     " 1s",       "1s ",   "1.5s", "-1s",
        "+1s",      "1d",      "s",       "ms",     "h1",      "1h1ms",     "30m15s"}) {
    ExpectAgreement(PatternOf(SchemaOf("/spec/behavior/scaleUp/cooldown")),
                    "  behavior: {scaleUp: {cooldown: $}}\n", text);
    ExpectAgreement(PatternOf(SchemaOf("/spec/behavior/scaleUp/per")), "  behavior: {scaleUp: {per: $}}\n",
                    text);
    ExpectAgreement(PatternOf(SchemaOf("/spec/traffic/resolution")),
                    "  interval: 1s\n  traffic: {resolution: $, maxAge: 720h}\n", text);
  }
}

TEST(PolicySchema, NamePatternsTakeWhatTheParserTakes) {
  for (const std::string& text :
       {std::string(), std::string("a"), std::string("-"), std::string("a-"), std::string("-a"),
        std::string("a-b"), std::string("a--b"), std::string("0"), std::string("A"), std::string("_"),
        std::string("a_B"), std::string("a.b"), std::string("a b"), std::string("ä"), std::string(62, 'a'),
        std::string(63, 'a'), std::string(64, 'a'), std::string(62, 'a') + "-"}) {
    ExpectAgreement(PatternOf(SchemaOf("/spec/processGroup")), "  processGroup: $\n", text);
    const std::string named = absl::StrReplaceAll(kSmallest, {{"my-app", absl::StrCat("'", text, "'")}});
    EXPECT_EQ(std::regex_search(text, std::regex(PatternOf(SchemaOf("/spec/app")))),
              !HasErrors(Parse(named).diagnostics))
        << text;
  }
}

TEST(PolicySchema, RegionPatternTakesWhatTheParserTakes) {
  const json::object items = SchemaOf("/spec/regions/allowed").at("items").as_object();
  for (const char* text : {"fra", "zzz", "", "fr", "fran", "FRA", "fr1", "f-a", " fra", "fra "}) {
    ExpectAgreement(PatternOf(items), "  regions: {allowed: [$]}\n", text);
  }
}

}  // namespace
}  // namespace placer
