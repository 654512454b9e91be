#include "cmd/autoplacer/rtt_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace placer {
namespace {

using ::testing::HasSubstr;

TEST(RttFile, ReadsAMatrixByFromAndTo) {
  const absl::StatusOr<RttMatrix> matrix =
      ParseRttMatrix("from,ams,fra\nams,0.5,7.25\nfra,8,0.5\n", "rtt.csv");
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_EQ(matrix->size(), 4u);
  EXPECT_EQ(matrix->at({"ams", "fra"}), 7.25);
  EXPECT_EQ(matrix->at({"fra", "ams"}), 8);
}

TEST(RttFile, AcceptsWindowsLinesCommentsBlankLinesSpacesAndEmptyCells) {
  const absl::StatusOr<RttMatrix> matrix =
      ParseRttMatrix("\xEF\xBB\xBF# measured by us\r\nfrom, ams, fra\r\n\r\nams, , 7\r\n", "rtt.csv");
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_THAT(*matrix, ::testing::ElementsAre(::testing::Pair(::testing::Pair("ams", "fra"), 7)));
}

TEST(RttFile, MistakesAreNamedWithTheirLine) {
  struct Case {
    const char* text;
    const char* says;
  };
  const Case cases[] = {
      {"", "no round-trip times"},
      {"from,ams\n", "no round-trip times"},
      {"to,ams\nams,1\n", "rtt.csv:1: the first line must be from,CODE"},
      {"from\n", "rtt.csv:1:"},
      {"from,AMS\nams,1\n", "\"AMS\" is no code"},
      {"from,ams,ams\nams,1,1\n", "rtt.csv:1: ams comes twice"},
      {"from,ams,fra\nams,1\n", "rtt.csv:2: ams has 1 numbers; the first line names 2"},
      {"from,ams\nams,1,2\n", "rtt.csv:2: ams has 2 numbers"},
      {"from,ams\nams,x\n", "rtt.csv:2: ams to ams: \"x\""},
      {"from,ams\nams,-1\n", "milliseconds from 0 to 60000"},
      {"from,ams\nams,nan\n", "\"nan\""},
      {"from,ams\nams,inf\n", "\"inf\""},
      {"from,ams\nams,60001\n", "\"60001\""},
      {"from,ams\nams,1\nams,2\n", "rtt.csv:3: a second line for ams"},
      {"from,ams\n\x01\x02,1\n", "\"\\x01\\x02\" is no code"},
  };
  for (const Case& each : cases) {
    const absl::StatusOr<RttMatrix> matrix = ParseRttMatrix(each.text, "rtt.csv");
    EXPECT_EQ(matrix.status().code(), absl::StatusCode::kInvalidArgument) << each.text;
    EXPECT_THAT(std::string(matrix.status().message()), HasSubstr(each.says));
  }
}

TEST(RttFile, AFileThatIsNotThereIsNamed) {
  const absl::StatusOr<RttMatrix> matrix = ReadRttFile("/nonexistent/rtt.csv");
  EXPECT_EQ(matrix.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(matrix.status().message()), HasSubstr("/nonexistent/rtt.csv"));
}

TEST(RttFile, ReadsAMeasuredMatrixOfAllRegions) {
  const char* folder = std::getenv("FLY_AUTOPLACER_DATA");
  if (folder == nullptr) GTEST_SKIP() << "FLY_AUTOPLACER_DATA is not set";
  const absl::StatusOr<RttMatrix> matrix = ReadRttFile(std::string(folder) + "/fly/rtt_ms.csv");
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_EQ(matrix->size(), 37u * 37u);
}

}  // namespace
}  // namespace placer
