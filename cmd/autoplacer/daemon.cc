#include "cmd/autoplacer/daemon.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cmd/autoplacer/data_directory.h"
#include "cmd/autoplacer/policy_files.h"
#include "cmd/autoplacer/seed_policy.h"
#include "controller/server/access.h"
#include "controller/server/routes.h"
#include "controller/store/fallback_store.h"
#include "controller/store/identity.h"
#include "controller/store/sqlite_store.h"

namespace placer {
namespace {

bool IsLoopbackAddress(const std::string& host) {
  return IsLoopbackHost(host) || host == "::1";
}

std::string FormatAddress(const std::string& host, int port) {
  return absl::StrContains(host, ':') ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

// Under nohup it stays ignored.
bool IgnoresHangup() {
  struct sigaction action{};
  return sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

const char* NameOfSignal(int signal) {
  return signal == SIGINT ? "SIGINT" : signal == SIGHUP ? "SIGHUP" : "SIGTERM";
}

std::string FindFlatPolicy(const std::vector<PlacementPolicy>& policies) {
  for (const PlacementPolicy& policy : policies) {
    if (policy.from_flat_config) return policy.name;
  }
  return "";
}

}  // namespace

Daemon::Daemon(const RunOptions& options, const Environment& environment, RttMatrix rtt_ms)
    : options_(options), environment_(environment), rtt_ms_(std::move(rtt_ms)) {
  const std::string log_file = options.demo ? "" : absl::StrCat(options.data_dir, "/logs/auto_placer.log");
  log_ = std::make_unique<SpdLog>(
      LogOptions{.format = options.log_format, .level = options.log_level, .file = log_file},
      Secrets(environment));
  metrics_ = std::make_unique<Metrics>(
      [this] { return controller_ == nullptr ? std::vector<PolicySnapshot>() : controller_->Snapshot(); },
      [this] { return platform_.clock->Now(); }, kVersion);
}

Daemon::~Daemon() = default;

ParsedPolicies Daemon::Parse(const std::vector<PolicyFile>& files) const {
  PolicyContext context{.default_app = environment_.default_app};
  if (controller_ != nullptr) {
    context.platform = controller_->platform();
  } else {
    context.platform.regions = EmbeddedRegions();
  }
  return ParsePolicyFiles(files, context);
}

absl::Status Daemon::MakeEffects(const ParsedPolicies& policies) {
  if (NeedsDemo(options_, environment_, policies.policies)) {
    if (!options_.demo)
      log_->Warning("No FLY_API_TOKEN: this dry run decides on demo traffic, not on your app's");
    platform_ = MakeDemoEffects(options_, policies.policies.empty() ? "demo" : policies.policies.front().app);
  } else {
    absl::StatusOr<PlatformEffects> effects = MakeFlyEffects(
        io_, options_, environment_,
        {.called = [this](const std::string& api, const std::string& operation, const std::string& code,
                          absl::Duration took) { metrics_->CountApiRequest(api, operation, code, took); },
         .waited = [this](const std::string& api, const std::string& operation,
                          absl::Duration waited) { metrics_->CountRateLimitWait(api, operation, waited); }});
    if (!effects.ok()) return effects.status();
    platform_ = *std::move(effects);
  }
  if (options_.demo) {
    store_ = std::make_unique<MemoryStore>();  // the demo's time is not ours: nothing of it may be kept
    owner_id_ = DrawOwnerId();
    return absl::OkStatus();
  }
  return OpenStore(policies);
}

// Only a directory that another controller uses ends the program: two would act on the same app. Whatever
// else is wrong with it, traffic is followed all the same.
absl::Status Daemon::OpenStore(const ParsedPolicies& policies) {
  if (!environment_.machine_id.empty() && !IsOnVolume(options_.data_dir)) {
    log_->Warning("The data directory is not on a volume: state is lost with each deploy of this machine",
                  {{"data_dir", options_.data_dir}});
  }
  absl::StatusOr<std::unique_ptr<SqliteStore>> store =
      SqliteStore::Open(options_.data_dir, *log_, {.flat_policy = FindFlatPolicy(policies.policies)});
  if (absl::IsAlreadyExists(store.status())) return store.status();
  if (store.ok()) {
    owner_id_ = (*store)->owner_id();
    store_ = *std::move(store);
  } else {
    const std::string error(store.status().message());
    log_->Error("Nothing can be stored: state stands in memory only, and a restart begins afresh",
                {{"data_dir", options_.data_dir}, {"error", error}});
    owner_id_ = DrawOwnerId();
    store_ = std::make_unique<FallbackStore>(store.status());
  }
  // On Fly the machine's own id is known to everyone who wonders who the owner is.
  if (!environment_.machine_id.empty()) owner_id_ = environment_.machine_id;
  return absl::OkStatus();
}

absl::Status Daemon::Listen() {
  const auto listen = [&](const std::string& text, bool metrics_only) -> absl::Status {
    if (text.empty()) return absl::OkStatus();
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
    if (!address.ok()) return address.status();
    const RoutesOptions routes{IsLoopbackAddress(address->host), environment_.autoplacer_token, metrics_only};
    servers_.push_back(
        std::make_unique<HttpServer>(io_, MakeRoutes(*controller_, *metrics_, routes), HttpServerOptions{}));
    const absl::Status bound = servers_.back()->Listen(*address);
    if (bound.ok()) {
      const std::string text_of_address = FormatAddress(address->host, servers_.back()->port());
      if (!metrics_only) api_url_ = absl::StrCat("http://", text_of_address);
      log_->Info(metrics_only ? "Serving metrics" : "Serving the API", {{"address", text_of_address}});
      if (!metrics_only && !routes.loopback) {
        log_->Info(routes.token.empty()
                       ? "Whoever reaches this address may read; POST /trigger is refused: AUTOPLACER_TOKEN "
                         "is not set"
                       : "Whoever reaches this address may read; POST /trigger asks for AUTOPLACER_TOKEN");
      }
    }
    return bound;
  };
  const absl::Status api = listen(options_.listen, false);
  return api.ok() ? listen(options_.metrics_listen, true) : api;
}

// Says each diagnostic once as long as it stands; an edit that keeps or repeats a mistake says it again.
void Daemon::LogDiagnostics(const std::vector<Diagnostic>& diagnostics, bool only_new) {
  std::set<std::string> said;
  for (const Diagnostic& diagnostic : diagnostics) {
    std::string text = FormatDiagnostic(diagnostic);
    const bool error = diagnostic.severity == Diagnostic::Severity::kError;
    if (!only_new || !said_.contains(text)) {
      log_->Write(error ? LogLevel::kError : LogLevel::kWarning, text,
                  {{"reason", error ? "PolicyRejected" : "PolicyWarning"}});
    }
    said.insert(std::move(text));
  }
  said_ = std::move(said);
}

void Daemon::Obey(absl::StatusOr<std::vector<PolicyFile>> files, bool is_edit) {
  if (!files.ok()) {
    absl::string_view problem = files.status().message();
    absl::ConsumePrefix(&problem, absl::StrCat(options_.policy, ": "));  // the diagnostic names the file
    const std::string message(problem);
    log_->Error("The policy cannot be read; the last good one stays in force",
                {{"file", options_.policy}, {"error", message}});
    controller_->Reject({{.file = options_.policy, .message = message}});
    return;
  }
  files_ = *std::move(files);
  ParsedPolicies parsed = Parse(files_);
  LogDiagnostics(parsed.diagnostics, /*only_new=*/!is_edit);
  if (HasErrors(parsed.diagnostics)) {
    controller_->Reject(parsed.diagnostics);
  } else {
    controller_->Apply(std::move(parsed.policies));
  }
}

// A region code that only the platform can judge is judged once the platform has answered.
Task<void> Daemon::RevalidateOnPlatformAnswer() {
  while (!controller_->platform().from_platform) {
    if (!co_await platform_.clock->SleepUntil(platform_.clock->Now() + absl::Seconds(1))) co_return;
  }
  Obey(files_, /*is_edit=*/false);
}

Task<void> Daemon::StopOnSignal() {
  asio::signal_set signals(io_, SIGINT, SIGTERM);
  if (!IgnoresHangup()) signals.add(SIGHUP);  // the terminal is gone
  const auto [error, signal] = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
  if (error) co_return;
  log_->Info("Stopping", {{"signal", NameOfSignal(signal)}});
  for (const std::unique_ptr<HttpServer>& server : servers_) server->Stop();
  co_await controller_->Stop();
  io_.stop();  // ends the watcher and idle connections; every pass has ended or was dropped whole
}

void Daemon::Spawn(Task<void> task, const char* name) {
  asio::co_spawn(io_, std::move(task), [this, name](std::exception_ptr error) {
    if (error == nullptr) return;
    try {
      std::rethrow_exception(error);
    } catch (const boost::system::system_error& fault) {
      log_->Error("A task ended", {{"task", name}, {"error", fault.code().message()}});
    } catch (const std::exception& fault) {
      log_->Error("A task ended", {{"task", name}, {"error", fault.what()}});
    }
  });
}

absl::Status Daemon::Seed() {
  if (options_.seed_policy.empty()) return absl::OkStatus();
  const absl::StatusOr<bool> seeded = SeedPolicy(options_.seed_policy, options_.policy);
  if (!seeded.ok()) return seeded.status();
  if (*seeded) {
    log_->Info("No policy yet: begun with a copy; edit that one",
               {{"file", options_.policy}, {"seed", options_.seed_policy}});
  }
  return absl::OkStatus();
}

absl::Status Daemon::Run() {
  if (const absl::Status seeded = Seed(); !seeded.ok()) return seeded;
  absl::StatusOr<std::vector<PolicyFile>> files = ReadPolicyOrDemo(options_.policy);
  if (!files.ok()) return files.status();
  const ParsedPolicies parsed = Parse(*files);
  if (const absl::Status made = MakeEffects(parsed); !made.ok()) {
    LogDiagnostics(parsed.diagnostics, /*only_new=*/false);  // they may be why
    return made;
  }
  controller_ = std::make_unique<Controller>(
      io_, Effects{*platform_.clock, random_, *platform_.machines, *platform_.traffic, *store_}, reconciler_,
      *log_, metrics_.get(),
      ControllerOptions{.self_machine_id = environment_.machine_id,
                        .own_app = environment_.own_app,
                        .owner_id = owner_id_,
                        .rtt_ms = rtt_ms_});
  if (absl::Status listening = Listen(); !listening.ok()) return listening;
  if (options_.policy.empty()) {
    Obey(std::move(files), /*is_edit=*/true);
  } else {
    watcher_ = std::make_unique<PolicyWatcher>(io_, *platform_.clock, options_.policy, [this](auto changed) {
      Obey(std::move(changed), /*is_edit=*/true);
    });
    Spawn(watcher_->Run(), "policy watcher");
  }
  if (options_.demo) {
    const std::string name = parsed.policies.empty() ? "" : absl::StrCat(" ", parsed.policies.front().name);
    const std::string server = options_.listen == kDefaultListen ? "" : absl::StrCat(" --server ", api_url_);
    log_->Info(absl::StrCat("The demo runs; watch it with: autoplacer get", name, " --watch", server),
               {{"seed", absl::StrCat(options_.seed)}, {"speed", absl::StrCat(options_.speed)}});
  }
  Spawn(RevalidateOnPlatformAnswer(), "platform regions");
  Spawn(StopOnSignal(), "signals");
  io_.run();
  controller_.reset();
  store_.reset();  // waits for a commit under way
  log_->Info("Stopped");
  log_.reset();  // flushes
  return absl::OkStatus();
}

}  // namespace placer
