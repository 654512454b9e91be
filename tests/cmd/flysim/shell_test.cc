#include "cmd/flysim/shell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <iterator>
#include <string>

#include "tests/cmd/flysim/worlds.h"

namespace placer::flysim {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ShellTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::Status status = shell_.Start({.host = "127.0.0.1", .port = 0});
    ASSERT_TRUE(status.ok()) << status;
  }

  // The whole answer, head included.
  std::string Get(const std::string& target) {
    const std::string request = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    asio::ip::tcp::socket socket(io_);
    std::string answer;
    socket.async_connect({asio::ip::make_address("127.0.0.1"), shell_.port()}, [&](auto error) {
      ASSERT_FALSE(error) << error.message();
      asio::async_write(socket, asio::buffer(request), [&](auto write_error, std::size_t) {
        ASSERT_FALSE(write_error) << write_error.message();
        asio::async_read(socket, asio::dynamic_buffer(answer), [&](auto, std::size_t) { io_.stop(); });
      });
    });
    io_.restart();
    io_.run_for(std::chrono::seconds(20));
    return answer;
  }

  absl::Time now_ = kStart;
  asio::io_context io_{1};
  World world_{MakeOptions(150)};
  Shell shell_{io_, world_, AnswerOptions{}, [this] { return now_; }};
};

TEST_F(ShellTest, ServesTheWorldAsItIsAtTheTimeOfTheRequest) {
  now_ = kStart + absl::Minutes(3);
  EXPECT_THAT(Get("/metrics"), HasSubstr("fly_edge_http_responses_count{"));
  EXPECT_EQ(world_.now(), now_);
}

TEST_F(ShellTest, AnswersErrorsWithTheirStatus) {
  EXPECT_THAT(Get("/v1/apps/demo/machines"), StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(Get("/nothing"), StartsWith("HTTP/1.1 404"));
}

TEST_F(ShellTest, StoppedItLeavesNothingToRun) {
  shell_.Stop();
  io_.restart();
  io_.run_for(std::chrono::seconds(20));
  EXPECT_TRUE(io_.stopped());
}

}  // namespace
}  // namespace placer::flysim
