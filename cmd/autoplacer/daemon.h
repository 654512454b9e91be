// Daemon: `run` as an object. It owns every part in the order of their lives (what is declared first dies
// last), starts them, and stops them in reverse: no new requests, last passes finished, store closed.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/policy_codec.h"
#include "cmd/autoplacer/environment.h"
#include "cmd/autoplacer/options.h"
#include "cmd/autoplacer/platform_effects.h"
#include "cmd/autoplacer/rtt_file.h"
#include "controller/controller.h"
#include "controller/net/http_server.h"
#include "controller/policy_watcher.h"
#include "reconcilers/placement/placement_reconciler.h"

namespace placer {

class Daemon {
 public:
  Daemon(const RunOptions& options, const Environment& environment, RttMatrix rtt_ms);
  ~Daemon();

  // Until SIGINT, SIGTERM or, unless it is ignored, SIGHUP. Not ok: could not start, with what to do about
  // it.
  absl::Status Run();

 private:
  absl::Status Seed();
  ParsedPolicies Parse(const std::vector<PolicyFile>& files) const;
  absl::Status MakeEffects(const ParsedPolicies& policies);
  absl::Status OpenStore(const ParsedPolicies& policies);
  absl::Status Listen();
  void LogDiagnostics(const std::vector<Diagnostic>& diagnostics, bool only_new);
  void Obey(absl::StatusOr<std::vector<PolicyFile>> files, bool is_edit);
  Task<void> RevalidateOnPlatformAnswer();
  Task<void> StopOnSignal();
  void Spawn(Task<void> task, const char* name);

  RunOptions options_;
  Environment environment_;
  RttMatrix rtt_ms_;
  asio::io_context io_{1};
  std::unique_ptr<Log> log_;
  std::unique_ptr<Metrics> metrics_;
  PlatformEffects platform_;
  std::unique_ptr<Store> store_;
  std::string owner_id_;
  SystemRandom random_;
  PlacementReconciler reconciler_;
  std::unique_ptr<Controller> controller_;
  std::vector<std::unique_ptr<HttpServer>> servers_;
  std::unique_ptr<PolicyWatcher> watcher_;
  std::vector<PolicyFile> files_;  // as last read
  std::set<std::string> said_;     // its diagnostics
  std::string api_url_;
};

}  // namespace placer
