#include "api/policy_codec.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/field_reader.h"
#include "api/flat_config.h"
#include "api/policy_parse.h"
#include "api/policy_validate.h"
#include "api/region_rules.h"
#include "api/yaml_reader.h"

namespace placer {
namespace {

// What must be unique among the documents of a file, and the line where it was first seen.
class Uniqueness {
 public:
  void Check(const PlacementPolicy& policy, DocumentReport& report) {
    const bool flat = policy.from_flat_config;
    const std::string name_field = flat ? "" : "metadata.name";
    const std::string app_field = flat ? "" : "spec.app";
    const Position name_at = report.Find("metadata.name"), app_at = report.Find("spec.app");
    if (!report.IsBroken("metadata.name")) {
      const auto [first, is_new] = names_.emplace(policy.name, name_at.line);
      if (!is_new) {
        report.Break(name_at, name_field,
                     absl::StrCat(QuoteFound(policy.name), " is also the name of the policy in line ",
                                  first->second, "; give each policy its own"));
      }
    }
    if (report.IsBroken("spec.app") || report.IsBroken("spec.processGroup")) return;
    const auto [first, is_new] = targets_.emplace(std::pair{policy.app, policy.process_group}, app_at.line);
    if (!is_new) {
      report.Break(app_at, app_field,
                   absl::StrCat("process group ", QuoteFound(policy.process_group), " of app ",
                                QuoteFound(policy.app), " is also steered by the policy in line ",
                                first->second, "; two policies would fight over it"));
    }
  }

 private:
  std::map<std::string, int> names_;
  std::map<std::pair<std::string, std::string>, int> targets_;
};

PlacementPolicy ParseDocument(const PolicyContext& context, DocumentReport& report) {
  if (IsFlatConfig(report.root)) {
    PlacementPolicy policy = ParseFlatConfig(context.default_app, report);
    ValidateRegions(policy, context, report);
    ResolveOverlaps(policy, report);
    ValidatePolicy(policy, report);
    return policy;
  }
  PlacementPolicy policy = ParsePolicyDocument(report);
  ValidateRegions(policy, context, report);
  ValidatePolicy(policy, report);
  return policy;
}

}  // namespace

ParsedPolicies ParsePolicies(absl::string_view text, const std::string& file, const PolicyContext& context) {
  ParsedPolicies parsed;
  DiagnosticSink sink(file);
  const std::vector<YamlNode> documents = ReadYaml(text, kMaxPolicyFileBytes, sink);
  Uniqueness uniqueness;
  for (const YamlNode& root : documents) {
    if (root.kind != YamlNode::Kind::kMap) {
      if (root.kind != YamlNode::Kind::kRefused) {
        sink.Error(root.at, "",
                   absl::StrCat("is ", DescribeNode(root), "; a policy is a mapping that starts with ",
                                "apiVersion: ", kApiVersion));
      }
      continue;
    }
    DocumentReport report{sink, root};
    PlacementPolicy policy = ParseDocument(context, report);
    uniqueness.Check(policy, report);
    parsed.policies.push_back(std::move(policy));
  }
  parsed.diagnostics = sink.Take();
  if (documents.empty() && !HasErrors(parsed.diagnostics)) {
    parsed.diagnostics.push_back({Diagnostic::Severity::kError, file, 0, 0, "",
                                  absl::StrCat("holds no policy; start with apiVersion: ", kApiVersion)});
  }
  if (HasErrors(parsed.diagnostics)) parsed.policies.clear();
  return parsed;
}

}  // namespace placer
