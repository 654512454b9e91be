#include "cmd/autoplacer/wiring.h"

#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cmd/autoplacer/daemon.h"
#include "cmd/autoplacer/platform_effects.h"
#include "cmd/autoplacer/policy_files.h"
#include "cmd/autoplacer/print.h"
#include "cmd/autoplacer/read_only_machines.h"
#include "cmd/autoplacer/rtt_file.h"
#include "cmd/autoplacer/run_blocking.h"
#include "controller/effects/random.h"
#include "controller/effects/store.h"
#include "controller/platform_source.h"
#include "controller/policy_loop.h"
#include "reconcilers/placement/placement_reconciler.h"

namespace placer {
namespace {

absl::StatusOr<RttMatrix> ReadOptionalRttFile(const std::string& path) {
  if (path.empty()) return RttMatrix();
  return ReadRttFile(path);
}

absl::Status FindBlindness(const PolicySnapshot& snapshot) {
  for (const char* type : {"MachinesObserved", "TrafficObserved"}) {
    const Condition* condition = FindCondition(snapshot.status.conditions, type);
    if (condition == nullptr || condition->status) continue;
    return absl::UnavailableError(absl::StrCat("policy ", snapshot.policy.name, ": ", type, "=False (",
                                               condition->reason, "): ", condition->message));
  }
  return absl::OkStatus();
}

}  // namespace

int RunController(const RunOptions& options, const Environment& environment) {
  // State, logs and what SQLite puts beside them are for our user alone, whatever we were started with.
  umask(S_IRWXG | S_IRWXO);
  absl::StatusOr<RttMatrix> rtt_ms = ReadOptionalRttFile(options.rtt_file);
  absl::Status status = rtt_ms.status();
  if (status.ok()) {
    Daemon daemon(options, environment, *std::move(rtt_ms));
    status = daemon.Run();
    // Everything is stored and closed. A name resolution that hangs in the C library cannot be cancelled, and
    // tearing the io_context down would wait for it longer than the platform waits for us.
    if (status.ok()) std::_Exit(kExitOk);
  }
  PrintError(status.message());
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ? kExitUsage : kExitUnreachable;
}

int FailPass(const OnePass& pass) {
  const int exit_code = Fail(pass.status);
  return exit_code == kExitNegative && !HasErrors(pass.diagnostics) ? kExitUsage : exit_code;
}

OnePass RunOnePass(const RunOptions& options, const Environment& environment) {
  OnePass pass;
  const absl::StatusOr<std::vector<PolicyFile>> files = ReadPolicyOrDemo(options.policy);
  if (!files.ok()) return {.status = files.status()};
  PolicyContext context{.default_app = environment.default_app};
  context.platform.regions = EmbeddedRegions();
  ParsedPolicies parsed = ParsePolicyFiles(*files, context);
  pass.diagnostics = std::move(parsed.diagnostics);
  if (HasErrors(pass.diagnostics)) {
    pass.status = absl::InvalidArgumentError("the policy has errors");
    return pass;
  }

  const absl::StatusOr<RttMatrix> rtt_ms = ReadOptionalRttFile(options.rtt_file);
  if (!rtt_ms.ok()) return {.diagnostics = std::move(pass.diagnostics), .status = rtt_ms.status()};
  asio::io_context io(1);
  PlatformEffects platform;
  if (NeedsDemo(options, environment, parsed.policies)) {
    platform = MakeDemoEffects(options, parsed.policies.front().app);
  } else {
    absl::StatusOr<PlatformEffects> effects = MakeFlyEffects(io, options, environment, {});
    if (!effects.ok()) return {.diagnostics = std::move(pass.diagnostics), .status = effects.status()};
    platform = *std::move(effects);
  }
  ReadOnlyMachines machines(*platform.machines);
  MemoryStore store;
  SystemRandom random;
  NullLog log;
  const PlacementReconciler reconciler;
  std::sort(parsed.policies.begin(), parsed.policies.end(),
            [](const PlacementPolicy& a, const PlacementPolicy& b) { return a.name < b.name; });
  PlatformSource regions(*platform.clock, machines, log, *rtt_ms);
  const ControllerOptions self{.self_machine_id = environment.machine_id, .own_app = environment.own_app};
  for (PlacementPolicy& policy : parsed.policies) {
    // What an Active policy would do is what its dry run does.
    const Mode mode = std::exchange(policy.mode, policy.mode == Mode::kActive ? Mode::kDryRun : policy.mode);
    PolicyLoop loop(io.get_executor(), Effects{*platform.clock, random, machines, *platform.traffic, store},
                    reconciler, regions, log, /*metrics=*/nullptr, self, std::move(policy));
    pass.reports.push_back(RunBlocking(io, loop.RunOnce()));
    PolicySnapshot snapshot{loop.policy(), loop.status()};
    snapshot.policy.mode = mode;
    pass.status.Update(FindBlindness(snapshot));
    pass.machines.push_back(machines.list(snapshot.policy.app));
    pass.policies.push_back(std::move(snapshot));
  }
  return pass;
}

}  // namespace placer
