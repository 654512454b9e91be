#include "cmd/autoplacer/yaml_output.h"

#include <gtest/gtest.h>

namespace placer {
namespace {

TEST(YamlOutput, WritesNestedAnswersInBlockStyle) {
  const auto yaml = ConvertJsonToYaml(
      R"({"kind":"List","items":[{"name":"web","regions":["fra","ams"],"empty":[]},{"name":"api","spec":{"a":1}}],"none":{}})");
  ASSERT_TRUE(yaml.ok()) << yaml.status();
  EXPECT_EQ(*yaml,
            "kind: List\n"
            "items:\n"
            "  - name: web\n"
            "    regions:\n"
            "      - fra\n"
            "      - ams\n"
            "    empty: []\n"
            "  - name: api\n"
            "    spec:\n"
            "      a: 1\n"
            "none: {}\n");
}

TEST(YamlOutput, QuotesWhatYamlWouldReadAsSomethingElse) {
  const auto yaml = ConvertJsonToYaml(
      R"({"a":"no","b":"12","c":"","d":"x: y","e":"null","f":"line\nbreak","g":"fra","y":"-"})");
  ASSERT_TRUE(yaml.ok()) << yaml.status();
  EXPECT_EQ(
      *yaml,
      "a: \"no\"\nb: \"12\"\nc: \"\"\nd: \"x: y\"\ne: \"null\"\nf: \"line\\nbreak\"\ng: fra\n\"y\": \"-\"\n");
}

TEST(YamlOutput, WritesNumbersAsPeopleDo) {
  const auto yaml = ConvertJsonToYaml(R"([12.5,1,-3,0.1,true,null])");
  ASSERT_TRUE(yaml.ok()) << yaml.status();
  EXPECT_EQ(*yaml, "- 12.5\n- 1\n- -3\n- 0.1\n- true\n- null\n");
}

TEST(YamlOutput, RefusesWhatIsNoJson) {
  EXPECT_EQ(ConvertJsonToYaml("<html>").status().code(), absl::StatusCode::kInternal);
}

TEST(YamlOutput, JsonStaysAsItIsAndEndsWithANewline) {
  EXPECT_EQ(*FormatAnswer("{\"a\":1E0}", OutputFormat::kJson), "{\"a\":1E0}\n");
  EXPECT_EQ(*FormatAnswer("{}\n", OutputFormat::kJson), "{}\n");
}

}  // namespace
}  // namespace placer
