#include "controller/net/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "controller/net/http_client.h"
#include "tests/controller/net/loopback.h"

namespace placer {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

// A lookup that a test completes when it likes.
struct FakeLookup {
  int calls = 0;
  std::vector<Resolver::LookupDone> pending;

  std::shared_ptr<Resolver> MakeResolver(asio::io_context& io) {
    return std::make_shared<Resolver>(io, [this](std::string, std::string, Resolver::LookupDone done) {
      ++calls;
      pending.push_back(std::move(done));
    });
  }
};

class ResolverTest : public testing::Test {
 protected:
  std::unique_ptr<HttpClient> MakeClient(const std::string& url, HttpClientOptions options = {}) {
    return std::make_unique<HttpClient>(io_, *ParseUrl(url), std::move(options));
  }
  absl::StatusOr<HttpResponse> Send(HttpClient& client, HttpRequest request = {}) {
    return RunTask(io_, client.Send(std::move(request)));
  }
  static tcp::endpoint Loopback(unsigned short port) { return {asio::ip::make_address("127.0.0.1"), port}; }
  std::unique_ptr<HttpClient> MakeNamedClient(absl::Duration timeout = absl::Seconds(10)) {
    return MakeClient("http://name.test:80", {.timeout = timeout, .resolver = lookup_.MakeResolver(io_)});
  }
  void AnswerWhenAsked(boost::system::error_code error, Endpoints endpoints) {
    asio::post(io_, [this, error, endpoints] {
      if (lookup_.pending.empty()) return AnswerWhenAsked(error, endpoints);
      for (const Resolver::LookupDone& done : std::exchange(lookup_.pending, {})) done(error, endpoints);
    });
  }

  asio::io_context io_;
  FakeLookup lookup_;
};

TEST_F(ResolverTest, AHungLookupMeetsTheDeadline) {
  const auto response = Send(*MakeNamedClient(absl::Milliseconds(30)));
  EXPECT_EQ(response.status().code(), StatusCode::kDeadlineExceeded);
  EXPECT_THAT(response.status().message(), HasSubstr("resolving the host name"));
}

TEST_F(ResolverTest, TheNextCallJoinsALookupThatIsStillRunning) {
  RawServer server(io_, Always(kKeptAnswer));
  const auto client = MakeNamedClient();
  ASSERT_FALSE(Send(*client, {.timeout = absl::Milliseconds(50)}).ok());
  AnswerWhenAsked({}, {Loopback(server.port())});
  EXPECT_TRUE(Send(*client).ok());
  EXPECT_EQ(lookup_.calls, 1);
}

TEST_F(ResolverTest, AnswersAreKept) {
  RawServer server(io_, OnceThenClose(kKeptAnswer));
  const auto client = MakeNamedClient();
  AnswerWhenAsked({}, {Loopback(server.port())});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Send(*client).ok());
  EXPECT_EQ(lookup_.calls, 1);
}

TEST_F(ResolverTest, FailuresAreNotKept) {
  RawServer server(io_, Always(kKeptAnswer));
  const auto client = MakeNamedClient();
  AnswerWhenAsked(asio::error::host_not_found, {});
  const auto first = Send(*client);
  EXPECT_EQ(first.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(first.status().message(), HasSubstr("cannot resolve name.test: Host not found"));
  AnswerWhenAsked({}, {Loopback(server.port())});
  EXPECT_TRUE(Send(*client).ok());
}

TEST_F(ResolverTest, EveryAddressIsTried) {
  RawServer server(io_, Always(kKeptAnswer));
  unsigned short closed = 0;
  {
    RawServer gone(io_, StayMute);
    closed = gone.port();
  }
  AnswerWhenAsked({}, {Loopback(closed), Loopback(server.port())});
  const auto response = Send(*MakeNamedClient());
  EXPECT_TRUE(response.ok()) << response.status();
}

TEST_F(ResolverTest, AnAddressThatNoLongerAnswersIsLookedUpAfresh) {
  RawServer server(io_, Always(kKeptAnswer));
  unsigned short closed = 0;
  {
    RawServer gone(io_, StayMute);
    closed = gone.port();
  }
  const auto client = MakeNamedClient();
  AnswerWhenAsked({}, {Loopback(closed)});
  ASSERT_FALSE(Send(*client).ok());
  AnswerWhenAsked({}, {Loopback(server.port())});
  EXPECT_TRUE(Send(*client).ok());
  EXPECT_EQ(lookup_.calls, 2);
}

TEST_F(ResolverTest, NumericHostsAreNeverLookedUp) {
  RawServer server(io_, Always(kKeptAnswer));
  ASSERT_TRUE(Send(*MakeClient(server.url(), {.resolver = lookup_.MakeResolver(io_)})).ok());
  EXPECT_EQ(lookup_.calls, 0);
}

TEST_F(ResolverTest, TheSystemKnowsLocalhost) {
  Resolver resolver(io_);
  const auto endpoints = RunTask(io_, resolver.Resolve("localhost", "80"));
  ASSERT_TRUE(endpoints.ok()) << endpoints.status();
  EXPECT_TRUE((*endpoints)[0].address().is_loopback());
}

}  // namespace
}  // namespace placer
