#include "controller/controller.h"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/policy_codec.h"
#include "controller/platform_source.h"
#include "controller/policy_loop.h"
#include "controller/waker.h"

namespace placer {
namespace {

constexpr absl::Duration kPatienceAtStop = absl::Milliseconds(2500);
constexpr absl::Duration kPatienceWithPredecessor = absl::Hours(1);
// A fleet's first passes come one after another, not all at once: neither the platform nor our memory has to
// take hundreds of answers in one moment.
constexpr int kStartedAtOnce = 8;
constexpr absl::Duration kStartedApart = absl::Milliseconds(25);
constexpr absl::Duration kPatienceAfterCancel = absl::Milliseconds(500);

bool SameSpec(const PlacementPolicy& a, const PlacementPolicy& b) {
  return FormatPolicyJson(a, false) == FormatPolicyJson(b, false) && a.from_flat_config == b.from_flat_config;
}

}  // namespace

// A loop and the coroutine that runs it. Kept until the coroutine has ended.
struct RunningLoop {
  PolicyLoop loop;
  asio::cancellation_signal cancel;
  bool ended = false;
};

// Also kept by every loop that runs, since each uses what is in here until its coroutine has ended.
struct Controller::State : std::enable_shared_from_this<Controller::State> {
  State(asio::io_context& context, Effects used, const Reconciler& decides, Log& log_used,
        Metrics* metrics_used, ControllerOptions given)
      : io(context),
        effects(used),
        reconciler(decides),
        log(log_used),
        metrics(metrics_used),
        options(std::move(given)),
        platform(used.clock, used.machines, log_used, options.rtt_ms),
        ended(context.get_executor()) {}

  void Start(PlacementPolicy policy, absl::Duration pause);
  void Retire(const std::string& name);
  // A policy that comes back while its old loop is in the middle of a pass waits for that to end: two loops
  // would act on the same facts.
  Task<void> Run(std::shared_ptr<RunningLoop> running, std::vector<std::shared_ptr<RunningLoop>> before,
                 absl::Duration pause);
  // Returns once every one of them has ended, or at the deadline.
  Task<void> WaitForEnd(const std::vector<std::shared_ptr<RunningLoop>>& running, absl::Time deadline);

  asio::io_context& io;
  Effects effects;
  const Reconciler& reconciler;
  Log& log;
  Metrics* metrics;
  ControllerOptions options;
  PlatformSource platform;
  std::map<std::string, std::shared_ptr<RunningLoop>> loops;  // by policy name
  std::vector<std::shared_ptr<RunningLoop>> retired;          // asked to stop, may still run
  std::vector<Diagnostic> rejected;
  std::map<std::string, std::int64_t> generations;
  Waker ended;  // rings when a loop's coroutine ends
  bool loaded = false;
};

void Controller::State::Start(PlacementPolicy policy, absl::Duration pause) {
  const std::string name = policy.name;
  if (metrics != nullptr) metrics->AddPolicy(policy);
  const auto running = std::make_shared<RunningLoop>(
      PolicyLoop(io.get_executor(), effects, reconciler, platform, log, metrics, options, std::move(policy)));
  loops[name] = running;
  std::vector<std::shared_ptr<RunningLoop>> before;
  for (const std::shared_ptr<RunningLoop>& old : retired) {
    if (!old->ended && old->loop.policy().name == name) before.push_back(old);
  }
  asio::co_spawn(io, Run(running, std::move(before), pause),
                 asio::bind_cancellation_slot(running->cancel.slot(), [self = shared_from_this(), running,
                                                                       name](std::exception_ptr error) {
                   running->ended = true;
                   std::erase(self->retired, running);
                   self->ended.Wake();
                   if (error == nullptr) return;
                   try {
                     std::rethrow_exception(error);
                   } catch (const boost::system::system_error& stopped) {
                     if (stopped.code() == asio::error::operation_aborted) return;
                     self->log.Error("A policy's loop ended",
                                     {{"policy", name}, {"error", stopped.code().message()}});
                   } catch (const std::exception& fault) {
                     self->log.Error("A policy's loop ended", {{"policy", name}, {"error", fault.what()}});
                   }
                 }));
}

Task<void> Controller::State::Run(std::shared_ptr<RunningLoop> running,
                                  std::vector<std::shared_ptr<RunningLoop>> before, absl::Duration pause) {
  if (!before.empty()) co_await WaitForEnd(before, effects.clock.Now() + kPatienceWithPredecessor);
  before.clear();  // not held as long as this one runs
  co_await running->loop.Run(pause);
}

void Controller::State::Retire(const std::string& name) {
  const auto it = loops.find(name);
  it->second->loop.RequestStop();
  if (!it->second->ended) retired.push_back(it->second);
  loops.erase(it);
  if (metrics != nullptr) metrics->RemovePolicy(name);
}

Task<void> Controller::State::WaitForEnd(const std::vector<std::shared_ptr<RunningLoop>>& running,
                                         absl::Time deadline) {
  while (effects.clock.Now() < deadline) {
    const std::uint64_t seen = ended.count();
    if (std::all_of(running.begin(), running.end(), [](const auto& loop) { return loop->ended; })) co_return;
    co_await ended.SleepUntil(effects.clock, deadline, seen);
  }
}

Controller::Controller(asio::io_context& io, Effects effects, const Reconciler& reconciler, Log& log,
                       Metrics* metrics, ControllerOptions options)
    : state_(std::make_shared<State>(io, effects, reconciler, log, metrics, std::move(options))) {}

Controller::~Controller() = default;

void Controller::Apply(std::vector<PlacementPolicy> policies) {
  State& state = *state_;
  state.loaded = true;
  state.rejected.clear();
  std::set<std::string> names;
  for (const PlacementPolicy& policy : policies) names.insert(policy.name);
  std::vector<std::string> gone;
  for (const auto& [name, running] : state.loops) {
    if (!names.contains(name)) gone.push_back(name);
  }
  for (const std::string& name : gone) state.Retire(name);
  int started = 0;
  for (PlacementPolicy& policy : policies) {
    std::int64_t& generation = state.generations[policy.name];
    const auto it = state.loops.find(policy.name);
    if (it == state.loops.end()) {
      policy.generation = ++generation;
      state.Start(std::move(policy), std::max(0, ++started - kStartedAtOnce) * kStartedApart);
      continue;
    }
    it->second->loop.SetAccepted("");
    if (SameSpec(it->second->loop.policy(), policy)) continue;
    policy.generation = ++generation;
    it->second->loop.SetPolicy(std::move(policy));
  }
  if (state.metrics != nullptr) state.metrics->CountPolicyReload("ok");
}

void Controller::Reject(const std::vector<Diagnostic>& diagnostics) {
  state_->rejected = diagnostics;
  std::string message;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != Diagnostic::Severity::kError) continue;
    absl::StrAppend(&message, message.empty() ? "" : "; ", FormatDiagnostic(diagnostic));
  }
  for (const auto& [name, running] : state_->loops) running->loop.SetAccepted(message);
  if (state_->metrics != nullptr) state_->metrics->CountPolicyReload("rejected");
}

