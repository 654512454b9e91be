#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/json_writer.h"
#include "api/utf8.h"

namespace placer {
namespace {

TEST(Utf8Test, EveryByteAloneBecomesValidJson) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("a") + static_cast<char>(byte) + "z";
    boost::system::error_code error;
    const auto parsed = boost::json::parse(FormatJsonString(text), error);
    ASSERT_FALSE(error) << byte;
    const std::string back(parsed.as_string().c_str(), parsed.as_string().size());
    EXPECT_EQ(back, byte < 0x80 ? text : "a\xEF\xBF\xBDz") << byte;
  }
}

TEST(Utf8Test, ControlCharactersAndLineSeparatorsAreEscaped) {
  EXPECT_EQ(FormatJsonString("\x1b[31m\n\x7f\xC2\x85\xE2\x80\xA8"), R"("\u001b[31m\n\u007f\u0085\u2028")");
}

TEST(Utf8Test, WellFormedTextStays) {
  const std::string text = "Zürich \xE6\x9D\xB1\xE4\xBA\xAC \xF0\x9F\x9A\x80 \xED\x9F\xBF \xF4\x8F\xBF\xBF";
  EXPECT_EQ(ReplaceInvalidUtf8(text), text);
}

struct Malformed {
  const char* name;
  std::string text;
  int replaced;
};

class MalformedTest : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedTest, IsReplacedByteByByte) {
  std::string want;
  for (int i = 0; i < GetParam().replaced; ++i) want += "\xEF\xBF\xBD";
  EXPECT_EQ(ReplaceInvalidUtf8(GetParam().text), want);
}

INSTANTIATE_TEST_SUITE_P(
    , MalformedTest,
    testing::Values(Malformed{"Overlong", "\xC0\xAF", 2}, Malformed{"OverlongThree", "\xE0\x80\xAF", 3},
                    Malformed{"Surrogate", "\xED\xA0\x80", 3}, Malformed{"TooLarge", "\xF4\x90\x80\x80", 4},
                    Malformed{"Truncated", "\xE6\x9D", 2}, Malformed{"OverlongFour", "\xF0\x8F\xBF\xBF", 4}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace placer
