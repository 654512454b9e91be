// Files that people write: policies, flat configs, .env.
#include <algorithm>

#include "api/dotenv.h"
#include "api/policy_codec.h"
#include "tests/fuzz/targets.h"

namespace placer::fuzz {
namespace {

int CountLines(absl::string_view text) {
  return static_cast<int>(1 + std::count(text.begin(), text.end(), '\n') +
                          std::count(text.begin(), text.end(), '\r'));
}

void CheckDiagnostics(const std::vector<Diagnostic>& diagnostics, absl::string_view text) {
  for (const Diagnostic& each : diagnostics) {
    Require(!each.message.empty(), "a diagnostic says what is wrong");
    Require(each.line >= 0 && each.line <= CountLines(text) + 1, "a diagnostic names a line of the file");
  }
}

// What is accepted can be printed, and is read back as the same policy.
void CheckRoundTrip(const PlacementPolicy& policy, const PolicyContext& context) {
  const std::string yaml = FormatPolicyYaml(policy);
  for (const std::string& printed : {yaml, FormatPolicyJson(policy, true)}) {
    const ParsedPolicies again = ParsePolicies(printed, "again.yaml", context);
    Require(again.policies.size() == 1, "a printed policy is accepted: " + printed);
    Require(FormatPolicyYaml(again.policies[0]) == yaml,
            "a printed policy is read back unchanged: " + printed);
  }
}

void CheckPolicies(absl::string_view text, const PolicyContext& context) {
  const ParsedPolicies parsed = ParsePolicies(text, "f.yaml", context);
  CheckDiagnostics(parsed.diagnostics, text);
  Require(parsed.policies.empty() || !HasErrors(parsed.diagnostics), "no policy where there is an error");
  for (const PlacementPolicy& policy : parsed.policies) CheckRoundTrip(policy, context);
}

PolicyContext MakeContext(const std::string& default_app) {
  PolicyContext context{.default_app = default_app};
  context.platform.regions = EmbeddedRegions();
  return context;
}

}  // namespace

void FuzzPolicy(absl::string_view text) {
  static const PolicyContext kContext = MakeContext("shop");
  CheckPolicies(text, kContext);
}

void FuzzFlatConfig(absl::string_view text) {
  static const PolicyContext kContext = MakeContext("shop");
  static const PolicyContext kNoApp = MakeContext("");
  CheckPolicies(text, kContext);
  CheckPolicies(text, kNoApp);
}

void FuzzDotenv(absl::string_view text) {
  const ParsedDotenv parsed = ParseDotenv(text, "f.env");
  CheckDiagnostics(parsed.diagnostics, text);
  for (const auto& [name, value] : parsed.values) {
    Require(!name.empty() && name.find('=') == std::string::npos, "a variable has a name");
    Require(text.find(name) != absl::string_view::npos, "a name stands in the file");
  }
}

}  // namespace placer::fuzz
