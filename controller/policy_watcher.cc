#include "controller/policy_watcher.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "controller/path_watch.h"

namespace placer {
namespace {

using Content = absl::StatusOr<std::vector<PolicyFile>>;

constexpr absl::Duration kPollInterval = absl::Seconds(1);
// A writer in place truncates first: what is read in between is no policy that anybody wrote.
constexpr absl::Duration kSettleTime = absl::Milliseconds(50);
constexpr int kMaxSettleReads = 20;  // a file that never rests is taken as it is

bool IsSame(const Content& a, const Content& b) {
  if (!a.ok() || !b.ok()) return a.status() == b.status();
  return std::equal(a->begin(), a->end(), b->begin(), b->end(), [](const PolicyFile& x, const PolicyFile& y) {
    return x.path == y.path && x.text == y.text;
  });
}

// Reads until two reads in a row agree.
Task<Content> ReadSettled(Clock* clock, std::string path, Content newest) {
  for (int reads = 0; reads < kMaxSettleReads; ++reads) {
    if (!co_await clock->SleepUntil(clock->Now() + kSettleTime)) break;
    Content again = ReadPolicyFiles(path);
    const bool settled = IsSame(again, newest);
    newest = std::move(again);
    if (settled) break;
  }
  co_return newest;
}

Task<bool> IsCancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace

PolicyWatcher::PolicyWatcher(asio::io_context& io, Clock& clock, std::string path,
                             std::function<void(absl::StatusOr<std::vector<PolicyFile>>)> on_change)
    : io_(io), clock_(clock), path_(std::move(path)), on_change_(std::move(on_change)) {}

Task<void> PolicyWatcher::Run() {
  if (co_await IsCancelled()) co_return;  // the reset below would forget it
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await asio::this_coro::throw_if_cancelled(false);
  PathWatch watch(io_, clock_);
  watch.Arm(path_);
  std::string stamp = StampPolicyFiles(path_);
  Content reported = ReadPolicyFiles(path_);
  on_change_(reported);
  for (;;) {
    const bool is_event = co_await watch.WaitUntil(clock_.Now() + kPollInterval);
    if (co_await IsCancelled()) co_return;
    std::string stamp_now = StampPolicyFiles(path_);
    if (!is_event && reported.ok() && stamp_now == stamp) continue;
    stamp = std::move(stamp_now);
    // Before reading, so that a change after the read is an event again.
    watch.Arm(path_);
    Content found = ReadPolicyFiles(path_);
    if (IsSame(found, reported)) continue;
    found = co_await ReadSettled(&clock_, path_, std::move(found));
    if (co_await IsCancelled()) co_return;
    if (IsSame(found, reported)) continue;
    reported = std::move(found);
    on_change_(reported);
  }
}

}  // namespace placer
