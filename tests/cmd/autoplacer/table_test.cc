#include "cmd/autoplacer/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"

namespace placer {
namespace {

Table MakeTable() {
  return {.columns = {{"REGION"}, {"SHORT", true}, {"REASON"}},
          .rows = {{.cells = {"fra", "12.5", "Traffic is above the threshold"}, .tone = Tone::kGood},
                   {.cells = {"ams", "7.0"}, .tone = Tone::kDim}}};
}

TEST(Table, AlignsWordsLeftAndNumbersRightWithoutTrailingSpaces) {
  EXPECT_EQ(RenderTable(MakeTable(), {}),
            "REGION  SHORT  REASON\n"
            "fra      12.5  Traffic is above the threshold\n"
            "ams       7.0\n");
}

TEST(Table, CutsTheLastColumnWithAnEllipsis) {
  const std::string text = RenderTable(MakeTable(), {.width = 26});
  EXPECT_THAT(text, ::testing::HasSubstr("fra      12.5  Traffic is\xE2\x80\xA6\n"));
}

TEST(Table, NoLineIsWiderThanTheTerminalHoweverNarrow) {
  for (int width = 1; width < 60; ++width) {
    const std::string text = RenderTable(MakeTable(), {.width = width});
    for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n'))) {
      EXPECT_LE(CountColumns(line), width);
    }
  }
}

TEST(Table, ColoursWholeRowsOnlyWhereAsked) {
  EXPECT_THAT(RenderTable(MakeTable(), {}), ::testing::Not(::testing::HasSubstr("\x1b")));
  const std::string text = RenderTable(MakeTable(), {.colour = true});
  EXPECT_THAT(text, ::testing::HasSubstr("\x1b[32mfra"));
  EXPECT_THAT(text, ::testing::HasSubstr("\x1b[2mams"));
}

TEST(Table, ColourDoesNotChangeWhatIsCut) {
  const std::string text = RenderTable(MakeTable(), {.width = 26, .colour = true});
  EXPECT_THAT(text, ::testing::HasSubstr("Traffic is\xE2\x80\xA6\x1b[0m\n"));
}

TEST(Table, ControlCharactersInTextCannotReachTheTerminal) {
  const Table table{.columns = {{"A"}, {"B"}}, .rows = {{.cells = {"x\x1b[2Jy", "one\ntwo\xC2\x9Bz"}}}};
  EXPECT_EQ(RenderTable(table, {}), "A       B\nx [2Jy  one two z\n");
}

TEST(FitLine, CountsCodePointsAndNotBytes) {
  EXPECT_EQ(CountColumns("Z\xC3\xBCrich"), 6);
  EXPECT_EQ(FitLine("Z\xC3\xBCrich", 6), "Z\xC3\xBCrich");
  EXPECT_EQ(FitLine("Z\xC3\xBCrich", 3), "Z\xC3\xBC\xE2\x80\xA6");
}

TEST(FitLine, ZeroMeansNoLimit) {
  EXPECT_EQ(FitLine("a long line", 0), "a long line");
}

}  // namespace
}  // namespace placer
