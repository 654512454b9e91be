#include "cmd/autoplacer/wiring.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cmd/autoplacer/daemon.h"
#include "cmd/autoplacer/demo_policy.h"
#include "cmd/autoplacer/platform_effects.h"
#include "cmd/autoplacer/policy_files.h"
#include "cmd/autoplacer/rtt_file.h"
#include "cmd/autoplacer/run_blocking.h"
#include "controller/controller.h"
#include "controller/effects/random.h"
#include "controller/effects/store.h"
#include "reconcilers/placement/placement_reconciler.h"

namespace placer {
namespace {

// Remembers each app's list, for the adoption report.
class RecordingMachines final : public MachinesApi {
 public:
  explicit RecordingMachines(MachinesApi& inner) : inner_(inner) {}

  Task<absl::StatusOr<std::vector<Machine>>> List(std::string app) override {
    absl::StatusOr<std::vector<Machine>> list = co_await inner_.List(app);
    if (list.ok()) lists_[app] = *list;
    co_return list;
  }
  Task<absl::StatusOr<Machine>> Get(std::string app, std::string machine_id) override {
    return inner_.Get(std::move(app), std::move(machine_id));
  }
  Task<absl::StatusOr<std::vector<Region>>> ListRegions() override { return inner_.ListRegions(); }

  const std::vector<Machine>& list(const std::string& app) { return lists_[app]; }

 private:
  MachinesApi& inner_;
  std::map<std::string, std::vector<Machine>> lists_;
};

// A new loop begins once this task waits, so that the report is that of its first pass.
Task<absl::StatusOr<PassReport>> RunFirstPass(Controller& controller, PlacementPolicy policy) {
  controller.Apply({std::move(policy)});
  absl::StatusOr<PassReport> report = co_await controller.Trigger("");
  co_await controller.Stop();
  co_return report;
}

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
  absl::StatusOr<RttMatrix> rtt_ms = ReadOptionalRttFile(options.rtt_file);
  absl::Status status = rtt_ms.status();
  if (status.ok()) {
    Daemon daemon(options, environment, *std::move(rtt_ms));
    status = daemon.Run();
    // Everything is stored and closed. A name resolution that hangs in the C library cannot be cancelled, and tearing
    // the io_context down would wait for it longer than the platform waits for us.
    if (status.ok()) std::_Exit(kExitOk);
  }
  std::fprintf(stderr, "autoplacer: %s\n", std::string(status.message()).c_str());
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ? kExitUsage : kExitUnreachable;
}

OnePass RunOnePass(const RunOptions& options, const Environment& environment) {
  OnePass pass;
  absl::StatusOr<std::vector<PolicyFile>> files =
      std::vector<PolicyFile>{{"(built-in demo policy)", kDemoPolicy}};
  if (!options.policy.empty()) files = ReadPolicyFiles(options.policy);
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
    absl::StatusOr<PlatformEffects> effects = MakeFlyEffects(io, options, environment, nullptr);
    if (!effects.ok()) return {.diagnostics = std::move(pass.diagnostics), .status = effects.status()};
    platform = *std::move(effects);
  }
  RecordingMachines machines(*platform.machines);
  MemoryStore store;
  SystemRandom random;
  NullLog log;
  const PlacementReconciler reconciler;
  std::sort(parsed.policies.begin(), parsed.policies.end(),
            [](const PlacementPolicy& a, const PlacementPolicy& b) { return a.name < b.name; });
  for (PlacementPolicy& policy : parsed.policies) {
    Controller controller(io, Effects{*platform.clock, random, machines, *platform.traffic, store},
                          reconciler, log,
                          /*metrics=*/nullptr, ControllerOptions{environment.machine_id, *rtt_ms});
    absl::StatusOr<PassReport> report = RunBlocking(io, RunFirstPass(controller, std::move(policy)));
    PolicySnapshot snapshot = controller.Snapshot().front();
    pass.status.Update(report.ok() ? FindBlindness(snapshot) : report.status());
    pass.reports.push_back(report.ok() ? *std::move(report) : PassReport{.policy = snapshot.policy.name});
    pass.machines.push_back(machines.list(snapshot.policy.app));
    pass.policies.push_back(std::move(snapshot));
  }
  return pass;
}

}  // namespace placer
