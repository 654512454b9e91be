#include "cmd/flysim/shell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

WorldOptions MakeOtherOptions() {
  WorldOptions options = MakeOptions(150);
  options.app = "other";
  options.initial_regions = {"syd"};
  return options;
}

class ShellTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::Status status = shell_.Start({.host = "127.0.0.1", .port = 0});
    ASSERT_TRUE(status.ok()) << status;
  }

  // Hands the whole answer, head included, to `done`.
  void Send(const std::string& target, const std::string& token, std::function<void(std::string)> done) {
    struct Exchange {
      explicit Exchange(asio::io_context& io) : socket(io) {}
      asio::ip::tcp::socket socket;
      std::string request;
      std::string answer;
    };
    auto exchange = std::make_shared<Exchange>(io_);
    exchange->request = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                        (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") + "\r\n";
    exchange->socket.async_connect({asio::ip::make_address("127.0.0.1"), shell_.port()}, [exchange,
                                                                                          done](auto error) {
      ASSERT_FALSE(error) << error.message();
      asio::async_write(exchange->socket, asio::buffer(exchange->request),
                        [exchange, done](auto write_error, std::size_t) {
                          ASSERT_FALSE(write_error) << write_error.message();
                          asio::async_read(exchange->socket, asio::dynamic_buffer(exchange->answer),
                                           [exchange, done](auto, std::size_t) { done(exchange->answer); });
                        });
    });
  }
  std::string Get(const std::string& target, const std::string& token = "") {
    std::string answer;
    Send(target, token, [&](std::string text) {
      answer = std::move(text);
      io_.stop();
    });
    io_.restart();
    io_.run_for(std::chrono::seconds(20));
    return answer;
  }
  absl::Time ReadTime() {
    if (reads_per_second_ > 0) now_ += absl::Seconds(1.0 / reads_per_second_);
    return now_;
  }

  absl::Time now_ = kStart;
  int reads_per_second_ = 0;  // 0: time stands still
  asio::io_context io_{1};
  World world_{MakeOptions(150)};
  World other_{MakeOtherOptions()};
  Shell shell_{io_, {&world_, &other_}, AnswerOptions{}, [this] { return ReadTime(); }};
};

TEST_F(ShellTest, ServesTheWorldAsItIsAtTheTimeOfTheRequest) {
  now_ = kStart + absl::Minutes(3);
  EXPECT_THAT(Get("/metrics"), HasSubstr("fly_edge_http_responses_count{"));
  EXPECT_EQ(world_.now(), now_);
}

TEST_F(ShellTest, EachAppIsAWorldOfItsOwn) {
  now_ = kStart + absl::Minutes(3);
  EXPECT_THAT(Get("/v1/apps/demo/machines", "any"), HasSubstr("\"region\":\"fra\""));
  EXPECT_THAT(Get("/v1/apps/other/machines", "any"), HasSubstr("\"region\":\"syd\""));
  EXPECT_THAT(Get("/v1/apps/third/machines", "any"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Get("/metrics?app=other"), HasSubstr("app=\"other\""));
  EXPECT_THAT(Get("/metrics"), HasSubstr("app=\"demo\""));
}

TEST_F(ShellTest, AnswersErrorsWithTheirStatus) {
  EXPECT_THAT(Get("/v1/apps/demo/machines"), StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(Get("/nothing"), StartsWith("HTTP/1.1 404"));
}

TEST_F(ShellTest, AWaitLastsUntilTheStateIsReached) {
  const std::string id = world_.AddMachine("iad", "started");
  ASSERT_TRUE(world_.Apply({.kind = MachineChange::Kind::kStop, .machine_id = id}).ok());
  reads_per_second_ = 1;  // each look at the time is a second later
  EXPECT_THAT(Get("/v1/apps/demo/machines/" + id + "/wait?state=stopped&timeout=30", "any"),
              HasSubstr("\"state\":\"stopped\""));
  EXPECT_GT(world_.now(), kStart + absl::Seconds(1));
}

TEST_F(ShellTest, AWaitEndsAfterItsTimeout) {
  const std::string id = world_.AddMachine("iad", "stopped");
  reads_per_second_ = 1;
  EXPECT_THAT(Get("/v1/apps/demo/machines/" + id + "/wait?state=started&timeout=3", "any"),
              StartsWith("HTTP/1.1 408"));
}

TEST_F(ShellTest, AWaitForAnUnknownMachineEndsAtOnce) {
  EXPECT_THAT(Get("/v1/apps/demo/machines/none/wait?state=started", "any"), StartsWith("HTTP/1.1 404"));
  EXPECT_EQ(world_.now(), kStart);
}

TEST_F(ShellTest, OtherCallsAreAnsweredWhileOneWaits) {
  const std::string id = world_.AddMachine("iad", "stopped");
  Send("/v1/apps/demo/machines/" + id + "/wait?state=started", "any", [](const std::string&) {});
  EXPECT_THAT(Get("/health"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ShellTest, StoppedItLeavesNothingToRun) {
  shell_.Stop();
  io_.restart();
  io_.run_for(std::chrono::seconds(20));
  EXPECT_TRUE(io_.stopped());
}

}  // namespace
}  // namespace placer::flysim
