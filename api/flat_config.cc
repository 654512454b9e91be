#include "api/flat_config.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace placer {
namespace {

constexpr const char* kKeys[] = {"dry_run",           "cooldown_period",       "short_term_window",
                                 "long_term_window",  "alpha_short",           "alpha_long",
                                 "traffic_threshold", "deployment_threshold",  "allowed_regions",
                                 "excluded_regions",  "always_running_regions"};

// What a policy adds to the proof of concept's rules, and it did not have: taken away again.
PlacementPolicy MakeFlatDefaults() {
  PlacementPolicy policy;
  policy.from_flat_config = true;
  policy.threshold.per = absl::Minutes(5);
  policy.threshold.attribution = Attribution::kNone;
  policy.adopt = Adopt::kAll;
  for (ScalingBehavior* scaling : {&policy.behavior.scale_up, &policy.behavior.scale_down}) {
    scaling->stabilization_window = absl::ZeroDuration();
    scaling->max_actions.reset();
  }
  return policy;
}

// Python's YAML reads these as booleans, so the proof of concept did.
void ReadPythonBool(FieldReader& reader, const char* key, bool& out) {
  const YamlNode* node = reader.Take(key);
  if (node == nullptr) return;
  const std::string word = absl::AsciiStrToLower(node->text);
  const bool yes = word == "true" || word == "yes" || word == "on";
  const bool no = word == "false" || word == "no" || word == "off";
  if (node->kind != YamlNode::Kind::kScalar || node->quoted || !(yes || no)) {
    reader.report().Break(node->at, key, absl::StrCat("is ", DescribeNode(*node), "; write true or false"));
  } else {
    out = yes;
  }
}

void ReadSeconds(FieldReader& reader, const char* key, PlacementPolicy& policy) {
  if (!reader.Has(key)) return;
  double seconds = -1;
  reader.Double(key, seconds);
  if (reader.report().IsBroken(key)) return;
  constexpr double kLongest = 30.0 * 24 * 3600;
  if (seconds < 0 || seconds > kLongest) {
    reader.report().Break(
        reader.report().Find(key), key,
        absl::StrCat(seconds, " is out of range; use 0 to ", static_cast<int>(kLongest), " seconds"));
    return;
  }
  const absl::Duration cooldown = absl::Milliseconds(std::llround(seconds * 1000));
  policy.behavior.scale_up.cooldown = cooldown;
  policy.behavior.scale_down.cooldown = cooldown;
}

void NameTarget(const std::string& default_app, DocumentReport& report, PlacementPolicy& policy) {
  policy.name = default_app.empty() ? "default" : default_app;
  policy.app = default_app.empty() ? "demo" : default_app;
  if (!default_app.empty() || policy.mode == Mode::kDryRun || report.IsBroken("dry_run")) return;
  report.Break(report.Find("dry_run"), "dry_run",
               "is false, but no app is named; set AUTOPLACER_APP (or FLY_APP_NAME outside Fly), or write "
               "dry_run: true");
}

}  // namespace

bool IsFlatConfig(const YamlNode& root) {
  const auto has = [&](absl::string_view key) {
    return std::any_of(root.entries.begin(), root.entries.end(),
                       [&](const YamlEntry& entry) { return entry.key == key; });
  };
  if (has("apiVersion") || has("kind") || has("spec")) return false;
  return std::any_of(std::begin(kKeys), std::end(kKeys), has);
}

PlacementPolicy ParseFlatConfig(const std::string& default_app, DocumentReport& report) {
  PlacementPolicy policy = MakeFlatDefaults();
  FieldReader reader(&report.root, "", report);
  bool dry_run = true;
  ReadPythonBool(reader, "dry_run", dry_run);
  policy.mode = dry_run ? Mode::kDryRun : Mode::kActive;
  ReadSeconds(reader, "cooldown_period", policy);
  reader.Int("short_term_window", policy.threshold.short_window);
  reader.Int("long_term_window", policy.threshold.long_window);
  reader.Double("alpha_short", policy.threshold.alpha_short);
  reader.Double("alpha_long", policy.threshold.alpha_long);
  reader.Double("traffic_threshold", policy.threshold.deploy);
  reader.Double("deployment_threshold", policy.threshold.remove);
  reader.Strings("allowed_regions", policy.regions.allowed);
  reader.Strings("excluded_regions", policy.regions.excluded);
  reader.Strings("always_running_regions", policy.regions.always_running);
  reader.Finish();
  NameTarget(default_app, report, policy);
  return policy;
}

}  // namespace placer
