// Policy files: YAML (one or more documents, JSON included) and the proof of concept's flat config.yml, to
// and from PlacementPolicy. Every parser here takes hostile text: size, depth and node count are bounded,
// duplicate and unknown keys are errors, and all errors of a file are reported at once.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "api/diagnostic.h"
#include "api/policy.h"
#include "api/region.h"

namespace placer {

inline constexpr int kMaxPolicyFileBytes = 1 << 20;

struct ParsedPolicies {
  std::vector<PlacementPolicy> policies;  // empty if any diagnostic is an error
  std::vector<Diagnostic> diagnostics;    // in the order of the file
};

struct PolicyContext {
  Platform platform;        // region codes are errors only if platform.from_platform
  std::string default_app;  // target of a flat config: AUTOPLACER_APP, or FLY_APP_NAME where not on Fly
};

// Reads a policy file of either form: a document with `apiVersion` or `kind` is a PlacementPolicy, one with
// keys of the proof of concept only is a flat config.
ParsedPolicies ParsePolicies(absl::string_view text, const std::string& file, const PolicyContext& context);

// Every field, defaults included, in the order of the policy reference; ParsePolicies reads it back
// unchanged.
std::string FormatPolicyYaml(const PlacementPolicy& policy);
// The same as JSON ({"apiVersion","kind","metadata","spec"}), on one line or indented by two spaces.
std::string FormatPolicyJson(const PlacementPolicy& policy, bool pretty);

}  // namespace placer
