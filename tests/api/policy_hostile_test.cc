#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <random>

#include "api/utf8.h"
#include "tests/api/policy_text.h"

namespace placer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(HostilePolicy, BillionLaughsAreRefusedAtTheFirstAlias) {
  std::string text = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name < 'k'; ++name) {
    const std::string alias = absl::StrCat("*", std::string(1, static_cast<char>(name - 1)));
    absl::StrAppend(&text, std::string(1, name), ": &", std::string(1, name), " [", alias, ",", alias, ",",
                    alias, ",", alias, ",", alias, ",", alias, "]\n");
  }
  const ParsedPolicies parsed = Parse(text);
  EXPECT_THAT(parsed.policies, IsEmpty());
  EXPECT_THAT(Show(parsed),
              HasSubstr("p.yaml:2:8: error: an alias (*name) is not supported; write the value out"));
}

TEST(HostilePolicy, AliasOfItselfEnds) {
  EXPECT_THAT(Show(Parse("a: &x [1, *x]\n")), HasSubstr("p.yaml:1:11: error: an alias"));
}

TEST(HostilePolicy, AliasInAFieldIsOneErrorAndTheRestIsStillRead) {
  const ParsedPolicies parsed = ParseWithSpec("  mode: &m Active\n  adopt: *m\n  volumes: Refused\n");
  EXPECT_THAT(Show(parsed), HasSubstr("7:10: error: an alias"));
  EXPECT_THAT(Show(parsed), HasSubstr("8:12: error: spec.volumes"));
  EXPECT_THAT(parsed.diagnostics, SizeIs(2));
}

TEST(HostilePolicy, HundredThousandBracketsAreTooDeep) {
  EXPECT_THAT(Show(Parse(std::string(100000, '['))), HasSubstr(" error: is nested deeper than 32 levels\n"));
}

TEST(HostilePolicy, DeepBlocksAreTooDeep) {
  EXPECT_THAT(Show(Parse(absl::StrReplaceAll(std::string(5000, '-'), {{"-", "- "}}))),
              HasSubstr("deeper than 32"));
  EXPECT_THAT(Show(Parse(std::string(100000, '{'))), HasSubstr("deeper than 32"));
}

TEST(HostilePolicy, FileOfOneMebibyteIsRead) {
  std::string text = kSmallest;
  text += "#" + std::string(kMaxPolicyFileBytes - text.size() - 1, 'x');
  EXPECT_EQ(Show(Parse(text)), "");
}

TEST(HostilePolicy, FileOverOneMebibyteIsRefused) {
  EXPECT_EQ(Show(Parse(std::string(kMaxPolicyFileBytes + 1, ' '))),
            "p.yaml: error: is 1048577 bytes long; at most 1048576 are read\n");
}

TEST(HostilePolicy, TooManyValuesAreRefused) {
  std::string text = "a: [";
  for (int i = 0; i < 450000; ++i) text += "1,";
  EXPECT_THAT(Show(Parse(text + "]\n")), HasSubstr("holds more than 400000 values"));
}

TEST(HostilePolicy, BytesThatAreNotUtf8AreLocated) {
  EXPECT_EQ(Show(Parse("apiVersion: x\nkind: \xC3(\n")),
            "p.yaml:2:7: error: the byte 0xC3 is not UTF-8; save the file as UTF-8\n");
}

TEST(HostilePolicy, Utf16IsNamed) {
  EXPECT_EQ(Show(Parse(std::string("\xFF\xFE"
                                   "a\0",
                                   4))),
            "p.yaml:1:1: error: is UTF-16 text; save the file as UTF-8\n");
}

TEST(HostilePolicy, ByteOrderMarkIsFine) {
  EXPECT_EQ(Show(Parse(absl::StrCat("\xEF\xBB\xBF", kSmallest))), "");
}

TEST(HostilePolicy, WindowsLineEndsAreFine) {
  EXPECT_EQ(Show(Parse(absl::StrReplaceAll(kExample, {{"\n", "\r\n"}}))), "");
}

TEST(HostilePolicy, ControlCharactersDoNotEndTheFileSilently) {
  EXPECT_EQ(Show(Parse(absl::StrCat(kSmallest, "\x04", "nonsense: 1\n"))),
            "p.yaml:6:1: error: the control character 0x04 is not allowed; remove it\n");
  EXPECT_THAT(Show(Parse(std::string("a\0b", 3))), HasSubstr("1:2: error: the control character 0x00"));
}

TEST(HostilePolicy, TabsForIndentationAreExplained) {
  EXPECT_THAT(Show(ParseWithSpec("  threshold:\n\tdeploy: 5\n")),
              HasSubstr("p.yaml:7:2: error: is not YAML: a tab cannot indent; use spaces"));
}

TEST(HostilePolicy, TextAfterAFirstListIsNoSecondDocument) {
  EXPECT_THAT(Show(Parse("- a\nb: 1\n")),
              HasSubstr("p.yaml:2:1: error: does not belong to the document above; check the indentation"));
}

