#include "api/dotenv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace placer {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

struct LineCase {
  const char* name;
  const char* line;
  const char* value;  // of A
};

class DotenvLine : public ::testing::TestWithParam<LineCase> {};

TEST_P(DotenvLine, GivesTheValue) {
  const ParsedDotenv parsed = ParseDotenv(GetParam().line, ".env");
  EXPECT_THAT(parsed.diagnostics, IsEmpty());
  EXPECT_THAT(parsed.values, UnorderedElementsAre(Pair("A", GetParam().value)));
}

INSTANTIATE_TEST_SUITE_P(All, DotenvLine,
                         ::testing::Values(LineCase{"Plain", "A=b", "b"},
                                           LineCase{"Spaces", "  A = b c  ", "b c"},
                                           LineCase{"Empty", "A=", ""}, LineCase{"Export", "export A=b", "b"},
                                           LineCase{"SingleQuotes", "A='b \"c\" \\n #d'", "b \"c\" \\n #d"},
                                           LineCase{"DoubleQuotes", "A=\"b\\n\\\"c\\\"\" # note", "b\n\"c\""},
                                           LineCase{"Comment", "A=b # note", "b"},
                                           LineCase{"HashInside", "A=b#c", "b#c"},
                                           LineCase{"OnlyAComment", "A= # note", ""},
                                           LineCase{"EqualsInside", "A=FlyV1 x==,y=", "FlyV1 x==,y="},
                                           LineCase{"WindowsLineEnd", "A=b\r\n", "b"},
                                           LineCase{"ByteOrderMark",
                                                    "\xEF\xBB\xBF"
                                                    "A=b",
                                                    "b"},
                                           LineCase{"CommentLines", "# B=c\n\n   # D\nA=b\n", "b"}),
                         [](const auto& info) { return info.param.name; });

TEST(Dotenv, SeveralLines) {
  EXPECT_THAT(ParseDotenv("A=1\nB=2\n", ".env").values, UnorderedElementsAre(Pair("A", "1"), Pair("B", "2")));
}

TEST(Dotenv, LastOfTwoCountsWithAWarning) {
  const ParsedDotenv parsed = ParseDotenv("A=one\nA=two\n", ".env");
  EXPECT_THAT(parsed.values, UnorderedElementsAre(Pair("A", "two")));
  ASSERT_THAT(parsed.diagnostics, SizeIs(1));
  EXPECT_EQ(FormatDiagnostic(parsed.diagnostics[0]),
            ".env:2:1: warning: A: is set twice; the last value counts");
}

TEST(Dotenv, ErrorsNameTheLineAndTheRestIsRead) {
  const ParsedDotenv parsed = ParseDotenv("hello\nA=b\n", ".env");
  EXPECT_THAT(parsed.values, UnorderedElementsAre(Pair("A", "b")));
  ASSERT_THAT(parsed.diagnostics, SizeIs(1));
  EXPECT_EQ(FormatDiagnostic(parsed.diagnostics[0]),
            ".env:1:1: error: is not an assignment; write NAME=value");
}

TEST(Dotenv, NoMessageContainsAValue) {
  for (const char* text : {"A='s3cret", "A=\"s3cret", "A='s3cret' x", "s3cret", "s3-cret=1",
                           "A=s3cret\nA=s3cret", "A=s3cret\xFF", "FlyV1 fm2_s3cret==,x"}) {
    const ParsedDotenv parsed = ParseDotenv(text, ".env");
    ASSERT_THAT(parsed.diagnostics, SizeIs(1)) << text;
    EXPECT_THAT(FormatDiagnostic(parsed.diagnostics[0]), Not(HasSubstr("cret")));
  }
}

TEST(Dotenv, FileOverTheLimitIsRefused) {
  const ParsedDotenv parsed = ParseDotenv("A=" + std::string(64 * 1024 - 1, 'x'), ".env");
  EXPECT_THAT(parsed.values, IsEmpty());
  EXPECT_TRUE(HasErrors(parsed.diagnostics));
}

TEST(Dotenv, FileOfTheLimitIsRead) {
  EXPECT_THAT(ParseDotenv("A=" + std::string(64 * 1024 - 2, 'x'), ".env").values, SizeIs(1));
}

}  // namespace
}  // namespace placer
