// What the tests of the clients share: our own HTTP server on loopback, which remembers what it was asked and
// answers as the test says.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "controller/effects/clock.h"
#include "controller/fly/machines_client.h"
#include "controller/net/http_server.h"
#include "tests/controller/net/loopback.h"

namespace placer {

class AnsweringServerTest : public testing::Test {
 protected:
  AnsweringServerTest()
      : server_(io_,
                [this](HttpRequest request) {
                  seen_.push_back(request);
                  return [](HttpResponse answer) -> Task<HttpResponse> { co_return answer; }(answer_);
                },
                {}) {
    EXPECT_TRUE(server_.Listen({.host = "127.0.0.1"}).ok());
    http_ = std::make_unique<HttpClient>(
        io_, *ParseUrl(absl::StrCat("http://127.0.0.1:", server_.port(), "/base")), HttpClientOptions{});
  }
  CallObserver Observer() {
    return [this](std::string operation, std::string code, absl::Duration) {
      calls_.push_back(absl::StrCat(operation, " ", code));
    };
  }
  MachinesClient Machines(std::string token = "fm2_t0ken") {
    return MachinesClient(*http_, clock_, {.token = std::move(token), .observer = Observer()});
  }

  asio::io_context io_;
  SimulatedClock clock_{absl::UnixEpoch()};
  HttpResponse answer_;
  std::vector<HttpRequest> seen_;
  std::vector<std::string> calls_;  // what the observer was told: operation and code
  HttpServer server_;
  std::unique_ptr<HttpClient> http_;
};

}  // namespace placer
