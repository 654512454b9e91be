#include "api/http_message.h"

#include <gtest/gtest.h>

#include "api/prometheus_api.h"

namespace placer {
namespace {

TEST(HttpMessageTest, HeaderNamesAreComparedWithoutCaseAndTheFirstWins) {
  EXPECT_EQ(FindHeader({{"Retry-After", "3"}, {"retry-after", "9"}}, "RETRY-AFTER"), "3");
}

TEST(HttpMessageTest, AMissingHeaderIsEmpty) {
  EXPECT_EQ(FindHeader({{"A", "b"}}, "B"), "");
}

TEST(HttpMessageTest, EncodingKeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(PercentEncode("aZ09-._~ +&=/\"{}\xc3\xa9"), "aZ09-._~%20%2B%26%3D%2F%22%7B%7D%C3%A9");
}

TEST(HttpMessageTest, DecodingUndoesEncodingForEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(PercentDecode(PercentEncode(bytes)), bytes);
}

TEST(HttpMessageTest, DecodingReadsAPlusAsASpaceAndKeepsBadEscapes) {
  EXPECT_EQ(PercentDecode("a+b%2B%zz%4"), "a b+%zz%4");
}

struct AuthorizationCase {
  const char* name;
  const char* token;
  const char* want;
};

class AuthorizationTest : public testing::TestWithParam<AuthorizationCase> {};

TEST_P(AuthorizationTest, SchemeFollowsFromTheToken) {
  EXPECT_EQ(MakeAuthorization(GetParam().token), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Tokens, AuthorizationTest,
    testing::Values(AuthorizationCase{"Empty", "", ""}, AuthorizationCase{"OnlySpaces", " \n", ""},
                    AuthorizationCase{"PlainIsBearer", "abc", "Bearer abc"},
                    AuthorizationCase{"BearerSchemeIsStripped", "bearer abc\n", "Bearer abc"},
                    AuthorizationCase{"MacaroonIsFlyV1", "fm2_x", "FlyV1 fm2_x"},
                    AuthorizationCase{"OldMacaroonIsFlyV1", "fm1r_x", "FlyV1 fm1r_x"},
                    AuthorizationCase{"AnyPartMayBeTheMacaroon", "fo1_a,fm2_b,c", "FlyV1 fo1_a,fm2_b,c"},
                    AuthorizationCase{"FlyV1SchemeIsStripped", "FlyV1 fm2_b", "FlyV1 fm2_b"},
                    AuthorizationCase{"PersonalTokenWithFlyV1SchemeIsBearer", "FlyV1 fo1_a", "Bearer fo1_a"},
                    AuthorizationCase{"SchemeAloneIsAToken", "Bearer", "Bearer Bearer"},
                    AuthorizationCase{"PrefixMustBeginThePart", "xfm2_b", "Bearer xfm2_b"}),
    [](const auto& info) { return info.param.name; });

TEST(HttpMessageTest, OnlyReadsMayBeRepeatedUnlessARequestSaysSo) {
  EXPECT_TRUE(IsRepeatable({.method = "GET"}));
  EXPECT_TRUE(IsRepeatable({.method = "HEAD"}));
  EXPECT_TRUE(IsRepeatable({.method = "POST", .repeatable = true}));
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"})
    EXPECT_FALSE(IsRepeatable({.method = method})) << method;
}

TEST(HttpMessageTest, QueriesOfPrometheusMayBeRepeatedThoughTheyArePosts) {
  const HttpRequest query = BuildInstantQuery("", "", "up", absl::UnixEpoch());
  EXPECT_EQ(query.method, "POST");
  EXPECT_TRUE(IsRepeatable(query));
}

}  // namespace
}  // namespace placer
