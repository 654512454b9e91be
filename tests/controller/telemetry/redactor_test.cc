#include "controller/telemetry/redactor.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "api/json_writer.h"

namespace placer {
namespace {

constexpr char kToken[] = "fm2_lJ/PE+CA==,\"q\\uote d";

std::string PercentEncodeAll(const std::string& text, bool upper) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte)) {
      encoded += c;
    } else {
      encoded += upper ? absl::StrFormat("%%%02X", byte) : absl::StrFormat("%%%02x", byte);
    }
  }
  return encoded;
}

struct Spelling {
  const char* name;
  std::string text;
};

class SpellingTest : public testing::TestWithParam<Spelling> {};

TEST_P(SpellingTest, IsRedacted) {
  EXPECT_EQ(Redactor({kToken}).Redact("a " + GetParam().text + " b"), "a [redacted] b");
}

INSTANTIATE_TEST_SUITE_P(
    , SpellingTest,
    testing::Values(Spelling{"Plain", kToken}, Spelling{"PercentUpper", PercentEncodeAll(kToken, true)},
                    Spelling{"PercentLower", PercentEncodeAll(kToken, false)},
                    Spelling{"PercentInPart", "fm2_lJ/PE%2BCA==,%22q\\uote d"},
                    Spelling{"FormWithPlus", "fm2_lJ%2FPE%2BCA%3D%3D%2C%22q%5Cuote+d"},
                    Spelling{"Json", "fm2_lJ/PE+CA==,\\\"q\\\\uote d"},
                    Spelling{"JsonWithSlashes", "fm2_lJ\\/PE+CA==,\\\"q\\\\uote d"},
                    Spelling{"JsonWithNumbers", "fm2_lJ\\u002fPE\\u002BCA\\u003d=,\\\"q\\\\uote\\u0020d"},
                    Spelling{"Mixed", "f%6d2_lJ\\/PE%2bCA=%3D,\\u0022q\\\\uote+d"}),
    [](const auto& param) { return param.param.name; });

TEST(RedactorTest, TheJsonWriterOfThisProgramIsCovered) {
  const std::string quoted = FormatJsonString(kToken);
  EXPECT_EQ(Redactor({kToken}).Redact(quoted), "\"[redacted]\"");
}

TEST(RedactorTest, BoostJsonIsCovered) {
  EXPECT_EQ(Redactor({kToken}).Redact(boost::json::serialize(boost::json::string(kToken))), "\"[redacted]\"");
}

TEST(RedactorTest, EveryOccurrenceOfEverySecret) {
  EXPECT_EQ(Redactor({"alpha", "omega"}).Redact("omegaalpha, alpha"), "[redacted][redacted], [redacted]");
}

TEST(RedactorTest, TheLongerOfTwoSecretsWins) {
  EXPECT_EQ(Redactor({"token", "token-and-more"}).Redact("token-and-more!"), "[redacted]!");
}

TEST(RedactorTest, TextWithoutASecretStaysAsItIs) {
  const std::string text = "100% \\u00e9 %2 %zz \\ fm2_lJ/PE+CA=";
  EXPECT_EQ(Redactor({kToken}).Redact(text), text);
}

TEST(RedactorTest, AShortSecretWouldRedactOrdinaryWords) {
  EXPECT_EQ(Redactor({"", "the"}).Redact("the app"), "the app");
}

TEST(RedactorTest, EveryPartOfATokenListIsASecret) {
  const Redactor redactor({"FlyV1 fm2_firstpartofthetoken,fm2_secondpartofthetoken"});
  EXPECT_EQ(redactor.Redact("FlyV1: fm2_secondpartofthetoken"), "FlyV1: [redacted]");
  EXPECT_EQ(redactor.Redact("fm2_firstpartofthetoken"), "[redacted]");
}

TEST(RedactorTest, HostileTextTakesNoExponentialTime) {
  const std::string backslashes(300, '\\');
  const std::string redacted = Redactor({std::string(60, '\\') + "x"}).Redact(backslashes);
  EXPECT_EQ(redacted, backslashes);
}

}  // namespace
}  // namespace placer
