#include "controller/net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include "absl/strings/str_cat.h"
#include "tests/controller/net/loopback.h"

namespace placer {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
using testing::Not;
class HttpClientTest : public testing::Test {
 protected:
  std::unique_ptr<HttpClient> MakeClient(const std::string& url, HttpClientOptions options = {}) {
    return std::make_unique<HttpClient>(io_, *ParseUrl(url), std::move(options));
  }
  absl::StatusOr<HttpResponse> Send(HttpClient& client, HttpRequest request = {}) {
    return RunTask(io_, client.Send(std::move(request)));
  }

  asio::io_context io_;
};

TEST_F(HttpClientTest, AnAnswerIsAValueWhateverItsStatus) {
  RawServer server(
      io_, Always("HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nX: a\r\nX: b\r\nContent-Length: 4\r\n\r\nbusy"));
  const auto client = MakeClient(server.url());
  const auto response = Send(*client);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->body, "busy");
  EXPECT_EQ(FindHeader(response->headers, "retry-after"), "3");
  EXPECT_EQ(response->headers.size(), 4);
}

TEST_F(HttpClientTest, TheRequestArrivesAsItWasBuilt) {
  std::string seen;
  RawServer server(io_, [&seen](Socket socket, int) -> Task<void> {
    return [](Socket s, std::string& text) -> Task<void> {
      text = co_await ReadUntil(s, "body");
      co_await WriteText(s, kKeptAnswer);
    }(socket, seen);
  });
  const auto client = MakeClient(server.url());
  ASSERT_TRUE(
      Send(*client, {.method = "POST", .target = "/p?q=1", .headers = {{"A", "b"}}, .body = "body"}).ok());
  EXPECT_EQ(seen, absl::StrCat("POST /p?q=1 HTTP/1.1\r\nHost: 127.0.0.1:", server.port(),
                               "\r\nUser-Agent: fly-autoplacer\r\nA: b\r\nContent-Length: 4\r\n\r\nbody"));
}

TEST_F(HttpClientTest, AConnectionIsUsedAgain) {
  RawServer server(io_, Always(kKeptAnswer));
  const auto client = MakeClient(server.url());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Send(*client).ok());
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, AClosedKeptConnectionIsReplacedUnnoticed) {
  RawServer server(io_, OnceThenClose(kKeptAnswer));
  const auto client = MakeClient(server.url());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Send(*client).ok());
  EXPECT_EQ(server.connections(), 3);
}

// The server closes just when the request arrives: no sign of it before.
TEST_F(HttpClientTest, AKeptConnectionThatDiesUnderARequestIsReplacedOnce) {
  RawServer server(io_, [](Socket socket, int number) -> Task<void> {
    co_await ReadUntil(socket, "\r\n\r\n");
    co_await WriteText(socket, kKeptAnswer);
    if (number == 0) co_await ReadUntil(socket, "\r\n\r\n");
  });
  const auto client = MakeClient(server.url());
  ASSERT_TRUE(Send(*client).ok());
  const auto second = Send(*client);
  EXPECT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpClientTest, APostThatMayBeRepeatedIsReplacedLikeAGet) {
  RawServer server(io_, [](Socket socket, int number) -> Task<void> {
    co_await ReadUntil(socket, "\r\n\r\n");
    co_await WriteText(socket, kKeptAnswer);
    if (number == 0) co_await ReadUntil(socket, "\r\n\r\n");
  });
  const auto client = MakeClient(server.url());
  ASSERT_TRUE(Send(*client).ok());
  const auto second = Send(*client, {.method = "POST", .repeatable = true});
  EXPECT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpClientTest, AWriteGoesOverAConnectionOfItsOwn) {
  RawServer server(io_, Always(kKeptAnswer));
  const auto client = MakeClient(server.url());
  ASSERT_TRUE(Send(*client).ok());
  for (const char* method : {"POST", "DELETE", "PUT"}) {
    const int before = server.connections();
    ASSERT_TRUE(Send(*client, {.method = method}).ok());
    EXPECT_EQ(server.connections(), before + 1) << method;
  }
}

TEST_F(HttpClientTest, TheConnectionOfAWriteServesReadsAfterwards) {
  RawServer server(io_, Always(kKeptAnswer));
  const auto client = MakeClient(server.url());
  ASSERT_TRUE(Send(*client, {.method = "POST"}).ok());
  ASSERT_TRUE(Send(*client).ok());
  EXPECT_EQ(server.connections(), 1);
}

