#include "api/policy_fields.h"

#include <algorithm>
#include <initializer_list>
#include <type_traits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace placer {
namespace {

using P = PlacementPolicy;

constexpr absl::Duration kLongestDuration = absl::Hours(30 * 24);
constexpr int kMaxWindow = 1440;  // a day of minutes
constexpr int kMaxMachines = 10000;
constexpr int kMaxCreates = 100000;    // per hour
constexpr double kMaxRequests = 1e15;  // whole numbers are still exact in a double
constexpr std::size_t kMaxQueryBytes = 8192;

// By the members on the way to the value.
template <auto... path>
constexpr auto At() {
  using T = std::remove_reference_t<decltype((std::declval<P&>().*....*path))>;
  return Member<T>{.write = [](P& policy) -> T& { return (policy.*....*path); },
                   .read = [](const P& policy) -> const T& { return (policy.*....*path); }};
}

// `enumerators` from the first to the last.
template <auto... path, typename E>
WordField Words(std::initializer_list<E> enumerators) {
  WordField field;
  for (E each : enumerators) field.words.push_back(ToString(each));
  field.read = [](const P& policy) { return static_cast<int>(At<path...>().read(policy)); };
  field.write = [](P& policy, int index) { At<path...>().write(policy) = static_cast<E>(index); };
  return field;
}

// Not stored: there is one so far.
WordField Strategy() {
  return {.words = {"Threshold"},
          .later = "CostLatency",
          .read = [](const P&) { return 0; },
          .write = [](P&, int) {}};
}

template <auto... path>
DurationField DurationFrom(absl::Duration least) {
  return {.of = At<path...>(), .least = least, .most = kLongestDuration};
}

template <auto... path>
IntegerField Machines(int least, int most) {
  return {.of = At<path...>(), .least = least, .most = most, .unit = "machines"};
}

MappingField Metadata() {
  return {{
      {"name",
       NameField{.of = At<&P::name>(),
                 .kind = "is not a DNS label",
                 .missing = "is missing; give the policy a name such as web"},
       "Name in the API, metrics and state; unique among the loaded policies."},
      {"labels", OpenField{}, "For people and tools; not read."},
      {"annotations", OpenField{}, "For people and tools; not read."},
      {"generation", IgnoredField{}},
  }};
}

MappingField Traffic() {
  using T = TrafficSpec;
  return {{
      {"source",
       Words<&P::traffic, &T::source>({TrafficSource::kEdge, TrafficSource::kEdgeTcp, TrafficSource::kQuery}),
       "Edge: HTTP responses at Fly's edge; EdgeTcp: TCP connects there; Query: the answer to query."},
      {"query", TextField{.of = At<&P::traffic, &T::query>(), .most_bytes = kMaxQueryBytes},
       "PromQL that gives one series per region label: requests counted in the last $resolution, not a rate; "
       "$app and $resolution expand. Needed with source Query, not allowed otherwise."},
      {"resolution",
       DurationField{.of = At<&P::traffic, &T::resolution>(),
                     .least = absl::Seconds(1),
                     .most = absl::Hours(24),
                     .whole_seconds = true},
       "Length of one data point, at least interval; points lie on multiples of it since the Unix epoch."},
      {"delay", DurationFrom<&P::traffic, &T::delay>(absl::ZeroDuration()),
       "Servers hide the newest samples: a point is expected this long after its end."},
      {"maxAge", DurationFrom<&P::traffic, &T::max_age>(absl::Seconds(1)),
       "Evidence is Stale when its newest point is older; at least resolution + delay + interval."},
  }};
}

MappingField Regions() {
  using R = RegionsSpec;
  return {{
      {"allowed", CodesField{At<&P::regions, &R::allowed>()},
       "Regions that may host; empty: every active region of the platform."},
      {"excluded", CodesField{At<&P::regions, &R::excluded>()},
       "Regions that may not host; none of allowed or alwaysRunning."},
      {"alwaysRunning", CodesField{At<&P::regions, &R::always_running>()},
       "Regions that always have a machine, whatever their traffic; may lie outside allowed."},
  }};
}

template <auto alpha>
NumberField Alpha() {
  return {.of = At<&P::threshold, alpha>(), .least = 0, .most = 1, .below_most = true};
}

MappingField Threshold() {
  using T = ThresholdSpec;
  const char* const unit = "requests per threshold.per";
  return {{
      {"per", DurationFrom<&P::threshold, &T::per>(absl::Seconds(1)), "The unit of deploy and remove."},
      {"deploy",
       NumberField{.of = At<&P::threshold, &T::deploy>(),
                   .least = 0,
                   .most = kMaxRequests,
                   .above_least = true,
                   .unit = unit},
       "A region is placed where its average traffic is at or above this."},
      {"remove",
       NumberField{.of = At<&P::threshold, &T::remove>(), .least = 0, .most = kMaxRequests, .unit = unit},
       "A region is left where its average traffic is at or below this; less than deploy."},
      {"shortWindow", IntegerField{At<&P::threshold, &T::short_window>(), 2, kMaxWindow, "data points"},
       "What placing looks at; at most longWindow."},
      {"longWindow", IntegerField{At<&P::threshold, &T::long_window>(), 2, kMaxWindow, "data points"},
       "What leaving looks at as well."},
      {"alphaShort", Alpha<&T::alpha_short>(),
       "Weights of the short average, (1 - alpha)^k with k = 0 for the newest point; 0: all the same."},
      {"alphaLong", Alpha<&T::alpha_long>(), "Weights of the long average, likewise."},
      {"attribution", Words<&P::threshold, &T::attribution>({Attribution::kNearest, Attribution::kNone}),
       "Nearest: traffic of a region that may not host counts to the nearest one that may; None: a region "
       "counts only its own."},
  }};
}

MappingField Capacity() {
  using C = CapacitySpec;
  return {{
      {"perRegion",
       MappingField{{
           {"min", Machines<&P::capacity, &C::per_region_min>(1, kMaxMachines),
            "Least of a placed region; at most max."},
           {"max", LimitField{At<&P::capacity, &C::per_region_max>(), 1, kMaxMachines, "machines"},
            "Most of a placed region; null: no ceiling."},
       }},
       "Machines of one region."},
      {"total",
       MappingField{{
           {"min", Machines<&P::capacity, &C::total_min>(0, kMaxMachines),
            "Stops removals, never adds; at most max."},
           {"max", Machines<&P::capacity, &C::total_max>(1, kMaxMachines),
            "Ceiling of all regions together; failed, creating and unknown machines count."},
       }},
       "Machines of all regions together."},
      {"maxCreatesPerHour", Machines<&P::capacity, &C::max_creates_per_hour>(0, kMaxCreates),
       "New machines within an hour; failed creates count."},
      {"requestsPerSecondPerMachine", ReservedField{}},
      {"targetUtilization", ReservedField{}},
      {"surviveRegionLoss", ReservedField{}},
  }};
}

template <ScalingBehavior BehaviorSpec::* side>
std::vector<PolicyField> Scaling() {
  using S = ScalingBehavior;
  return {
      {"cooldown", DurationFrom<&P::behavior, side, &S::cooldown>(absl::ZeroDuration()),
       "Pause of a region from the end of its last attempted action."},
      {"stabilizationWindow",
       DurationFrom<&P::behavior, side, &S::stabilization_window>(absl::ZeroDuration()),
       "The verdict must hold at every data point that ended within it."},
      {"maxActions", LimitField{At<&P::behavior, side, &S::max_actions>(), 0, kMaxMachines, "machines"},
       "Most within per, in this direction; null: no limit."},
      {"per", DurationFrom<&P::behavior, side, &S::per>(absl::Seconds(1)),
       "The sliding window of maxActions."},
  };
}

MappingField Behavior() {
  using B = BehaviorSpec;
  std::vector<PolicyField> down = Scaling<&B::scale_down>();
  down.push_back({"method",
                  Words<&P::behavior, &B::method>(
                      {RemovalMethod::kDestroy, RemovalMethod::kStop, RemovalMethod::kSuspend}),
                  "What becomes of a machine that left; Stop and Suspend park it for its return."});
  down.push_back({"drainTimeout", DurationFrom<&P::behavior, &B::drain_timeout>(absl::ZeroDuration()),
                  "Time from cordon to stop, in which requests under way may end."});
  return {{
      {"scaleUp", MappingField{Scaling<&B::scale_up>()}, "How regions are placed."},
      {"scaleDown", MappingField{std::move(down)}, "How regions are left."},
  }};
}

MappingField Spec() {
  return {{
      {"app",
       NameField{.of = At<&P::app>(),
                 .kind = "is not a name of a Fly app",
                 .missing = "is missing; name the Fly app that this policy steers"},
       "Fly app to place; no two policies share app and process group."},
      {"processGroup",
       NameField{.of = At<&P::process_group>(),
                 .kind = "is not a name of a process group",
                 .more_characters = true},
       "Process group of that app."},
      {"mode", Words<&P::mode>({Mode::kDryRun, Mode::kActive, Mode::kPaused}),
       "DryRun: decide, into a shadow placement only; Active: create and remove machines; Paused: observe, "
       "decide nothing."},
      {"interval", DurationFrom<&P::interval>(absl::Seconds(1)),
       "Time between passes, at most traffic.resolution; does not change what is decided."},
      {"traffic", Traffic(), "Where traffic is read from, and when it is too old."},
      {"regions", Regions(), "Where the app may, may not and must run."},
      {"strategy", Strategy(), "How demand becomes a placement."},
      {"threshold", Threshold(), "When a region has enough traffic, and when too little."},
      {"capacity", Capacity(), "Floors and ceilings."},
      {"behavior", Behavior(), "How fast, and how gently."},
      {"adopt", Words<&P::adopt>({Adopt::kCreated, Adopt::kAll}),
       "Which machines may be removed; Created: those that this policy made; All: any of the process group."},
      {"volumes", Words<&P::volumes>({Volumes::kRefuse, Volumes::kCreateEmpty}),
       "Machines that mount volumes; Refuse: are not cloned; CreateEmpty: a clone gets a volume that is free "
       "or new."},
      {"costLatency", ReservedField{}},
      {"forecast", ReservedField{}},
      {"schedules", ReservedField{}},
      {"standby", ReservedField{}},
      {"pause", ReservedField{}},
  }};
}

}  // namespace

