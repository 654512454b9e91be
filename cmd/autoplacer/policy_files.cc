#include "cmd/autoplacer/policy_files.h"

#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cmd/autoplacer/demo_policy.h"

namespace placer {
namespace {

// Reports the second of two files that claim the same thing. Within one file the codec has checked already.
void Claim(std::map<std::string, std::string>& owners, const std::string& what, const std::string& field,
           const std::string& file, std::vector<Diagnostic>& diagnostics) {
  const auto [owner, is_new] = owners.emplace(what, file);
  if (is_new || owner->second == file) return;
  diagnostics.push_back(
      {.file = file, .field = field, .message = absl::StrCat(what, " is also defined in ", owner->second)});
}

// Edge metrics do not tell process groups apart.
void WarnOfSharedTraffic(ParsedPolicies& parsed) {
  std::map<std::string, const PlacementPolicy*> first_of_app;
  for (const PlacementPolicy& policy : parsed.policies) {
    if (policy.traffic.source == TrafficSource::kQuery) continue;
    const auto [first, is_new] = first_of_app.emplace(policy.app, &policy);
    if (is_new) continue;
    parsed.diagnostics.push_back(
        {.severity = Diagnostic::Severity::kWarning,
         .field = "spec.traffic.source",
         .message =
             absl::StrCat("policies \"", first->second->name, "\" and \"", policy.name,
                          "\" steer two process groups of app ", policy.app,
                          " by the same edge traffic, which does not tell groups apart; use source Query")});
  }
}

}  // namespace

ParsedPolicies ParsePolicyFiles(const std::vector<PolicyFile>& files, const PolicyContext& context) {
  ParsedPolicies all;
  std::map<std::string, std::string> names;
  std::map<std::string, std::string> targets;
  for (const PolicyFile& file : files) {
    ParsedPolicies parsed = ParsePolicies(file.text, file.path, context);
    for (const PlacementPolicy& policy : parsed.policies) {
      Claim(names, absl::StrCat("policy \"", policy.name, "\""), "metadata.name", file.path,
            parsed.diagnostics);
      Claim(targets, absl::StrCat("process group ", policy.process_group, " of app ", policy.app), "spec.app",
            file.path, parsed.diagnostics);
    }
    std::move(parsed.policies.begin(), parsed.policies.end(), std::back_inserter(all.policies));
    std::move(parsed.diagnostics.begin(), parsed.diagnostics.end(), std::back_inserter(all.diagnostics));
  }
  if (HasErrors(all.diagnostics)) all.policies.clear();
  WarnOfSharedTraffic(all);
  return all;
}

absl::StatusOr<std::vector<PolicyFile>> ReadPolicyOrDemo(const std::string& path) {
  if (path.empty()) return std::vector<PolicyFile>{{"(built-in demo policy)", kDemoPolicy}};
  absl::StatusOr<std::vector<PolicyFile>> files = ReadPolicyFiles(path);
  if (!files.ok()) return absl::InvalidArgumentError(files.status().message());
  return files;
}

}  // namespace placer