// The server takes the write and dies: whoever sent it again might do it twice.
TEST_F(HttpClientTest, AWriteIsSentOnceWhateverBecomesOfIt) {
  int writes = 0;
  RawServer server(io_, [&writes](Socket socket, int) -> Task<void> {
    return [](Socket s, int& count) -> Task<void> {
      for (;;) {
        const std::string head = co_await ReadUntil(s, "\r\n\r\n");
        if (head.empty()) co_return;
        if (head.rfind("POST", 0) == 0) {
          ++count;
          co_return;
        }
        co_await WriteText(s, kKeptAnswer);
      }
    }(socket, writes);
  });
  const auto client = MakeClient(server.url());
  ASSERT_TRUE(Send(*client).ok());
  EXPECT_EQ(Send(*client, {.method = "POST"}).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(writes, 1);
}

TEST_F(HttpClientTest, AFreshConnectionThatDiesIsNotTriedAgain) {
  RawServer server(io_, OnceThenClose(""));
  const auto client = MakeClient(server.url());
  const auto response = Send(*client);
  EXPECT_EQ(response.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(response.status().message(), HasSubstr("without an answer"));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, AnAnswerCutOffIsNotAskedForAgain) {
  RawServer server(io_, [](Socket socket, int) -> Task<void> {
    co_await ReadUntil(socket, "\r\n\r\n");
    co_await WriteText(socket, kKeptAnswer);
    co_await ReadUntil(socket, "\r\n\r\n");
    co_await WriteText(socket, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
  });
  const auto client = MakeClient(server.url());
  ASSERT_TRUE(Send(*client).ok());
  const auto second = Send(*client);
  EXPECT_EQ(second.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(second.status().message(), HasSubstr("within its answer"));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, BytesAfterAnAnswerDisqualifyTheConnection) {
  RawServer server(io_,
                   Always(absl::StrCat(kKeptAnswer, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")));
  const auto client = MakeClient(server.url());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(Send(*client)->body, "ok");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpClientTest, BodiesMayBeChunkedOrEndWithTheConnection) {
  RawServer chunked(
      io_, Always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"));
  RawServer closing(io_, OnceThenClose("HTTP/1.1 200 OK\r\n\r\nabcd"));
  EXPECT_EQ(Send(*MakeClient(chunked.url()))->body, "abcd");
  EXPECT_EQ(Send(*MakeClient(closing.url()))->body, "abcd");
}

TEST_F(HttpClientTest, HeadHasALengthAndNoBody) {
  RawServer server(io_, Always("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"));
  const auto client = MakeClient(server.url());
  for (int i = 0; i < 2; ++i) {
    const auto response = Send(*client, {.method = "HEAD"});
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->body, "");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, InformationalAnswersAreSkipped) {
  RawServer server(io_, Always(absl::StrCat("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", kKeptAnswer)));
  EXPECT_EQ(Send(*MakeClient(server.url()))->status, 200);
}

TEST_F(HttpClientTest, AnswersOverALimitAreRefused) {
  const HttpClientOptions limits{.max_body_bytes = 100, .max_header_bytes = 1000};
  for (const std::string& answer :
       {std::string("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n"),
        absl::StrCat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n", std::string(101, 'x'),
                     "\r\n0\r\n\r\n"),
        absl::StrCat("HTTP/1.1 200 OK\r\n\r\n", std::string(101, 'x')),
        absl::StrCat("HTTP/1.1 200 OK\r\nX: ", std::string(2000, 'x'), "\r\n\r\n")}) {
    RawServer server(io_, OnceThenClose(answer));
    const auto response = Send(*MakeClient(server.url(), limits));
    EXPECT_EQ(response.status().code(), StatusCode::kResourceExhausted) << answer.substr(0, 60);
    EXPECT_THAT(response.status().message(), HasSubstr("over the limit of"));
  }
}

TEST_F(HttpClientTest, WhatIsNoHttpIsUnavailable) {
  RawServer server(io_, OnceThenClose("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
  const auto response = Send(*MakeClient(server.url()));
  EXPECT_EQ(response.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(response.status().message(), HasSubstr("the answer is no HTTP"));
}

TEST_F(HttpClientTest, NobodyListeningIsUnavailableAndNamesTheAddress) {
  unsigned short port = 0;
  {
    RawServer gone(io_, StayMute);
    port = gone.port();
  }
  io_.poll();
  const auto response = Send(*MakeClient(absl::StrCat("http://127.0.0.1:", port)), {.target = "/x?secret=1"});
  EXPECT_EQ(response.status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(response.status().message(),
            absl::StrCat("GET http://127.0.0.1:", port, "/x: cannot connect to 127.0.0.1:", port,
                         ": Connection refused"));
}

TEST_F(HttpClientTest, AMuteServerMeetsTheDeadline) {
  RawServer server(io_, StayMute);
  const auto response = Send(*MakeClient(server.url(), {.timeout = absl::Milliseconds(500)}));
  EXPECT_EQ(response.status().code(), StatusCode::kDeadlineExceeded);
  EXPECT_THAT(response.status().message(), HasSubstr("timed out after 500ms waiting for the answer"));
}

TEST_F(HttpClientTest, ARequestsOwnTimeoutRulesOverTheClients) {
  RawServer server(io_, StayMute);
  const auto response =
      Send(*MakeClient(server.url(), {.timeout = absl::Hours(1)}), {.timeout = absl::Milliseconds(40)});
  EXPECT_EQ(response.status().code(), StatusCode::kDeadlineExceeded);
  EXPECT_THAT(response.status().message(), HasSubstr("timed out after 40ms"));
}

TEST_F(HttpClientTest, DrippingBytesDoNotProlongTheDeadline) {
  RawServer server(io_, [](Socket socket, int) -> Task<void> {
    asio::steady_timer timer(socket->get_executor());
    co_await WriteText(socket, "HTTP/1.1 200 OK\r\nX: ");
    while (co_await WriteText(socket, "x")) {
      timer.expires_after(std::chrono::milliseconds(2));
      co_await timer.async_wait(kAsTuple);
    }
  });
  const auto response = Send(*MakeClient(server.url(), {.timeout = absl::Milliseconds(40)}));
  EXPECT_EQ(response.status().code(), StatusCode::kDeadlineExceeded);
}

TEST_F(HttpClientTest, AMuteTlsServerMeetsTheDeadline) {
  RawServer server(io_, StayMute);
  const auto response = Send(
      *MakeClient(absl::StrCat("https://127.0.0.1:", server.port()), {.timeout = absl::Milliseconds(500)}));
  EXPECT_EQ(response.status().code(), StatusCode::kDeadlineExceeded);
  EXPECT_THAT(response.status().message(), HasSubstr("in the TLS handshake"));
}

TEST_F(HttpClientTest, PlainHttpBehindAnHttpsUrlIsUnavailable) {
  RawServer server(io_, [](Socket socket, int) -> Task<void> {
    co_await WriteText(socket, "HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const auto response = Send(*MakeClient(absl::StrCat("https://127.0.0.1:", server.port())));
  EXPECT_EQ(response.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(response.status().message(), HasSubstr("TLS handshake with 127.0.0.1"));
}

TEST_F(HttpClientTest, AMissingCaFileIsNamed) {
  RawServer server(io_, StayMute);
  const auto response =
      Send(*MakeClient(absl::StrCat("https://127.0.0.1:", server.port()), {.ca_file = "/nowhere.pem"}));
  EXPECT_EQ(response.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(response.status().message(), HasSubstr("/nowhere.pem"));
}

TEST_F(HttpClientTest, ARequestThatIsNoHttpIsNotSent) {
  RawServer server(io_, Always(kKeptAnswer));
  EXPECT_EQ(Send(*MakeClient(server.url()), {.target = "/a\nb"}).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpClientTest, Ipv6IsReached) {
  boost::system::error_code error;
  tcp::acceptor probe(io_);
  probe.open(tcp::v6(), error);
  if (!error) probe.bind(tcp::endpoint(asio::ip::make_address("::1"), 0), error);
  if (error) GTEST_SKIP() << "no IPv6 loopback";
  RawServer server(io_, Always(kKeptAnswer), "::1");
  const auto response = Send(*MakeClient(absl::StrCat("http://[::1]:", server.port())));
  EXPECT_TRUE(response.ok()) << response.status();
}

class CancelTest : public HttpClientTest, public testing::WithParamInterface<asio::cancellation_type> {};

TEST_P(CancelTest, ACancelledCallEndsAsCancelled) {
  asio::cancellation_signal signal;
  RawServer server(io_, StayMute);
  const auto client = MakeClient(server.url(), {.timeout = absl::Hours(1)});
  absl::Status status;
  bool ended = false;
  asio::co_spawn(
      io_,
      [](HttpClient& http) -> Task<absl::Status> {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_return (co_await http.Send({})).status();
      }(*client),
      asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error, absl::Status result) {
        ended = error == nullptr;
        status = result;
      }));
  while (server.connections() == 0) ASSERT_GT(io_.run_one_for(kPatience), 0u);
  io_.poll();
  signal.emit(GetParam());
  io_.restart();
  while (!ended && io_.run_one_for(kPatience) > 0) {
  }
  EXPECT_EQ(status.code(), StatusCode::kCancelled) << status;
}

INSTANTIATE_TEST_SUITE_P(Types, CancelTest,
                         testing::Values(asio::cancellation_type::terminal, asio::cancellation_type::total));

}  // namespace
}  // namespace placer