const std::vector<PolicyField>& PolicyFields() {
  static const std::vector<PolicyField> fields = {
      {"apiVersion", ConstantField{kApiVersion}, "Version of this schema."},
      {"kind", ConstantField{kPolicyKind}, "What the document is."},
      {"metadata", Metadata(), "What the policy is called."},
      {"spec", Spec(), "What is wanted of one process group of one app."},
      {"status", IgnoredField{}},
  };
  return fields;
}

bool IsRequired(const PolicyField& field) {
  if (const auto* mapping = std::get_if<MappingField>(&field.type)) {
    return std::any_of(mapping->fields.begin(), mapping->fields.end(), IsRequired);
  }
  const auto* name = std::get_if<NameField>(&field.type);
  return std::holds_alternative<ConstantField>(field.type) || (name != nullptr && name->missing != nullptr);
}

bool IsName(const NameField& field, absl::string_view text) {
  if (text.empty() || text.size() > kMaxNameBytes || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' ||
           (field.more_characters && (absl::ascii_isupper(c) || c == '_'));
  });
}

std::string DescribeName(const NameField& field) {
  return absl::StrCat("at most ", kMaxNameBytes, " of a-z, ",
                      field.more_characters ? "A-Z, 0-9, - and _" : "0-9 and -");
}

bool IsRegionCode(absl::string_view text) {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), absl::ascii_islower);
}

}  // namespace placer
