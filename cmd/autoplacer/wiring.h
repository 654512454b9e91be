// Wiring: the composition root, with daemon.h. Where the rooms meet: wiring.cc puts the decision code of
// reconcilers/, the effects of controller/ (or the demo's, in process) and the policy files together for one
// pass, daemon.cc for `run`. Commands call these functions and know nothing of how a controller is built.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "api/diagnostic.h"
#include "api/machine.h"
#include "api/status_codec.h"
#include "cmd/autoplacer/environment.h"
#include "cmd/autoplacer/options.h"
#include "controller/telemetry/metrics.h"

namespace placer {

// `run`: until a signal ends it. The result is an ExitCode.
int RunController(const RunOptions& options, const Environment& environment);

// What one pass of every policy saw and decided, without acting and without storing anything.
struct OnePass {
  std::vector<PolicySnapshot> policies;  // sorted by name
  std::vector<PassReport> reports;       // one per policy, in the same order
  std::vector<std::vector<Machine>>
      machines;                         // per policy, in the same order: all machines of its app as listed
  std::vector<Diagnostic> diagnostics;  // of the policy files
  // Not ok with `policies` empty: no pass could run (InvalidArgument: the policy is wrong, see diagnostics).
  // Not ok otherwise: a pass could not see its traffic or its machines.
  absl::Status status;
};

// `plan`: one pass against the real platform with a MemoryStore, or against the demo's with options.demo.
OnePass RunOnePass(const RunOptions& options, const Environment& environment);
// For a pass that could not run: prints why and tells the exit code, like `run`: usage, unless it is the
// policy.
int FailPass(const OnePass& pass);

}  // namespace placer