Task<absl::StatusOr<PassReport>> Controller::Trigger(std::string policy) {
  if (state_->loops.empty()) co_return absl::NotFoundError("no policy is loaded");
  if (policy.empty() && state_->loops.size() == 1) policy = state_->loops.begin()->first;
  if (policy.empty())
    co_return absl::InvalidArgumentError("several policies are loaded: name one with ?policy=NAME");
  const auto it = state_->loops.find(policy);
  if (it == state_->loops.end()) co_return absl::NotFoundError(absl::StrCat("no policy is named ", policy));
  const std::shared_ptr<RunningLoop> running =
      it->second;  // stays alive even if the policy goes away meanwhile
  co_return co_await running->loop.Trigger();
}

std::vector<PolicySnapshot> Controller::Snapshot() const {
  std::vector<PolicySnapshot> snapshot;
  for (const auto& [name, running] : state_->loops) {
    snapshot.push_back({running->loop.policy(), running->loop.status()});
  }
  return snapshot;
}

std::optional<PolicySnapshot> Controller::Find(const std::string& policy) const {
  const auto it = state_->loops.find(policy);
  if (it == state_->loops.end()) return std::nullopt;
  return PolicySnapshot{it->second->loop.policy(), it->second->loop.status()};
}

bool Controller::Ready() const {
  const auto runs = [](const auto& entry) { return !entry.second->ended; };
  return state_->loaded && !state_->loops.empty() &&
         std::all_of(state_->loops.begin(), state_->loops.end(), runs);
}

absl::StatusOr<std::vector<Event>> Controller::RecentEvents(const std::string& policy, int limit) const {
  return state_->effects.store.RecentEvents(policy, limit);
}

const std::vector<Diagnostic>& Controller::Rejected() const {
  return state_->rejected;
}

const Platform& Controller::platform() const {
  return *state_->platform.last();
}

Task<void> Controller::Stop() {
  const std::shared_ptr<State> state = state_;
  std::vector<std::shared_ptr<RunningLoop>> running = state->retired;
  for (const auto& [name, loop] : state->loops) running.push_back(loop);
  for (const std::shared_ptr<RunningLoop>& loop : running) loop->loop.RequestStop();
  co_await state->WaitForEnd(running, state->effects.clock.Now() + kPatienceAtStop);
  // Out of patience: a pass that still waits for an answer is dropped. Nothing of it was stored but what it
  // had begun, which the next start goes on with.
  for (const std::shared_ptr<RunningLoop>& loop : running) {
    if (!loop->ended) loop->cancel.emit(asio::cancellation_type::terminal);
  }
  co_await state->WaitForEnd(running, state->effects.clock.Now() + kPatienceAfterCancel);
}

}  // namespace placer
