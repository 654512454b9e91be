// Hostile clients of our API, and hostile servers that we ask: other clients get their answers all the same.
// Prints what it did to them: worst time of an answer, and memory.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cmd/autoplacer/run_blocking.h"
#include "controller/net/http_server.h"
#include "tests/integration/lab.h"

namespace placer::testing {
namespace {

constexpr int kRequests = 200;
constexpr double kMebibyte = 1 << 20;
constexpr std::size_t kGigabyte = 1'000'000'000;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PLACER_SANITIZED
#endif
#endif
#ifdef PLACER_SANITIZED
constexpr double kMostGrowthMib = 2000;  // what was freed is kept to find its late users
#else
constexpr double kMostGrowthMib = 48;
#endif

// A blocking socket, closed when it goes; nothing that it does waits longer than a few seconds.
class Connection {
 public:
  explicit Connection(unsigned short port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    open_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool is_open() const { return open_; }  // as far as noticed
  bool Send(const std::string& text) {
    open_ =
        open_ && send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
    return open_;
  }
  // Also notices, without waiting, that the server has closed it.
  bool IsOpen() {
    char byte = 0;
    if (open_ && recv(socket_, &byte, 1, MSG_DONTWAIT | MSG_PEEK) >= 0) open_ = false;
    return open_;
  }
  std::string ReadAll() {
    std::string all;
    char chunk[4096];
    for (ssize_t got; (got = recv(socket_, chunk, sizeof(chunk), 0)) > 0;) {
      all.append(chunk, static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  const int socket_;
  bool open_ = false;
};
using Connections = std::vector<std::unique_ptr<Connection>>;

// Does something in a thread of its own until it goes.
class Attack {
 public:
  using Round = std::function<void(int number)>;
  explicit Attack(Round round)
      : thread_([this, round = std::move(round)] {
          for (int number = 0; !stopped_; ++number) {
            round(number);
            rounds_ = number + 1;
          }
        }) {}
  ~Attack() {
    stopped_ = true;
    thread_.join();
  }
  int rounds() const { return rounds_; }

 private:
  std::atomic<bool> stopped_{false};
  std::atomic<int> rounds_{0};
  std::thread thread_;
};

class HostileClientsTest : public ::testing::Test {
 protected:
  HostileClientsTest()
      : lab_(MetricsServer::kPrometheus), prometheus_(lab_.io(), AnswerWithoutTraffic, HttpServerOptions{}) {
    EXPECT_TRUE(prometheus_.Listen({"127.0.0.1", 0}).ok());
    lab_.environment()["FLY_PROMETHEUS_URL"] = absl::StrCat("http://127.0.0.1:", prometheus_.port());
  }
  static Task<HttpResponse> AnswerWithoutTraffic(HttpRequest) {
    co_return HttpResponse{.body = R"({"status":"success","data":{"resultType":"matrix","result":[]}})"};
  }

  void SetUp() override {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8192);
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 1500) GTEST_SKIP() << "too few files may be open";
    lab_.WriteFile("policy.yaml", kQuickPolicy);
  }
  void Start() {
    lab_.StartController(lab_.PathOf("policy.yaml"));
    ASSERT_TRUE(lab_.WaitFor([&] { return lab_.Passes() > 1; })) << lab_.Describe();
    Ask();  // warm
    before_ = Ask();
    Show("before", before_);
  }

  struct Figures {
    absl::Duration worst = absl::ZeroDuration();
    double memory_mib = 0;
  };
  // Another client: each request over a connection of its own, and each is answered.
  Figures Ask() {
    HttpClient client(lab_.io(), *ParseUrl(absl::StrCat("http://127.0.0.1:", lab_.api_port())),
                      HttpClientOptions{.timeout = absl::Seconds(30), .max_idle_connections = 0});
    Figures figures;
    for (int i = 0; i < kRequests; ++i) {
      const bool metrics = i % 2 == 1;
      const absl::Time begun = absl::Now();
      lab_.io().restart();
      const auto answer = RunBlocking(lab_.io(), client.Send({.target = metrics ? "/metrics" : "/readyz"}));
      figures.worst = std::max(figures.worst, absl::Now() - begun);
      EXPECT_TRUE(answer.ok() && answer->status == 200) << "request " << i << ": " << answer.status();
      if (!answer.ok()) break;
      if (metrics) figures.memory_mib = FindMemory(answer->body);
    }
    return figures;
  }
  static double FindMemory(const std::string& page) {
    double bytes = 0;
    for (absl::string_view line : absl::StrSplit(page, '\n')) {
      if (absl::ConsumePrefix(&line, "process_resident_memory_bytes "))
        EXPECT_TRUE(absl::SimpleAtod(line, &bytes));
    }
    EXPECT_GT(bytes, 0);
    return bytes / kMebibyte;
  }
  static void Show(const std::string& when, const Figures& figures) {
    std::printf("%-44s %d requests of another client, worst %6.1f ms, memory %5.1f MiB\n", when.c_str(),
                kRequests, absl::ToDoubleMilliseconds(figures.worst), figures.memory_mib);
    std::fflush(stdout);
  }
  // Asks while the attacks go on, once each has had some rounds.
  void ExpectOthersUnharmed(const std::string& what, std::vector<const Attack*> attacks) {
    const auto is_under_way = [](const Attack* attack) { return attack->rounds() > 2; };
    ASSERT_TRUE(lab_.WaitFor([&] { return std::all_of(attacks.begin(), attacks.end(), is_under_way); }))
        << what;
    const int passes = lab_.Passes();
    const Figures during = Ask();
    Show(what, during);
    EXPECT_LT(during.memory_mib - before_.memory_mib, kMostGrowthMib) << what;
    EXPECT_TRUE(lab_.WaitFor([&] { return lab_.Passes() > passes; })) << "passes go on: " << lab_.Describe();
  }

  Attack::Round DripBytes(int count) {
    auto drippers = std::make_shared<Connections>(count);
    return [this, drippers](int) {
      for (auto& each : *drippers) {
        if (each != nullptr && each->IsOpen() && each->Send("x")) continue;
        each = std::make_unique<Connection>(lab_.api_port());
        each->Send("GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ");
      }
      absl::SleepFor(absl::Milliseconds(50));
    };
  }
  // `opened` counts those that were accepted: the server keeps some hundreds, and closes the oldest for more.
  Attack::Round StayIdle(int count, std::atomic<int>& opened) {
    auto idle = std::make_shared<Connections>();
    return [this, idle, count, &opened](int) {
      while (static_cast<int>(idle->size()) < count) {
        idle->push_back(std::make_unique<Connection>(lab_.api_port()));
        opened += idle->back()->is_open() ? 1 : 0;
      }
      absl::SleepFor(absl::Milliseconds(50));
    };
  }
  // Every round one body of a gigabyte, by length or in chunks. `most` is what the server took of one.
  Attack::Round SendGigabytes(std::atomic<std::size_t>& most, std::atomic<int>& refused) {
    return [this, &most, &refused](int number) {
      const bool chunked = number % 2 == 1;
      const std::string block(65536, 'x');
      Connection connection(lab_.api_port());
      connection.Send(absl::StrCat(
          "POST /trigger HTTP/1.1\r\nHost: localhost\r\n",
          chunked ? "Transfer-Encoding: chunked" : absl::StrCat("Content-Length: ", kGigabyte), "\r\n\r\n"));
      std::size_t sent = 0;
      while (sent < kGigabyte &&
             connection.Send(chunked ? absl::StrCat("10000\r\n", block, "\r\n") : block)) {
        sent += block.size();
      }
      if (absl::StartsWith(connection.ReadAll(), "HTTP/1.1 413 ")) ++refused;
      most = std::max(most.load(), sent);
      absl::SleepFor(absl::Milliseconds(5));
    };
  }
  Attack::Round SendDeepJson() {
    return [this](int) {
      Connection connection(lab_.api_port());
      const std::string body = std::string(10'000, '[') + std::string(10'000, ']');
      connection.Send(absl::StrCat(
          "POST /trigger HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nContent-Length: ",
          body.size(), "\r\n\r\n", body));
      connection.ReadAll();
      absl::SleepFor(absl::Milliseconds(5));  // a machine has some 28,000 ports to connect from
    };
  }

  Lab lab_;
  HttpServer prometheus_;
  Figures before_;
};

TEST_F(HostileClientsTest, ChangeNothingForOtherClients) {
  ASSERT_NO_FATAL_FAILURE(Start());
  {
    const Attack attack(DripBytes(300));
    ExpectOthersUnharmed("300 slow-loris connections", {&attack});
  }
  std::atomic<int> opened{0};
  {
    const Attack attack(StayIdle(1000, opened));
    ExpectOthersUnharmed("1,000 idle connections", {&attack});
  }
  EXPECT_EQ(opened, 1000);
  std::atomic<std::size_t> most{0};
  std::atomic<int> refused{0};
  {
    const Attack attack(SendGigabytes(most, refused));
    ExpectOthersUnharmed("bodies of 1 GB, one after the other", {&attack});
  }
  EXPECT_GT(refused, 0) << "a client that reads is told why";
  EXPECT_LT(most, kGigabyte / 10) << "the server stops reading";
  std::printf("%-44s %.1f MB at most of one were sent before the connection ended\n", "", double(most) / 1e6);
  {
    const Attack attack(SendDeepJson());
    ExpectOthersUnharmed("JSON 10,000 deep, one after the other", {&attack});
  }
  {
    const Attack slow(DripBytes(300));
    const Attack idle(StayIdle(1000, opened));
    const Attack large(SendGigabytes(most, refused));
    const Attack deep(SendDeepJson());
    ExpectOthersUnharmed("all of them at once", {&slow, &idle, &large, &deep});
  }
  EXPECT_EQ(opened, 2000);
  Show("after", Ask());
  EXPECT_TRUE(lab_.StopController()) << lab_.Describe();
}

// A server that we ask answers too deep, or without end: the policy says so, and the API goes on.
class HostileServersTest : public HostileClientsTest {
 protected:
  void StartAgainst(unsigned short port) {
    lab_.environment()["FLY_FLAPS_BASE_URL"] = absl::StrCat("http://127.0.0.1:", port);
    lab_.environment()["FLY_PROMETHEUS_URL"] = absl::StrCat("http://127.0.0.1:", port);
    lab_.StartController(lab_.PathOf("policy.yaml"));
  }
  // Waits until both say this.
  void ExpectBlind(const std::string& words) {
    for (const char* type : {"MachinesObserved", "TrafficObserved"}) {
      EXPECT_TRUE(lab_.WaitFor([&] { return absl::StrContains(lab_.Condition(type, "message"), words); }))
          << type << ": " << lab_.Describe();
      EXPECT_EQ(lab_.Condition(type, "status"), "False");
    }
    Show(words, Ask());
    EXPECT_TRUE(lab_.StopController()) << lab_.Describe();
  }
};

TEST_F(HostileServersTest, AnswersTenThousandDeepAreErrors) {
  HttpServer deep(
      lab_.io(),
      [](HttpRequest) -> Task<HttpResponse> {
        co_return HttpResponse{.body = std::string(10'000, '[') + std::string(10'000, ']')};
      },
      HttpServerOptions{});
  ASSERT_TRUE(deep.Listen({"127.0.0.1", 0}).ok());
  StartAgainst(deep.port());
  ExpectBlind("too deep");
  deep.Stop();
}

TEST_F(HostileServersTest, AnswersOverTheLimitAreErrors) {
  const std::string large(std::size_t{33} << 20, ' ');
  HttpServer endless(
      lab_.io(), [&large](HttpRequest) -> Task<HttpResponse> { co_return HttpResponse{.body = large}; },
      HttpServerOptions{});
  ASSERT_TRUE(endless.Listen({"127.0.0.1", 0}).ok());
  StartAgainst(endless.port());
  ExpectBlind("over the limit of 33554432 bytes");
  endless.Stop();
}

}  // namespace
}  // namespace placer::testing