TEST(HostilePolicy, ScalarAndListDocumentsAreNoPolicies) {
  EXPECT_EQ(
      Show(Parse("hello\n---\n- 1\n")),
      "p.yaml:1:1: error: is \"hello\"; a policy is a mapping that starts with apiVersion: "
      "autoplacer.dev/v1\n"
      "p.yaml:3:1: error: is a list; a policy is a mapping that starts with apiVersion: autoplacer.dev/v1\n");
}

TEST(HostilePolicy, EmptyFileHoldsNoPolicy) {
  for (const char* text : {"", "\n", "# nothing\n", "---\n", "---\n---\n", "\xEF\xBB\xBF"}) {
    EXPECT_EQ(Show(Parse(text)), "p.yaml: error: holds no policy; start with apiVersion: autoplacer.dev/v1\n")
        << text;
  }
}

TEST(HostilePolicy, KeyThatIsAMappingIsRefused) {
  EXPECT_THAT(Show(ParseWithSpec("  ? {a: 1}\n  : 5\n")), HasSubstr("found a mapping as a key"));
}

TEST(HostilePolicy, TagIsRefused) {
  EXPECT_THAT(Show(ParseWithSpec("  mode: !secret Active\n")), HasSubstr("6:9: error: the tag \"!secret\""));
}

TEST(HostilePolicy, DiagnosticsAreLimited) {
  std::string lines;
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&lines, "  zz", i, ": 1\n");
  const ParsedPolicies parsed = ParseWithSpec(lines);
  ASSERT_THAT(parsed.diagnostics, SizeIs(101));
  EXPECT_EQ(parsed.diagnostics.back().message, "4900 more are not shown");
}

// Cuts and flips must end in policies or in a diagnostic, never in both or neither.
TEST(HostilePolicy, EveryDamageEndsInAnAnswer) {
  const std::string example = kExample;
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string text = example.substr(0, random() % 4 == 0 ? random() % example.size() : example.size());
    for (unsigned flips = random() % 4; flips > 0 && !text.empty(); --flips) {
      text[random() % text.size()] = static_cast<char>(random() % 256);
    }
    const ParsedPolicies parsed = Parse(text);
    EXPECT_EQ(parsed.policies.empty(), HasErrors(parsed.diagnostics)) << text;
  }
}

TEST(HostilePolicy, AnUnknownKeyThatATerminalWouldObeyIsQuoted) {
  const std::string shown = Show(ParseWithSpec("  \"\\e[2J\\n\": 1\n"));
  EXPECT_THAT(shown, HasSubstr("spec.\"\\u001b[2J\\n\""));
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
}

TEST(HostilePolicy, AKeyGivenTwiceThatATerminalWouldObeyIsQuoted) {
  const std::string shown = Show(ParseWithSpec("  \"\\e[2J\": 1\n  \"\\e[2J\": 2\n"));
  EXPECT_THAT(shown, HasSubstr("spec.\"\\u001b[2J\""));
  EXPECT_THAT(shown, HasSubstr("is given twice"));
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
}

TEST(HostilePolicy, ALongKeyIsCutAtACharactersBorder) {
  const std::string key = "x" + std::string(absl::StrReplaceAll(std::string(50, 'e'), {{"e", "\xC3\xA9"}}));
  for (const Diagnostic& found : ParseWithSpec(absl::StrCat("  ", key, ": 1\n")).diagnostics)
    EXPECT_EQ(FindInvalidUtf8(found.field), absl::string_view::npos) << found.field;
}

// Of the processor, so that a busy machine does not count.
double SecondsToRead(const std::string& text) {
  const std::clock_t start = std::clock();
  EXPECT_THAT(Parse(text, {.default_app = "shop"}).diagnostics, testing::Not(IsEmpty()));
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

std::string Repeat(int times, const std::string& code) {
  std::string list;
  for (int i = 0; i < times; ++i) list += code;
  return list;
}

// Compared code by code, the two lists would take fifty times as long as the one.
TEST(HostilePolicy, TwoLongListsOfRegionsTakeNoLongerThanOneOfBoth) {
  const std::string both = absl::StrCat(Repeat(120'000, "aaa,"), Repeat(120'000, "bbb,"));
  const double one = SecondsToRead(absl::StrCat("allowed_regions: [", both, "]\n"));
  EXPECT_LT(SecondsToRead(absl::StrCat("allowed_regions: [", Repeat(120'000, "aaa,"),
                                       "]\nexcluded_regions: [", Repeat(120'000, "bbb,"), "]\n")),
            10 * one);
  EXPECT_LT(SecondsToRead(absl::StrCat(kSmallest, "  regions:\n    allowed: [", Repeat(120'000, "aaa,"),
                                       "]\n    excluded: [", Repeat(120'000, "bbb,"), "]\n")),
            10 * one);
}

// Likewise where each item is looked for behind all keys.
TEST(HostilePolicy, ALongListBehindManyKeysTakesNoLongerThanBeforeThem) {
  std::string keys;
  for (int i = 0; i < 50'000; ++i) absl::StrAppend(&keys, "  k", i, ": 1\n");
  const std::string list = absl::StrCat("  regions:\n    allowed: [", Repeat(90'000, "aaa,"), "]\n");
  EXPECT_LT(SecondsToRead(absl::StrCat(kSmallest, keys, list)),
            5 * SecondsToRead(absl::StrCat(kSmallest, list, keys)));
}

}  // namespace
}  // namespace placer
