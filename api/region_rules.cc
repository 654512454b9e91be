#include "api/region_rules.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "api/policy_fields.h"
#include "api/policy_validate.h"

namespace placer {
namespace {

constexpr char kAllowed[] = "spec.regions.allowed";
constexpr char kExcluded[] = "spec.regions.excluded";
constexpr char kAlwaysRunning[] = "spec.regions.alwaysRunning";

// A hostile file lists a hundred thousand in each of two lists.
using Codes = std::set<absl::string_view>;

Codes CodesOf(const std::vector<std::string>& codes) {
  return Codes(codes.begin(), codes.end());
}

class RegionRules {
 public:
  RegionRules(const PlacementPolicy& policy, const PolicyContext& context, DocumentReport& report)
      : policy_(policy), context_(context), report_(report), excluded_(CodesOf(policy.regions.excluded)) {}

  void Check(const char* field, const std::vector<std::string>& codes, bool hosts) {
    std::map<std::string, Position> first;
    const bool has_gaps = report_.IsBroken(Name(field));
    const ItemPositions items = report_.FindItems(Name(field));
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (codes[i].empty() && has_gaps) continue;
      const Position at = items.At(i);
      const auto [seen, is_new] = first.emplace(codes[i], at);
      if (!is_new) {
        Report(at, Name(field), policy_.from_flat_config,
               absl::StrCat(QuoteFound(codes[i]), " is listed twice, first in line ", seen->second.line));
      } else {
        CheckCode(at, field, codes[i], hosts);
      }
    }
  }

  void CheckOverlap(const char* field, const std::vector<std::string>& codes) {
    const ItemPositions items = report_.FindItems(Name(field));
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (codes[i].empty() || !excluded_.contains(codes[i])) continue;
      report_.Break(
          items.At(i), field,
          absl::StrCat(QuoteFound(codes[i]), " is also in regions.excluded; remove it from one of them"));
    }
  }

 private:
  std::string Name(absl::string_view field) const { return NameInFile(policy_, field); }

  void Report(Position at, const std::string& field, bool only_warn, std::string message) {
    if (only_warn) {
      report_.sink.Warning(at, field, std::move(message));
    } else {
      report_.Break(at, field, std::move(message));
    }
  }

  void CheckCode(Position at, const char* field, const std::string& code, bool hosts) {
    const auto& known = KnownRegions(context_.platform);
    const std::string suggestion = SuggestRegion(context_.platform, code);
    const std::string hint = suggestion.empty() ? "" : absl::StrCat(" (did you mean ", suggestion, "?)");
    if (!IsRegionCode(code)) {
      report_.Break(
          at, Name(field),
          absl::StrCat(QuoteFound(code), " is not a region code; use three lower-case letters", hint));
      return;
    }
    const auto found = known.find(code);
    if (found == known.end()) {
      Report(at, Name(field), policy_.from_flat_config || !context_.platform.from_platform,
             absl::StrCat(QuoteFound(code), " is not a region of Fly", hint));
    } else if (found->second.deprecated && hosts) {
      report_.sink.Warning(at, Name(field),
                           absl::StrCat(QuoteFound(code), " (", found->second.name,
                                        ") is retired and takes no new machines", hint));
    }
  }

  const PlacementPolicy& policy_;
  const PolicyContext& context_;
  DocumentReport& report_;
  const Codes excluded_;
};

void RemoveExcluded(const std::string& key, const Codes& excluded, std::vector<std::string>& codes,
                    DocumentReport& report) {
  std::vector<std::string> kept;
  Codes seen;
  const ItemPositions items = report.FindItems(key);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (!excluded.contains(codes[i])) {
      if (seen.insert(codes[i]).second) kept.push_back(codes[i]);
      continue;
    }
    report.sink.Warning(
        items.At(i), key,
        absl::StrCat(QuoteFound(codes[i]), " is also in excluded_regions, which wins; remove it from one"));
  }
  codes = std::move(kept);
}

}  // namespace

void ValidateRegions(const PlacementPolicy& policy, const PolicyContext& context, DocumentReport& report) {
  RegionRules rules(policy, context, report);
  rules.Check(kAllowed, policy.regions.allowed, true);
  rules.Check(kExcluded, policy.regions.excluded, false);
  rules.Check(kAlwaysRunning, policy.regions.always_running, true);
  if (policy.from_flat_config) return;
  rules.CheckOverlap(kAllowed, policy.regions.allowed);
  rules.CheckOverlap(kAlwaysRunning, policy.regions.always_running);
}

void ResolveOverlaps(PlacementPolicy& policy, DocumentReport& report) {
  RegionsSpec& regions = policy.regions;
  const bool listed = !regions.allowed.empty();
  const std::string allowed = NameInFile(policy, kAllowed);
  RemoveExcluded(NameInFile(policy, kExcluded), {}, regions.excluded, report);
  const Codes excluded = CodesOf(regions.excluded);
  RemoveExcluded(allowed, excluded, regions.allowed, report);
  RemoveExcluded(NameInFile(policy, kAlwaysRunning), excluded, regions.always_running, report);
  // An empty list would mean every region: the opposite of what the file says.
  if (listed && regions.allowed.empty()) {
    report.Break(report.Find(allowed), allowed,
                 "names only regions that excluded_regions excludes; no region is left");
  }
}

}  // namespace placer
