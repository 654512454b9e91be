#include "controller/net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/controller/net/loopback.h"

namespace placer {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Task<HttpResponse> Echo(HttpRequest request) {
  if (request.target == "/throw") throw std::runtime_error("secret detail");
  if (request.target == "/inject") {
    co_return HttpResponse{.headers = {{"X", "a\r\nEvil: 1"}, {"Content-Length", "999"}}, .body = "b"};
  }
  if (request.target == "/empty") co_return HttpResponse{.status = 204};
  co_return HttpResponse{.headers = {{"Content-Type", "text/plain"}},
                         .body = absl::StrCat(request.method, " ", request.target, " [", request.body, "]")};
}

class HttpServerTest : public testing::Test {
 protected:
  void Start(HttpServerOptions options = {}, HttpHandler handler = Echo) {
    server_ = std::make_unique<HttpServer>(io_, std::move(handler), options);
    ASSERT_TRUE(server_->Listen({.host = "127.0.0.1"}).ok());
  }
  std::string Ask(std::string text) { return RunTask(io_, Talk(io_, server_->port(), std::move(text))); }

  asio::io_context io_;
  std::unique_ptr<HttpServer> server_;
};

constexpr char kClose[] = "Host: h\r\nConnection: close\r\n\r\n";

TEST_F(HttpServerTest, AnswersARequest) {
  Start();
  const std::string answer = Ask(absl::StrCat("GET /x HTTP/1.1\r\n", kClose));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\nGET /x []"));
  EXPECT_THAT(answer, Not(HasSubstr("Server:")));
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInTheirOrderOnOneConnection) {
  Start();
  const std::string answer = Ask(absl::StrCat("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n",
                                              "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab",
                                              "GET /3 HTTP/1.1\r\n", kClose));
  const std::size_t first = answer.find("GET /1 []");
  const std::size_t second = answer.find("POST /2 [ab]");
  const std::size_t third = answer.find("GET /3 []");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, std::string::npos);
}

TEST_F(HttpServerTest, AConnectionIsKeptUntilTheClientCloses) {
  Start();
  const auto talk = [](asio::io_context& io, unsigned short port) -> Task<std::string> {
    const auto socket = co_await Dial(io, port);
    co_await WriteText(socket, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
    std::string all = co_await ReadUntil(socket, "[]");
    co_await WriteText(socket, "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
    all += co_await ReadUntil(socket, "[]");
    co_return all;
  };
  const std::string answers = RunTask(io_, talk(io_, server_->port()));
  EXPECT_THAT(answers, HasSubstr("GET /1 []"));
  EXPECT_THAT(answers, HasSubstr("GET /2 []"));
  EXPECT_THAT(answers, HasSubstr("Connection: keep-alive"));
}

TEST_F(HttpServerTest, Http10IsClosedAfterItsAnswerAndNeedsNoHost) {
  Start();
  EXPECT_THAT(Ask("GET /x HTTP/1.0\r\n\r\n"), HasSubstr("GET /x []"));
}

TEST_F(HttpServerTest, ChunkedBodiesAreDecoded) {
  Start();
  EXPECT_THAT(Ask(absl::StrCat("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", kClose,
                               "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")),
              HasSubstr("POST /x [abcde]"));
}

TEST_F(HttpServerTest, HeadIsAGetWithoutABody) {
  Start();
  const std::string answer = Ask(absl::StrCat("HEAD /x HTTP/1.1\r\n", kClose));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
}

TEST_F(HttpServerTest, NoContentHasNoLength) {
  Start();
  EXPECT_THAT(Ask(absl::StrCat("GET /empty HTTP/1.1\r\n", kClose)), Not(HasSubstr("Content-Length")));
}

TEST_F(HttpServerTest, AnExceptionIsA500WithoutDetails) {
  Start();
  const std::string answer = Ask(absl::StrCat("GET /throw HTTP/1.1\r\n", kClose));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer, HasSubstr("{\"error\":\"internal error\"}"));
  EXPECT_THAT(answer, Not(HasSubstr("secret")));
}

TEST_F(HttpServerTest, AHandlersHeaderCannotBreakTheAnswer) {
  Start();
  const std::string answer = Ask(absl::StrCat("GET /inject HTTP/1.1\r\n", kClose));
  EXPECT_THAT(answer, Not(HasSubstr("Evil")));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 1\r\n"));
}

TEST_F(HttpServerTest, AClientThatExpectsToContinueIsTold) {
  Start();
  EXPECT_THAT(
      Ask(absl::StrCat("POST /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n", kClose, "a")),
      testing::AllOf(StartsWith("HTTP/1.1 100 Continue\r\n\r\n"), HasSubstr("POST /x [a]")));
}

struct RefusalCase {
  const char* name;
  std::string request;
  const char* want;
};

class RefusalTest : public HttpServerTest, public testing::WithParamInterface<RefusalCase> {};

TEST_P(RefusalTest, GetsItsStatusAndTheConnectionEnds) {
  Start({.max_body_bytes = 100, .max_header_bytes = 1000});
  const std::string answer = Ask(GetParam().request);
  EXPECT_THAT(answer, StartsWith(GetParam().want));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, HasSubstr("{\"error\":\""));
}

