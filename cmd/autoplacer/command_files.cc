// `validate` and `convert`: policy files, without a network.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/policy_codec.h"
#include "cmd/autoplacer/commands.h"
#include "cmd/autoplacer/print.h"
#include "controller/policy_watcher.h"

namespace placer {
namespace {

PolicyContext MakeOfflineContext(std::string default_app) {
  PolicyContext context;
  context.platform.regions = EmbeddedRegions();
  context.default_app = std::move(default_app);
  return context;
}

// Names are unique among all files of a directory, which no single file can tell.
void CheckNamesAcrossFiles(const std::string& file, const std::vector<PlacementPolicy>& policies,
                           std::map<std::string, std::string>& file_by_name,
                           std::vector<Diagnostic>& diagnostics) {
  for (const PlacementPolicy& policy : policies) {
    const auto [found, is_new] = file_by_name.emplace(policy.name, file);
    if (!is_new && found->second != file) {
      diagnostics.push_back({.file = file,
                             .field = "metadata.name",
                             .message = absl::StrCat("\"", policy.name, "\" is also in ", found->second,
                                                     "; give each policy a name of its own")});
    }
  }
}

std::string Count(std::size_t count, const std::string& noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

std::string MakeCommentHeader(const std::string& file, const PlacementPolicy& policy) {
  if (!policy.from_flat_config) {
    return absl::StrCat("# ", file,
                        " is a PlacementPolicy already; here it is with every default written out.\n");
  }
  return absl::StrCat(
      "# Equivalent to the flat config ", file,
      ", with every value written out. What its rules imply, and a new policy\n"
      "# would not have by default:\n"
      "#   threshold.attribution: None   a region counts only its own traffic; Nearest also counts its "
      "neighbours'\n"
      "#   threshold.per: 5m             the unit of deploy and remove\n"
      "#   adopt: All                    any machine of the process group may be removed, whoever made it\n"
      "#   stabilizationWindow: 0s       a removal does not wait for the traffic to stay low (default 5m)\n"
      "#   no maxActions                 any number of machines at once (defaults 4 up, 1 down, per "
      "minute)\n");
}

}  // namespace

int RunValidate(const ValidateOptions& options, const Environment& environment) {
  const absl::StatusOr<std::vector<PolicyFile>> files = ReadPolicyFiles(options.file);
  if (!files.ok()) {
    PrintError(files.status().message());
    return kExitNegative;
  }
  const PolicyContext context = MakeOfflineContext(environment.default_app);
  std::vector<Diagnostic> diagnostics;
  std::map<std::string, std::string> file_by_name;
  for (const PolicyFile& file : *files) {
    const ParsedPolicies parsed = ParsePolicies(file.text, file.path, context);
    diagnostics.insert(diagnostics.end(), parsed.diagnostics.begin(), parsed.diagnostics.end());
    CheckNamesAcrossFiles(file.path, parsed.policies, file_by_name, diagnostics);
  }
  for (const Diagnostic& each : diagnostics) PrintOut(FormatDiagnostic(each) + "\n");
  const auto errors = static_cast<std::size_t>(
      std::count_if(diagnostics.begin(), diagnostics.end(),
                    [](const Diagnostic& each) { return each.severity == Diagnostic::Severity::kError; }));
  const std::size_t warnings = diagnostics.size() - errors;
  const std::string result = errors > 0 ? Count(errors, "error")
                                        : absl::StrCat("ok, ", file_by_name.size(),
                                                       file_by_name.size() == 1 ? " policy" : " policies");
  PrintOut(
      absl::StrCat(options.file, ": ", result, warnings > 0 ? ", " + Count(warnings, "warning") : "", "\n"));
  return errors > 0 ? kExitNegative : kExitOk;
}

int RunConvert(const ConvertOptions& options) {
  const absl::StatusOr<std::vector<PolicyFile>> files = ReadPolicyFiles(options.file);
  if (!files.ok()) {
    PrintError(files.status().message());
    return kExitNegative;
  }
  std::string text;
  for (const PolicyFile& file : *files) {
    const ParsedPolicies parsed = ParsePolicies(file.text, file.path, MakeOfflineContext(options.app));
    PrintDiagnostics(parsed.diagnostics);
    if (HasErrors(parsed.diagnostics)) return kExitNegative;
    for (const PlacementPolicy& policy : parsed.policies) {
      absl::StrAppend(&text, text.empty() ? "" : "---\n", MakeCommentHeader(file.path, policy),
                      FormatPolicyYaml(policy));
    }
  }
  PrintOut(text);
  return kExitOk;
}

}  // namespace placer
