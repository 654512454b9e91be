#include "cmd/autoplacer/watch.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "cmd/autoplacer/controller_client.h"
#include "cmd/autoplacer/print.h"
#include "cmd/autoplacer/render.h"
#include "cmd/autoplacer/terminal.h"
#include "cmd/autoplacer/view.h"

namespace placer {
namespace {

constexpr int kStdout = 1;
constexpr std::chrono::seconds kPause(1);
constexpr absl::Duration kCallTimeout = absl::Seconds(5);

absl::StatusOr<PolicyView> ChooseOnly(std::vector<PolicyView> views) {
  if (views.size() == 1) return std::move(views[0]);
  if (views.empty()) return absl::NotFoundError("no policy is in force");
  const std::string names =
      absl::StrJoin(views, ", ", [](std::string* out, const PolicyView& each) { out->append(each.name); });
  return absl::InvalidArgumentError(absl::StrCat("there are several policies; name one to watch: ", names));
}

Task<absl::StatusOr<PolicyView>> FetchView(ControllerClient& client, std::string name) {
  const std::string path = name.empty() ? std::string(kPoliciesPath) : MakePolicyPath(name);
  const absl::StatusOr<std::string> body = co_await client.Call("GET", path);
  if (!body.ok()) co_return body.status();
  if (!name.empty()) co_return ParsePolicyView(*body);
  absl::StatusOr<std::vector<PolicyView>> views = ParsePolicyViews(*body);
  if (!views.ok()) co_return views.status();
  co_return ChooseOnly(*std::move(views));
}

// The display: the last good table, and above it what is wrong at the moment.
class Display {
 public:
  explicit Display(std::string header) : header_(std::move(header)) {}

  void Show(const absl::StatusOr<PolicyView>& view) {
    const Terminal terminal = DetectTerminal(kStdout);  // each time: windows are resized
    const Style style = StyleOf(terminal);
    std::string text;
    int lines_above = 0;
    for (absl::string_view line : absl::StrSplit(header_, '\n', absl::SkipEmpty())) {
      absl::StrAppend(&text, FitLine(line, style.width), "\n");
      ++lines_above;
    }
    if (view.ok()) {
      last_ = *view;
    } else {
      absl::StrAppend(&text, Paint(FitLine(view.status().message(), style.width), Tone::kBad, style), "\n");
      ++lines_above;
    }
    const int height = terminal.height > 0 ? std::max(1, terminal.height - lines_above) : 0;
    text += RenderPolicy(last_, style, height);
    // A frame that is lost, the next one replaces.
    if (!terminal.is_terminal) {
      (void)PrintOut(text + "\n");
      return;
    }
    (void)PrintOut(absl::StrCat(entered_ ? "" : kEnterFrames, MakeFrame(text, terminal.height)));
    entered_ = true;
  }
  // Leaves the last table standing, with the cursor below it.
  ~Display() {
    if (entered_) (void)PrintOut(absl::StrCat(kLeaveFrames, "\n"));
  }

 private:
  const std::string header_;
  PolicyView last_;
  bool entered_ = false;
};

Task<absl::Status> Watch(ControllerClient& client, std::string name, std::string header,
                         const bool& stopped) {
  Display display(std::move(header));
  asio::steady_timer timer(co_await asio::this_coro::executor);
  bool is_first = true;
  while (!stopped) {
    const absl::StatusOr<PolicyView> view = co_await FetchView(client, name);
    if (stopped) break;
    if (!view.ok() && is_first) co_return view.status();
    is_first = false;
    display.Show(view);
    timer.expires_after(kPause);
    (void)co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  }
  co_return absl::OkStatus();
}

}  // namespace

int RunWatch(const GetOptions& options, const std::string& token) {
  asio::io_context io(1);
  absl::StatusOr<std::unique_ptr<ControllerClient>> client =
      ControllerClient::Make(io, options.client, token, kCallTimeout);
  if (!client.ok()) return Fail(client.status());
  bool stopped = false;
  absl::Status result;
  std::exception_ptr failure;
  asio::cancellation_signal cancel;
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    stopped = true;
    cancel.emit(asio::cancellation_type::terminal);
  });
  asio::co_spawn(
      io, Watch(**client, options.name, options.header, stopped),
      asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr error, absl::Status status) {
        failure = error;
        result = std::move(status);
        io.stop();
      }));
  io.run();
  if (failure && !stopped) std::rethrow_exception(failure);
  return result.ok() ? kExitOk : Fail(result);
}

}  // namespace placer
