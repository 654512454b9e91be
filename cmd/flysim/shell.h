// Shell: flysim's HTTP server. Moves the world along with real time, once a second and before each answer;
// everything else is core/ (the world) and answers.h (what it says).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cmd/flysim/answers.h"
#include "cmd/flysim/core/world.h"
#include "controller/net/http_server.h"

namespace placer::flysim {

class Shell {
 public:
  // `io` and `world` outlive the shell; `now` is read on the thread of `io`.
  Shell(asio::io_context& io, World& world, AnswerOptions options, std::function<absl::Time()> now);

  // Listens and keeps the world moving until Stop. Errors are those of HttpServer::Listen.
  absl::Status Start(const ListenAddress& address);
  unsigned short port() const { return server_.port(); }
  void Stop();

 private:
  Task<HttpResponse> Answer(HttpRequest request);
  Task<void> Pause(absl::Duration time);
  void Tick();

  World& world_;
  AnswerOptions options_;
  std::function<absl::Time()> now_;
  asio::steady_timer ticker_;
  HttpServer server_;
};

}  // namespace placer::flysim
