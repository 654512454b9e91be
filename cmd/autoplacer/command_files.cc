// `validate`, `convert` and `schema`: policy files, without a network.
#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/policy_codec.h"
#include "api/policy_schema.h"
#include "cmd/autoplacer/commands.h"
#include "cmd/autoplacer/policy_files.h"
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

std::string Count(std::size_t count, const std::string& noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

absl::StatusOr<std::vector<PolicyFile>> ReadStdin() {
  std::string text(kMaxPolicyFileBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), stdin));
  if (std::ferror(stdin) != 0) return absl::UnavailableError("stdin: cannot be read");
  if (text.size() > kMaxPolicyFileBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("stdin: is longer than ", kMaxPolicyFileBytes, " bytes"));
  }
  return std::vector<PolicyFile>{{"stdin", std::move(text)}};
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
  const bool is_stdin = options.file == "-";
  const std::string name = is_stdin ? "stdin" : options.file;
  const absl::StatusOr<std::vector<PolicyFile>> files =
      is_stdin ? ReadStdin() : ReadPolicyFiles(options.file);
  if (!files.ok()) {
    PrintError(files.status().message());
    return kExitNegative;
  }
  const ParsedPolicies parsed = ParsePolicyFiles(*files, MakeOfflineContext(environment.default_app));
  const std::vector<Diagnostic>& diagnostics = parsed.diagnostics;
  std::string text;
  for (const Diagnostic& each : diagnostics) absl::StrAppend(&text, FormatDiagnostic(each), "\n");
  const auto errors = static_cast<std::size_t>(
      std::count_if(diagnostics.begin(), diagnostics.end(),
                    [](const Diagnostic& each) { return each.severity == Diagnostic::Severity::kError; }));
  const std::size_t warnings = diagnostics.size() - errors;
  const std::size_t policies = parsed.policies.size();
  const std::string result = errors > 0
                                 ? Count(errors, "error")
                                 : absl::StrCat("ok, ", policies, policies == 1 ? " policy" : " policies");
  absl::StrAppend(&text, name, ": ", result, warnings > 0 ? ", " + Count(warnings, "warning") : "", "\n");
  const int printed = PrintAnswer(text);
  return errors > 0 ? kExitNegative : printed;
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
  return PrintAnswer(text);
}

int RunSchema() {
  return PrintAnswer(FormatPolicySchema() + "\n");
}

}  // namespace placer
