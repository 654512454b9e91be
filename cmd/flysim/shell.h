// Shell: flysim's HTTP server. Moves each world along with real time, once a second and before each of its
// answers; everything else is core/ (the world) and answers.h (what it says).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cmd/flysim/answers.h"
#include "cmd/flysim/core/world.h"
#include "controller/net/http_server.h"

namespace placer::flysim {

class Shell {
 public:
  // One world per app, at least one; a request that names none of their apps is answered by the first. `io`
  // and the worlds outlive the shell; `now` is read on the thread of `io`.
  Shell(asio::io_context& io, std::vector<World*> worlds, AnswerOptions options,
        std::function<absl::Time()> now);

  // Listens and keeps the worlds moving until Stop. Errors are those of HttpServer::Listen.
  absl::Status Start(const ListenAddress& address);
  unsigned short port() const { return server_.port(); }
  void Stop();

 private:
  World& FindWorld(const HttpRequest& request) const;
  Task<HttpResponse> Answer(HttpRequest request);
  Task<void> Pause(absl::Duration time);
  void Tick();

  std::vector<World*> worlds_;
  AnswerOptions options_;
  std::function<absl::Time()> now_;
  asio::steady_timer ticker_;
  HttpServer server_;
};

}  // namespace placer::flysim
