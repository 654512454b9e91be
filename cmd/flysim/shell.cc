#include "cmd/flysim/shell.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/match.h"

namespace placer::flysim {
namespace {

constexpr absl::Duration kWaitPoll = absl::Milliseconds(100);

// The state may still come; of an unknown machine it never does.
bool IsNotYet(const absl::Status& status) {
  return !status.ok() && ScopeOf(status) == ErrorScope::kUnknown;
}

}  // namespace

Shell::Shell(asio::io_context& io, std::vector<World*> worlds, AnswerOptions options,
             std::function<absl::Time()> now)
    : worlds_(std::move(worlds)),
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
  for (World* world : worlds_) world->AdvanceTo(now_());
  ticker_.expires_after(std::chrono::seconds(1));
  ticker_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Tick();
  });
}

Task<void> Shell::Pause(absl::Duration time) {
  if (time <= absl::ZeroDuration()) co_return;
  asio::steady_timer timer(co_await asio::this_coro::executor, absl::ToChronoNanoseconds(time));
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

World& Shell::FindWorld(const HttpRequest& request) const {
  const std::string app = FindApp(request);
  const auto found = std::find_if(worlds_.begin(), worlds_.end(),
                                  [&](const World* world) { return world->options().app == app; });
  return found == worlds_.end() ? *worlds_.front() : **found;
}

Task<HttpResponse> Shell::Answer(HttpRequest request) {
  World& world = FindWorld(request);
  world.AdvanceTo(now_());
  const bool is_api = absl::StartsWith(request.target, "/v1/");
  const absl::Duration half = is_api ? world.DrawDelay() / 2 : absl::ZeroDuration();
  co_await Pause(half);
  world.AdvanceTo(now_());
  if (const std::optional<WaitForState> wait = FindWait(world, options_, request)) {
    const absl::Time deadline = now_() + wait->timeout;
    while (IsNotYet(world.CheckState(*wait)) && now_() < deadline) {
      co_await Pause(kWaitPoll);
      world.AdvanceTo(now_());
    }
  }
  HttpResponse answer = MakeAnswer(world, options_, request);
  co_await Pause(half);
  co_return answer;
}

}  // namespace placer::flysim
