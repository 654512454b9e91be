#include "api/policy_validate.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "api/json_writer.h"

namespace placer {
namespace {

constexpr absl::Duration kLongestDuration = absl::Hours(30 * 24);
constexpr int kMaxWindow = 1440;  // a day of minutes
constexpr int kMaxMachines = 10000;
constexpr int kMaxCreates = 100000;    // per hour
constexpr double kMaxRequests = 1e15;  // whole numbers are still exact in a double
constexpr std::size_t kMaxQueryBytes = 8192;
constexpr std::size_t kMaxNameBytes = 63;
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

bool IsLabel(absl::string_view name, bool upper_and_underscore) {
  if (name.empty() || name.size() > kMaxNameBytes || name.front() == '-' || name.back() == '-') return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' ||
           (upper_and_underscore && (absl::ascii_isupper(c) || c == '_'));
  });
}

std::string Text(double number) {
  return FormatJsonNumber(number);
}
std::string Text(absl::Duration duration) {
  return FormatPolicyDuration(duration);
}
std::string Text(int number) {
  return absl::StrCat(number);
}

class Validator {
 public:
  Validator(const PlacementPolicy& policy, DocumentReport& report) : policy_(policy), report_(report) {}

  void Check() {
    CheckNames();
    CheckTraffic();
    CheckThreshold();
    CheckCapacity();
    CheckScaling("spec.behavior.scaleUp", policy_.behavior.scale_up);
    CheckScaling("spec.behavior.scaleDown", policy_.behavior.scale_down);
    Within("spec.behavior.scaleDown.drainTimeout", policy_.behavior.drain_timeout, absl::ZeroDuration(),
           kLongestDuration);
  }

 private:
  std::string Name(absl::string_view field) const {
    return policy_.from_flat_config ? FlatKey(field) : std::string(field);
  }

  // The first field is the one to change; a rule about an unreadable field is not judged. True if it holds.
  bool Rule(std::initializer_list<const char*> fields, bool holds, const std::string& message) {
    for (const char* field : fields) {
      if (report_.IsBroken(Name(field))) return false;
    }
    if (holds) return true;
    const std::string name = Name(*fields.begin());
    report_.Break(report_.Find(name), name, message);
    return false;
  }

  template <typename T>
  bool Within(const char* field, T value, T least, T most) {
    return Rule({field}, value >= least && value <= most,
                absl::StrCat(Text(value), " is out of range; use ", Text(least), " to ", Text(most)));
  }

  void CheckNames() {
    if (!policy_.from_flat_config) {
      Rule({"metadata.name"}, !policy_.name.empty(), "is missing; give the policy a name such as web");
      Rule({"metadata.name"}, IsLabel(policy_.name, false),
           absl::StrCat(QuoteFound(policy_.name), " is not a DNS label; use at most 63 of a-z, 0-9 and -"));
    }
    Rule({"spec.app"}, !policy_.app.empty(), "is missing; name the Fly app that this policy steers");
    Rule({"spec.app"}, IsLabel(policy_.app, false),
         absl::StrCat(QuoteFound(policy_.app),
                      " is not a name of a Fly app; use at most 63 of a-z, 0-9 and -"));
    Rule({"spec.processGroup"}, IsLabel(policy_.process_group, true),
         absl::StrCat(QuoteFound(policy_.process_group),
                      " is not a name of a process group; use at most 63 of a-z, A-Z, 0-9, - and _"));
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
    Rule({"spec.traffic.query"}, traffic.query.size() <= kMaxQueryBytes,
         absl::StrCat("is ", traffic.query.size(), " bytes long; at most ", kMaxQueryBytes, " are allowed"));
    if (Within("spec.traffic.resolution", traffic.resolution, absl::Seconds(1), absl::Hours(24))) {
      Rule({"spec.traffic.resolution"},
           absl::Floor(traffic.resolution, absl::Seconds(1)) == traffic.resolution,
           absl::StrCat(Text(traffic.resolution), " is not a whole number of seconds"));
    }
    if (Within("spec.interval", policy_.interval, absl::Seconds(1), kLongestDuration)) {
      Rule({"spec.interval", "spec.traffic.resolution"}, policy_.interval <= traffic.resolution,
           absl::StrCat(Text(policy_.interval), " is longer than traffic.resolution (",
                        Text(traffic.resolution), "); use at most that"));
    }
    Within("spec.traffic.delay", traffic.delay, absl::ZeroDuration(), kLongestDuration);
    const absl::Duration freshest = traffic.resolution + traffic.delay + policy_.interval;
    if (Within("spec.traffic.maxAge", traffic.max_age, absl::Seconds(1), kLongestDuration)) {
      Rule({"spec.traffic.maxAge", "spec.traffic.resolution", "spec.traffic.delay", "spec.interval"},
           traffic.max_age >= freshest,
           absl::StrCat(Text(traffic.max_age), " is below resolution + delay + interval (", Text(freshest),
                        "), so evidence would be Stale now and then; use at least ", Text(freshest)));
    }
  }