INSTANTIATE_TEST_SUITE_P(
    Requests, RefusalTest,
    testing::Values(
        RefusalCase{"Nonsense", "hello\r\n\r\n", "HTTP/1.1 400 "},
        RefusalCase{"Binary", std::string("\x16\x03\x01\x02\x00\x01", 6) + "\r\n\r\n", "HTTP/1.1 400 "},
        RefusalCase{"OtherVersion", "GET / HTTP/3.0\r\nHost: h\r\n\r\n", "HTTP/1.1 400 "},
        RefusalCase{"NoHost", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
        RefusalCase{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "HTTP/1.1 400 "},
        RefusalCase{"AbsoluteForm", "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 400 "},
        RefusalCase{"BadLength", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 "},
        RefusalCase{"TwoLengths",
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                    "HTTP/1.1 400 "},
        RefusalCase{"BadChunk", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                    "HTTP/1.1 400 "},
        RefusalCase{
            "OtherCoding",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
            "HTTP/1.1 400 "},
        RefusalCase{"CodingsOnTop",
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                    "HTTP/1.1 400 "},
        RefusalCase{
            "LengthAndCoding",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 400 "},
        RefusalCase{"LongHeader",
                    absl::StrCat("GET / HTTP/1.1\r\nHost: h\r\nX: ", std::string(2000, 'x'), "\r\n\r\n"),
                    "HTTP/1.1 431 "},
        RefusalCase{"ManyHeaders",
                    absl::StrCat("GET / HTTP/1.1\r\nHost: h\r\n",
                                 absl::StrJoin(std::vector<std::string>(100, "a:b\r\n"), ""), "\r\n"),
                    "HTTP/1.1 431 "},
        RefusalCase{"LongTarget",
                    absl::StrCat("GET /", std::string(200000, 'x'), " HTTP/1.1\r\nHost: h\r\n\r\n"),
                    "HTTP/1.1 431 "},
        RefusalCase{"LongBody", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n", "HTTP/1.1 413 "},
        RefusalCase{"LongChunkedBody",
                    absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n",
                                 std::string(101, 'x'), "\r\n0\r\n\r\n"),
                    "HTTP/1.1 413 "}),
    [](const auto& info) { return info.param.name; });

TEST_F(HttpServerTest, ARequestThatTakesTooLongIsA408) {
  Start({.read_timeout = absl::Milliseconds(30)});
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nHos"), StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpServerTest, ABodyThatTakesTooLongIsA408) {
  Start({.read_timeout = absl::Milliseconds(30)});
  EXPECT_THAT(Ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\na"), StartsWith("HTTP/1.1 408 "));
}

// A byte now and then does not make the limit start again: the whole request has it once.
TEST_F(HttpServerTest, DrippingBytesDoNotProlongTheLimit) {
  Start({.read_timeout = absl::Milliseconds(60)});
  const auto drip = [](asio::io_context& io, unsigned short port) -> Task<std::string> {
    const auto socket = co_await Dial(io, port);
    asio::steady_timer timer(io);
    for (int i = 0; i < 1000; ++i) {
      if (!co_await WriteText(socket, i == 0 ? "GET / HTTP/1.1\r\nX: " : "x")) break;
      if (socket->available() > 0) break;
      timer.expires_after(std::chrono::milliseconds(5));
      co_await timer.async_wait(kAsTuple);
    }
    co_return co_await ReadUntil(socket, "");
  };
  EXPECT_THAT(RunTask(io_, drip(io_, server_->port())), StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpServerTest, AnIdleConnectionIsClosedWithoutAWord) {
  Start({.idle_timeout = absl::Milliseconds(30)});
  EXPECT_EQ(Ask(""), "");
}

// What a connection hears until it ends, in the order in which the server accepted them.
using Heard = std::shared_ptr<std::optional<std::string>>;

class FullServerTest : public HttpServerTest {
 protected:
  // Sends this on a connection of its own, and listens.
  Heard Hold(std::string text) {
    auto heard = std::make_shared<std::optional<std::string>>();
    asio::co_spawn(io_, Talk(io_, server_->port(), std::move(text)),
                   [heard](std::exception_ptr error, std::string all) {
                     if (error) std::rethrow_exception(error);
                     *heard = std::move(all);
                   });
    PollAWhile();
    return heard;
  }
  // Longer than the time that a new connection is given to ask.
  void LetPatienceEnd() {
    asio::steady_timer timer(io_, std::chrono::milliseconds(250));
    bool is_over = false;
    timer.async_wait([&](const boost::system::error_code&) { is_over = true; });
    io_.restart();
    while (!is_over) io_.run_one();
  }
  // Until nothing is ready any more: what is sent over loopback is there at once.
  void PollAWhile() {
    for (int i = 0; i < 50; ++i) {
      io_.restart();
      io_.poll();
    }
  }
};

constexpr char kHalfRequest[] = "GET / HTTP/1.1\r\nHos";

TEST_F(FullServerTest, ANewConnectionTakesThePlaceOfTheOneThatIdledLongest) {
  Start({.max_connections = 2});
  const Heard first = Hold("");
  const Heard second = Hold("");
  EXPECT_THAT(Ask(absl::StrCat("GET /x HTTP/1.1\r\n", kClose)), HasSubstr("GET /x []"));
  EXPECT_TRUE(first->has_value()) << "ended";
  EXPECT_EQ(**first, "");
  EXPECT_FALSE(second->has_value()) << "stays";
}

TEST_F(FullServerTest, IdleConnectionsGoBeforeUnfinishedRequests) {
  Start({.max_connections = 2});
  const Heard slow = Hold(kHalfRequest);
  const Heard idle = Hold("");
  LetPatienceEnd();
  EXPECT_THAT(Ask(absl::StrCat("GET /x HTTP/1.1\r\n", kClose)), HasSubstr("GET /x []"));
  EXPECT_FALSE(slow->has_value());
  EXPECT_TRUE(idle->has_value());
}

TEST_F(FullServerTest, UnfinishedRequestsDoNotLockOthersOut) {
  Start({.max_connections = 2});
  const Heard first = Hold(kHalfRequest);
  const Heard second = Hold(kHalfRequest);
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(Ask(absl::StrCat("GET /x HTTP/1.1\r\n", kClose)), HasSubstr("GET /x []"));
  }
  EXPECT_TRUE(first->has_value());
  EXPECT_FALSE(second->has_value());
}

TEST_F(FullServerTest, ClientsThatTakeNoAnswerDoNotLockOthersOut) {
  Start({.max_connections = 1}, [](HttpRequest request) -> Task<HttpResponse> {
    co_return HttpResponse{.body = request.target == "/large" ? std::string(16u << 20, 'x') : "small"};
  });
  const auto deaf = RunTask(io_, Dial(io_, server_->port()));
  RunTask(io_, WriteText(deaf, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n"));
  PollAWhile();
  EXPECT_THAT(Ask(absl::StrCat("GET /x HTTP/1.1\r\n", kClose)), HasSubstr("small"));
}

TEST_F(FullServerTest, WhoHasJustConnectedKeepsThePlaceLongEnoughToAsk) {
  Start({.max_connections = 1});
  const auto first = RunTask(io_, Dial(io_, server_->port()));
  const Heard second = Hold(absl::StrCat("GET /2 HTTP/1.1\r\n", kClose));
  EXPECT_FALSE(second->has_value()) << "waits";
  RunTask(io_, WriteText(first, absl::StrCat("GET /1 HTTP/1.1\r\n", kClose)));
  EXPECT_THAT(RunTask(io_, ReadUntil(first, "")), HasSubstr("GET /1 []"));
  first->close();
  io_.restart();
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!second->has_value() && std::chrono::steady_clock::now() < deadline) io_.run_one_until(deadline);
  ASSERT_TRUE(second->has_value());
  EXPECT_THAT(**second, HasSubstr("GET /2 []"));
}

TEST_F(FullServerTest, AnAnswerInTheMakingIsNotGivenUpAndTheNewConnectionGetsA503) {
  asio::steady_timer gate(io_, asio::steady_timer::time_point::max());
  Start({.max_connections = 1}, [&gate](HttpRequest request) -> Task<HttpResponse> {
    return [](asio::steady_timer& wait, HttpRequest asked) -> Task<HttpResponse> {
      co_await wait.async_wait(kAsTuple);
      co_return HttpResponse{.body = asked.target};
    }(gate, std::move(request));
  });
  const Heard first = Hold(absl::StrCat("GET /first HTTP/1.1\r\n", kClose));
  EXPECT_THAT(RunTask(io_, Talk(io_, server_->port(), "")), StartsWith("HTTP/1.1 503 "));
  gate.cancel();
  PollAWhile();
  ASSERT_TRUE(first->has_value());
  EXPECT_THAT(**first, testing::EndsWith("/first"));
}

TEST_F(HttpServerTest, AClientThatTakesNoAnswerIsGivenUp) {
  Start({.idle_timeout = absl::Milliseconds(30)}, [](HttpRequest) -> Task<HttpResponse> {
    co_return HttpResponse{.body = std::string(16u << 20, 'x')};
  });
  const auto deaf = RunTask(io_, Dial(io_, server_->port()));
  RunTask(io_, WriteText(deaf, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n"));
  io_.restart();
  io_.run_for(std::chrono::milliseconds(200));
  EXPECT_LT(RunTask(io_, ReadUntil(deaf, "")).size(), 16u << 20);
}

TEST_F(HttpServerTest, StopClosesIdleConnectionsAndTheLoopRunsDry) {
  Start();
  const auto idle = RunTask(io_, Dial(io_, server_->port()));
  io_.poll();
  server_->Stop();
  EXPECT_TRUE(RunsDry(io_));
}

TEST_F(HttpServerTest, StopLetsAnAnswerInTheMakingFinish) {
  asio::steady_timer gate(io_, asio::steady_timer::time_point::max());
  Start({}, [this, &gate](HttpRequest request) -> Task<HttpResponse> {
    server_->Stop();
    asio::post(io_, [&gate] { gate.cancel(); });
    return [](asio::steady_timer& wait, HttpRequest asked) -> Task<HttpResponse> {
      co_await wait.async_wait(kAsTuple);
      co_return HttpResponse{.body = asked.target};
    }(gate, std::move(request));
  });
  const std::string answer = Ask("GET /last HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(answer, testing::AllOf(HasSubstr("/last"), HasSubstr("Connection: close")));
  EXPECT_TRUE(RunsDry(io_));
}

TEST_F(HttpServerTest, AClientThatVanishesEndsItsSession) {
  Start();
  const auto vanish = [](asio::io_context& io, unsigned short port) -> Task<bool> {
    const auto socket = co_await Dial(io, port);
    co_await WriteText(socket, "GET / HT");
    socket->close();
    co_return true;
  };
  EXPECT_TRUE(RunTask(io_, vanish(io_, server_->port())));
  EXPECT_THAT(Ask(absl::StrCat("GET /x HTTP/1.1\r\n", kClose)), HasSubstr("GET /x []"));
}

TEST_F(HttpServerTest, APortInUseIsUnavailableInTheSystemsWords) {
  Start();
  HttpServer second(io_, Echo, {});
  const absl::Status status = second.Listen({.host = "127.0.0.1", .port = server_->port()});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(status.message(),
              HasSubstr(absl::StrCat("127.0.0.1:", server_->port(), ": Address already in use")));
}

}  // namespace
}  // namespace placer
