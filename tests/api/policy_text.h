// What the tests of policy files share: the full example of the policy reference, and small ways to ask for
// diagnostics by line.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "api/policy_codec.h"

namespace placer {

inline constexpr char kExample[] = R"(apiVersion: autoplacer.dev/v1
kind: PlacementPolicy
metadata: {name: web}
spec:
  app: my-app
  processGroup: app               # Fly process group
  mode: DryRun
  interval: 15s
  traffic:
    source: Edge
    query: ""
    resolution: 1m
    delay: 45s
    maxAge: 3m
  regions:
    allowed: []
    excluded: [nrt]
    alwaysRunning: [fra]
  strategy: Threshold
  threshold:
    per: 5m
    deploy: 50
    remove: 10
    shortWindow: 5
    longWindow: 20
    alphaShort: 0.3
    alphaLong: 0.1
    attribution: Nearest
  capacity:
    perRegion: {min: 1, max: null}
    total: {min: 1, max: 20}
    maxCreatesPerHour: 30
  behavior:
    scaleUp:   { cooldown: 1m, stabilizationWindow: 0s, maxActions: 4, per: 1m }
    scaleDown: { cooldown: 10m, stabilizationWindow: 5m, maxActions: 1, per: 1m, method: Destroy, drainTimeout: 30s }
  adopt: Created
  volumes: Refuse
)";

// The smallest policy, for tests that add one thing. Its last line is inside `spec`.
inline constexpr char kSmallest[] =
    "apiVersion: autoplacer.dev/v1\n"
    "kind: PlacementPolicy\n"
    "metadata: {name: web}\n"
    "spec:\n"
    "  app: my-app\n";

inline ParsedPolicies Parse(const std::string& text, const PolicyContext& context = {}) {
  return ParsePolicies(text, "p.yaml", context);
}

// kSmallest with `lines` (each indented as it must be) added to its spec, from line 6 on.
inline ParsedPolicies ParseWithSpec(const std::string& lines) {
  return Parse(kSmallest + lines);
}

// Every diagnostic as text, one per line.
inline std::string Show(const ParsedPolicies& parsed) {
  std::string text;
  for (const Diagnostic& diagnostic : parsed.diagnostics)
    absl::StrAppend(&text, FormatDiagnostic(diagnostic), "\n");
  return text;
}

}  // namespace placer
