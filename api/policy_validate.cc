#include "api/policy_validate.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "api/json_writer.h"
#include "api/policy_fields.h"

namespace placer {
namespace {

// Prometheus answers at most 11,000 points per series.
constexpr int kMaxPoints = 10000;

constexpr std::pair<const char*, const char*> kFlatKeys[] = {
    {"spec.app", "the app (AUTOPLACER_APP, or FLY_APP_NAME outside Fly)"},
    {"spec.mode", "dry_run"},
    {"spec.behavior.scaleUp.cooldown", "cooldown_period"},
    {"spec.behavior.scaleDown.cooldown", "cooldown_period"},
    {"spec.threshold.shortWindow", "short_term_window"},
    {"spec.threshold.longWindow", "long_term_window"},
    {"spec.threshold.alphaShort", "alpha_short"},
    {"spec.threshold.alphaLong", "alpha_long"},
    {"spec.threshold.deploy", "traffic_threshold"},
    {"spec.threshold.remove", "deployment_threshold"},
    {"spec.regions.allowed", "allowed_regions"},
    {"spec.regions.excluded", "excluded_regions"},
    {"spec.regions.alwaysRunning", "always_running_regions"},
};

std::string Text(double number) {
  return FormatJsonNumber(number);
}
std::string Text(absl::Duration duration) {
  return FormatPolicyDuration(duration);
}
std::string Text(int number) {
  return absl::StrCat(number);
}

// Each field by the bounds of its type, then the rules that bind fields together.
class Validator {
 public:
  Validator(const PlacementPolicy& policy, DocumentReport& report) : policy_(policy), report_(report) {}

  void Check() {
    for (const PolicyField& field : PolicyFields()) {
      // A flat config has a target, not a name.
      if (!policy_.from_flat_config || field.key != absl::string_view("metadata")) CheckField("", field);
    }
    CheckTraffic();
    CheckThreshold();
    CheckCapacity();
    CheckScaling("spec.behavior.scaleUp", policy_.behavior.scale_up);
    CheckScaling("spec.behavior.scaleDown", policy_.behavior.scale_down);
  }

 private:
  std::string Name(absl::string_view field) const { return NameInFile(policy_, field); }

  // The first field is the one to change; a rule about an unreadable field is not judged. True if it holds.
  bool Rule(std::initializer_list<absl::string_view> fields, bool holds, const std::string& message) {
    for (absl::string_view field : fields) {
      if (report_.IsBroken(Name(field))) return false;
    }
    if (holds) return true;
    const std::string name = Name(*fields.begin());
    report_.Break(report_.Find(name), name, message);
    return false;
  }

  template <typename T>
  bool Within(absl::string_view path, T value, T least, T most) {
    return Rule({path}, value >= least && value <= most,
                absl::StrCat(Text(value), " is out of range; use ", Text(least), " to ", Text(most)));
  }

  void CheckField(absl::string_view parent, const PolicyField& field) {
    const std::string path = parent.empty() ? field.key : absl::StrCat(parent, ".", field.key);
    std::visit([&](const auto& type) { CheckBounds(path, type); }, field.type);
  }

  // Types without bounds, and region codes: api/region_rules.h.
  template <typename T>
  void CheckBounds(const std::string&, const T&) {}

  void CheckBounds(const std::string& path, const MappingField& mapping) {
    for (const PolicyField& field : mapping.fields) CheckField(path, field);
  }
  void CheckBounds(const std::string& path, const NameField& field) {
    const std::string& name = field.of.read(policy_);
    if (field.missing != nullptr) Rule({path}, !name.empty(), field.missing);
    Rule({path}, IsName(field, name),
         absl::StrCat(QuoteFound(name), " ", field.kind, "; use ", DescribeName(field)));
  }
  void CheckBounds(const std::string& path, const TextField& field) {
    const std::size_t size = field.of.read(policy_).size();
    Rule({path}, size <= field.most_bytes,
         absl::StrCat("is ", size, " bytes long; at most ", field.most_bytes, " are allowed"));
  }
  void CheckBounds(const std::string& path, const DurationField& field) {
    const absl::Duration value = field.of.read(policy_);
    if (!Within(path, value, field.least, field.most) || !field.whole_seconds) return;
    Rule({path}, absl::Floor(value, absl::Seconds(1)) == value,
         absl::StrCat(Text(value), " is not a whole number of seconds"));
  }
  void CheckBounds(const std::string& path, const IntegerField& field) {
    Within(path, field.of.read(policy_), field.least, field.most);
  }
  void CheckBounds(const std::string& path, const LimitField& field) {
    const std::optional<int> value = field.of.read(policy_);
    if (value.has_value()) Within(path, *value, field.least, field.most);
  }
  void CheckBounds(const std::string& path, const NumberField& field) {
    const double value = field.of.read(policy_);
    const std::string least = Text(field.least), most = Text(field.most);
    const bool high_enough = field.above_least ? value > field.least : value >= field.least;
    const bool low_enough = field.below_most ? value < field.most : value <= field.most;
    const std::string range = field.above_least  ? absl::StrCat("a number above ", least, ", at most ", most)
                              : field.below_most ? absl::StrCat(least, " or more, and less than ", most)
                                                 : absl::StrCat(least, " to ", most);
    Rule({path}, high_enough && low_enough, absl::StrCat(Text(value), " is out of range; use ", range));
  }

