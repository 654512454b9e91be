#include "cmd/flysim/shell.h"

#include <chrono>
#include <utility>

namespace placer::flysim {

Shell::Shell(asio::io_context& io, World& world, AnswerOptions options, std::function<absl::Time()> now)
    : world_(world),
      options_(std::move(options)),
      now_(std::move(now)),
      ticker_(io),
      server_(io, [this](HttpRequest request) { return Answer(std::move(request)); }, HttpServerOptions{}) {}

absl::Status Shell::Start(const ListenAddress& address) {
  if (absl::Status status = server_.Listen(address); !status.ok()) return status;
  Tick();
  return absl::OkStatus();
}

void Shell::Stop() {
  ticker_.cancel();
  server_.Stop();
}

// Without the ticks a world that nobody asks for an hour would have the hour to catch up on at the next
// request.
void Shell::Tick() {
  world_.AdvanceTo(now_());
  ticker_.expires_after(std::chrono::seconds(1));
  ticker_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Tick();
  });
}

Task<HttpResponse> Shell::Answer(HttpRequest request) {
  world_.AdvanceTo(now_());
  co_return MakeAnswer(world_, options_, request);
}

}  // namespace placer::flysim
