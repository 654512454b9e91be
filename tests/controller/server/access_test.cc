#include "controller/server/access.h"

#include <gtest/gtest.h>

namespace placer {
namespace {

constexpr char kToken[] = "correct-horse";

HttpRequest Post(std::vector<std::pair<std::string, std::string>> headers) {
  return {.method = "POST", .target = "/trigger", .headers = std::move(headers)};
}

struct HostCase {
  const char* text;
  bool loopback;
};

TEST(LoopbackHost, AcceptsTheSpellingsThatBrowsersWriteAndNoOthers) {
  const HostCase cases[] = {
      {"localhost", true},
      {"LOCALHOST:8000", true},
      {"127.0.0.1", true},
      {"127.0.0.1:65535", true},
      {"127.255.1.2:1", true},
      {"[::1]", true},
      {"[::1]:8000", true},
      {"", false},
      {"evil.example", false},
      {"localhost.evil.example", false},
      {"127.0.0.1.evil.example", false},
      {"127.0.0.256", false},
      {"127.1", false},
      {"128.0.0.1", false},
      {"0.0.0.0", false},
      {"::1", false},
      {"[::1", false},
      {"[::2]:80", false},
      {"[::1]80", false},
      {"localhost:", false},
      {"localhost:port", false},
      {"localhost:65536", false},
      {"user@localhost", false},
      {"localhost@evil.example", false},
      {"localhost:80:80", false},
  };
  for (const HostCase& each : cases) EXPECT_EQ(IsLoopbackHost(each.text), each.loopback) << each.text;
}

TEST(LoopbackOrigin, NeedsASchemeOfTheWebAndALoopbackHost) {
  EXPECT_TRUE(IsLoopbackOrigin("http://localhost:3000"));
  EXPECT_TRUE(IsLoopbackOrigin("https://127.0.0.1"));
  for (const char* each :
       {"null", "", "http://evil.example", "http://localhost.evil.example", "localhost:8000",
        "file://localhost", "http://localhost/path", "https://evil.example#http://localhost"}) {
    EXPECT_FALSE(IsLoopbackOrigin(each)) << each;
  }
}

TEST(TokensEqual, OnlyWhereEveryByteAndTheLengthAgree) {
  const std::string nul("ab\0c", 4);
  EXPECT_TRUE(TokensEqual("abc", "abc"));
  EXPECT_TRUE(TokensEqual("", ""));
  EXPECT_TRUE(TokensEqual(nul, nul));
  EXPECT_FALSE(TokensEqual("abc", "abd"));
  EXPECT_FALSE(TokensEqual("abc", "bbc"));
  EXPECT_FALSE(TokensEqual("abc", "ab"));
  EXPECT_FALSE(TokensEqual("ab", "abc"));
  EXPECT_FALSE(TokensEqual("abcabc", "abc"));
  EXPECT_FALSE(TokensEqual("", "abc"));
  EXPECT_FALSE(TokensEqual("abc", ""));
  EXPECT_FALSE(TokensEqual(nul, std::string("ab\0d", 4)));
}

TEST(MutatingCall, NeedsNoTokenOnLoopbackFromACommandLine) {
  EXPECT_TRUE(CheckMutatingCall(Post({{"Host", "127.0.0.1:8000"}}), {.loopback = true}).ok());
}

TEST(MutatingCall, NeedsNoTokenOnLoopbackEvenWhereOneIsSet) {
  EXPECT_TRUE(
      CheckMutatingCall(Post({{"Host", "localhost:8000"}}), {.loopback = true, .token = kToken}).ok());
}

TEST(MutatingCall, FromAWebPageOfAnotherOriginIsRefusedOnLoopback) {
  const auto request = Post({{"Host", "127.0.0.1:8000"}, {"Origin", "https://evil.example"}});
  EXPECT_EQ(CheckMutatingCall(request, {.loopback = true}).code(), absl::StatusCode::kPermissionDenied);
}

TEST(MutatingCall, FromASandboxedFrameIsRefusedOnLoopback) {
  const auto request = Post({{"Host", "127.0.0.1:8000"}, {"Origin", "null"}});
  EXPECT_EQ(CheckMutatingCall(request, {.loopback = true}).code(), absl::StatusCode::kPermissionDenied);
}

TEST(MutatingCall, ThroughARebindingNameIsRefusedOnLoopback) {
  const auto request = Post({{"Host", "evil.example:8000"}, {"Origin", "http://evil.example:8000"}});
  EXPECT_EQ(CheckMutatingCall(request, {.loopback = true}).code(), absl::StatusCode::kPermissionDenied);
}

TEST(MutatingCall, FromAPageOfTheSameServerIsAllowedOnLoopback) {
  const auto request = Post({{"Host", "localhost:8000"}, {"Origin", "http://localhost:8000"}});
  EXPECT_TRUE(CheckMutatingCall(request, {.loopback = true}).ok());
}

TEST(MutatingCall, WithoutAHostIsRefusedOnLoopback) {
  EXPECT_EQ(CheckMutatingCall(Post({}), {.loopback = true}).code(), absl::StatusCode::kPermissionDenied);
}

TEST(MutatingCall, WithTwoHostsOrAnyForeignOriginIsRefusedOnLoopback) {
  EXPECT_FALSE(
      CheckMutatingCall(Post({{"Host", "localhost"}, {"Host", "localhost"}}), {.loopback = true}).ok());
  EXPECT_FALSE(
      CheckMutatingCall(
          Post({{"Host", "localhost"}, {"Origin", "http://localhost"}, {"origin", "http://evil.example"}}),
          {.loopback = true})
          .ok());
}

TEST(MutatingCall, WithTheTokenPassesThroughAReverseProxyToLoopback) {
  const auto request = Post({{"Host", "placer.example"}, {"Authorization", "Bearer correct-horse"}});
  EXPECT_TRUE(CheckMutatingCall(request, {.loopback = true, .token = kToken}).ok());
}

TEST(MutatingCall, OffLoopbackIsOffWithoutAConfiguredToken) {
  const auto request = Post({{"Host", "localhost"}, {"Authorization", "Bearer "}});
  EXPECT_EQ(CheckMutatingCall(request, {.loopback = false}).code(), absl::StatusCode::kPermissionDenied);
}

TEST(MutatingCall, OffLoopbackNeedsTheTokenWhateverTheHostSays) {
  const auto request = Post({{"Host", "localhost"}});
  EXPECT_EQ(CheckMutatingCall(request, {.loopback = false, .token = kToken}).code(),
            absl::StatusCode::kUnauthenticated);
}

TEST(MutatingCall, OffLoopbackPassesWithTheTokenInAnyCaseOfTheScheme) {
  const auto request = Post({{"authorization", "bearer correct-horse"}});
  EXPECT_TRUE(CheckMutatingCall(request, {.loopback = false, .token = kToken}).ok());
}

TEST(MutatingCall, WithAWrongTokenIsRefusedAndNamesNeither) {
  for (const char* value :
       {"Bearer wrong-horse", "Basic correct-horse", "correct-horse", "Bearer", "Bearer correct-horsey"}) {
    for (const bool loopback : {false, true}) {
      const auto request = Post({{"Host", "localhost"}, {"Authorization", value}});
      const absl::Status status = CheckMutatingCall(request, {.loopback = loopback, .token = kToken});
      EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << value;
      EXPECT_EQ(std::string(status.message()).find("horse"), std::string::npos) << value;
    }
  }
}

TEST(MutatingCall, WithTwoAuthorizationsIsRefused) {
  const auto request = Post({{"Authorization", "Bearer correct-horse"}, {"Authorization", "Bearer other"}});
  EXPECT_FALSE(CheckMutatingCall(request, {.loopback = false, .token = kToken}).ok());
}

}  // namespace
}  // namespace placer