  void CheckThreshold() {
    const ThresholdSpec& threshold = policy_.threshold;
    const char* const deploy = "spec.threshold.deploy";
    const char* const remove = "spec.threshold.remove";
    Within("spec.threshold.per", threshold.per, absl::Seconds(1), kLongestDuration);
    Rule({deploy}, threshold.deploy > 0 && threshold.deploy <= kMaxRequests,
         absl::StrCat(Text(threshold.deploy), " is out of range; use a number above 0, at most ",
                      Text(kMaxRequests)));
    if (Within(remove, threshold.remove, 0.0, kMaxRequests)) {
      Rule({remove, deploy}, threshold.remove < threshold.deploy,
           absl::StrCat(Text(threshold.remove), " is not below ",
                        policy_.from_flat_config ? Name(deploy) : std::string("deploy"), " (",
                        Text(threshold.deploy), "); use a number below ", Text(threshold.deploy)));
    }
    Within("spec.threshold.longWindow", threshold.long_window, 2, kMaxWindow);
    if (Within("spec.threshold.shortWindow", threshold.short_window, 2, kMaxWindow)) {
      Rule({"spec.threshold.shortWindow", "spec.threshold.longWindow"},
           threshold.short_window <= threshold.long_window,
           absl::StrCat(
               threshold.short_window, " is above ",
               policy_.from_flat_config ? Name("spec.threshold.longWindow") : std::string("longWindow"), " (",
               threshold.long_window, "); use 2 to ", threshold.long_window));
    }
    for (const auto& [field, alpha] : {std::pair{"spec.threshold.alphaShort", threshold.alpha_short},
                                       std::pair{"spec.threshold.alphaLong", threshold.alpha_long}}) {
      Rule({field}, alpha >= 0 && alpha < 1,
           absl::StrCat(Text(alpha), " is out of range; use 0 or more, and less than 1"));
    }
  }

  void CheckCapacity() {
    const CapacitySpec& capacity = policy_.capacity;
    const char* const region_min = "spec.capacity.perRegion.min";
    const char* const region_max = "spec.capacity.perRegion.max";
    const char* const total_min = "spec.capacity.total.min";
    const char* const total_max = "spec.capacity.total.max";
    Within(region_min, capacity.per_region_min, 1, kMaxMachines);
    if (capacity.per_region_max.has_value() &&
        Within(region_max, *capacity.per_region_max, 1, kMaxMachines)) {
      Rule({region_min, region_max}, capacity.per_region_min <= *capacity.per_region_max,
           absl::StrCat(capacity.per_region_min, " is above max (", *capacity.per_region_max, ")"));
    }
    Within(total_max, capacity.total_max, 1, kMaxMachines);
    if (Within(total_min, capacity.total_min, 0, kMaxMachines)) {
      Rule({total_min, total_max}, capacity.total_min <= capacity.total_max,
           absl::StrCat(capacity.total_min, " is above max (", capacity.total_max, ")"));
    }
    Within("spec.capacity.maxCreatesPerHour", capacity.max_creates_per_hour, 0, kMaxCreates);
    const std::int64_t always = static_cast<std::int64_t>(policy_.regions.always_running.size());
    const std::int64_t floor = std::max<std::int64_t>(always, 1) * capacity.per_region_min;
    Rule({total_max, region_min, "spec.regions.alwaysRunning"}, floor <= capacity.total_max,
         absl::StrCat(capacity.total_max, " is below the floors: ", always, " in ",
                      Name("spec.regions.alwaysRunning"), ", each with perRegion.min ",
                      capacity.per_region_min, ", need ", floor));
  }

  void CheckScaling(const std::string& path, const ScalingBehavior& scaling) {
    const std::string window = path + ".stabilizationWindow";
    const std::string max_actions = path + ".maxActions";
    Within((path + ".cooldown").c_str(), scaling.cooldown, absl::ZeroDuration(), kLongestDuration);
    if (Within(window.c_str(), scaling.stabilization_window, absl::ZeroDuration(), kLongestDuration)) {
      const double points = policy_.threshold.long_window +
                            absl::FDivDuration(scaling.stabilization_window, policy_.traffic.resolution);
      Rule({window.c_str(), "spec.traffic.resolution", "spec.threshold.longWindow"}, points <= kMaxPoints,
           absl::StrCat(Text(scaling.stabilization_window), " and the long window span more than ",
                        kMaxPoints, " data points; shorten it, or use a longer traffic.resolution"));
    }
    if (scaling.max_actions.has_value()) Within(max_actions.c_str(), *scaling.max_actions, 0, kMaxMachines);
    Within((path + ".per").c_str(), scaling.per, absl::Seconds(1), kLongestDuration);
  }

  const PlacementPolicy& policy_;
  DocumentReport& report_;
};

}  // namespace

std::string FlatKey(absl::string_view field) {
  for (const auto& [path, key] : kFlatKeys) {
    if (field == path) return key;
  }
  return std::string(field);
}

void ValidatePolicy(const PlacementPolicy& policy, DocumentReport& report) {
  Validator(policy, report).Check();
}

}  // namespace placer