  void CheckTraffic() {
    const TrafficSpec& traffic = policy_.traffic;
    const bool has_query = !absl::StripAsciiWhitespace(traffic.query).empty();
    if (traffic.source == TrafficSource::kQuery) {
      Rule({"spec.traffic.query", "spec.traffic.source"}, has_query,
           "is empty; with source Query write PromQL that gives one series per region label");
    } else {
      Rule({"spec.traffic.query", "spec.traffic.source"}, !has_query,
           absl::StrCat("is given with source ", ToString(traffic.source),
                        "; write source: Query, or remove it"));
    }
    Rule({"spec.interval", "spec.traffic.resolution"}, policy_.interval <= traffic.resolution,
         absl::StrCat(Text(policy_.interval), " is longer than traffic.resolution (",
                      Text(traffic.resolution), "); use at most that"));
    const absl::Duration freshest = traffic.resolution + traffic.delay + policy_.interval;
    Rule({"spec.traffic.maxAge", "spec.traffic.resolution", "spec.traffic.delay", "spec.interval"},
         traffic.max_age >= freshest,
         absl::StrCat(Text(traffic.max_age), " is below resolution + delay + interval (", Text(freshest),
                      "), so evidence would be Stale now and then; use at least ", Text(freshest)));
  }

  void CheckThreshold() {
    const ThresholdSpec& threshold = policy_.threshold;
    const char* const deploy = "spec.threshold.deploy";
    const char* const remove = "spec.threshold.remove";
    Rule({remove, deploy}, threshold.remove < threshold.deploy,
         absl::StrCat(Text(threshold.remove), " is not below ",
                      policy_.from_flat_config ? Name(deploy) : std::string("deploy"), " (",
                      Text(threshold.deploy), "); use a number below ", Text(threshold.deploy)));
    Rule(
        {"spec.threshold.shortWindow", "spec.threshold.longWindow"},
        threshold.short_window <= threshold.long_window,
        absl::StrCat(threshold.short_window, " is above ",
                     policy_.from_flat_config ? Name("spec.threshold.longWindow") : std::string("longWindow"),
                     " (", threshold.long_window, "); use 2 to ", threshold.long_window));
  }

  void CheckCapacity() {
    const CapacitySpec& capacity = policy_.capacity;
    const char* const region_min = "spec.capacity.perRegion.min";
    const char* const region_max = "spec.capacity.perRegion.max";
    const char* const total_min = "spec.capacity.total.min";
    const char* const total_max = "spec.capacity.total.max";
    if (capacity.per_region_max.has_value()) {
      Rule({region_min, region_max}, capacity.per_region_min <= *capacity.per_region_max,
           absl::StrCat(capacity.per_region_min, " is above max (", *capacity.per_region_max, ")"));
    }
    Rule({total_min, total_max}, capacity.total_min <= capacity.total_max,
         absl::StrCat(capacity.total_min, " is above max (", capacity.total_max, ")"));
    const std::int64_t always = static_cast<std::int64_t>(policy_.regions.always_running.size());
    const std::int64_t floor = std::max<std::int64_t>(always, 1) * capacity.per_region_min;
    Rule({total_max, region_min, "spec.regions.alwaysRunning"}, floor <= capacity.total_max,
         absl::StrCat(capacity.total_max, " is below the floors: ", always, " in ",
                      Name("spec.regions.alwaysRunning"), ", each with perRegion.min ",
                      capacity.per_region_min, ", need ", floor));
  }

  void CheckScaling(const std::string& path, const ScalingBehavior& scaling) {
    const double points = policy_.threshold.long_window +
                          absl::FDivDuration(scaling.stabilization_window, policy_.traffic.resolution);
    Rule({path + ".stabilizationWindow", "spec.traffic.resolution", "spec.threshold.longWindow"},
         points <= kMaxPoints,
         absl::StrCat(Text(scaling.stabilization_window), " and the long window span more than ", kMaxPoints,
                      " data points; shorten it, or use a longer traffic.resolution"));
  }

  const PlacementPolicy& policy_;
  DocumentReport& report_;
};

}  // namespace

std::string NameInFile(const PlacementPolicy& policy, absl::string_view field) {
  for (const auto& [path, key] : kFlatKeys) {
    if (policy.from_flat_config && field == path) return key;
  }
  return std::string(field);
}

void ValidatePolicy(const PlacementPolicy& policy, DocumentReport& report) {
  Validator(policy, report).Check();
}

}  // namespace placer
