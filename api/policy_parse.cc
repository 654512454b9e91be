#include "api/policy_parse.h"

#include "absl/strings/str_cat.h"

namespace placer {
namespace {

constexpr char kWrittenByController[] = "is written by the controller, and never read";

void ReadConstant(FieldReader& reader, const char* key, const char* wanted) {
  DocumentReport& report = reader.report();
  if (!reader.Has(key)) {
    report.Break(report.root.at, key, absl::StrCat("is missing; add ", key, ": ", wanted));
  }
  std::string found = wanted;
  reader.String(key, found);
  if (found != wanted) {
    report.Break(report.Find(key), key,
                 absl::StrCat(QuoteFound(found), " is not known here; write ", wanted));
  }
}

void ReadMetadata(FieldReader reader, PlacementPolicy& policy) {
  reader.String("name", policy.name);
  reader.Map("labels");  // for people and tools; their content is theirs
  reader.Map("annotations");
  reader.Ignored("generation", kWrittenByController);
  reader.Finish();
}

void ReadTraffic(FieldReader reader, TrafficSpec& traffic) {
  reader.Enum("source", {"Edge", "EdgeTcp", "Query"}, traffic.source);
  reader.String("query", traffic.query);
  reader.Duration("resolution", traffic.resolution);
  reader.Duration("delay", traffic.delay);
  reader.Duration("maxAge", traffic.max_age);
  reader.Finish();
}

void ReadRegions(FieldReader reader, RegionsSpec& regions) {
  reader.Strings("allowed", regions.allowed);
  reader.Strings("excluded", regions.excluded);
  reader.Strings("alwaysRunning", regions.always_running);
  reader.Finish();
}

void ReadThreshold(FieldReader reader, ThresholdSpec& threshold) {
  reader.Duration("per", threshold.per);
  reader.Double("deploy", threshold.deploy);
  reader.Double("remove", threshold.remove);
  reader.Int("shortWindow", threshold.short_window);
  reader.Int("longWindow", threshold.long_window);
  reader.Double("alphaShort", threshold.alpha_short);
  reader.Double("alphaLong", threshold.alpha_long);
  reader.Enum("attribution", {"Nearest", "None"}, threshold.attribution);
  reader.Finish();
}

void ReadCapacity(FieldReader reader, CapacitySpec& capacity) {
  FieldReader per_region = reader.Map("perRegion");
  per_region.Int("min", capacity.per_region_min);
  per_region.OptionalInt("max", capacity.per_region_max);
  per_region.Finish();
  FieldReader total = reader.Map("total");
  total.Int("min", capacity.total_min);
  total.Int("max", capacity.total_max);
  total.Finish();
  reader.Int("maxCreatesPerHour", capacity.max_creates_per_hour);
  for (const char* later : {"requestsPerSecondPerMachine", "targetUtilization", "surviveRegionLoss"}) {
    reader.Reserved(later);
  }
  reader.Finish();
}

void ReadScaling(FieldReader& reader, ScalingBehavior& scaling) {
  reader.Duration("cooldown", scaling.cooldown);
  reader.Duration("stabilizationWindow", scaling.stabilization_window);
  reader.OptionalInt("maxActions", scaling.max_actions);
  reader.Duration("per", scaling.per);
}

void ReadBehavior(FieldReader reader, BehaviorSpec& behavior) {
  FieldReader up = reader.Map("scaleUp");
  ReadScaling(up, behavior.scale_up);
  up.Finish();
  FieldReader down = reader.Map("scaleDown");
  ReadScaling(down, behavior.scale_down);
  down.Enum("method", {"Destroy", "Stop", "Suspend"}, behavior.method);
  down.Duration("drainTimeout", behavior.drain_timeout);
  down.Finish();
  reader.Finish();
}

// The strategy is not stored: there is one so far.
void ReadStrategy(FieldReader& reader) {
  enum class Strategy { kThreshold, kCostLatency } strategy = Strategy::kThreshold;
  reader.Enum("strategy", {"Threshold", "CostLatency"}, strategy);
  if (strategy == Strategy::kCostLatency) {
    const std::string field = reader.Path("strategy");
    reader.report().Break(reader.report().Find(field), field,
                          "CostLatency is not available yet; write Threshold");
  }
}

void ReadSpec(FieldReader reader, PlacementPolicy& policy) {
  reader.String("app", policy.app);
  reader.String("processGroup", policy.process_group);
  reader.Enum("mode", {"DryRun", "Active", "Paused"}, policy.mode);
  reader.Duration("interval", policy.interval);
  ReadTraffic(reader.Map("traffic"), policy.traffic);
  ReadRegions(reader.Map("regions"), policy.regions);
  ReadStrategy(reader);
  ReadThreshold(reader.Map("threshold"), policy.threshold);
  ReadCapacity(reader.Map("capacity"), policy.capacity);
  ReadBehavior(reader.Map("behavior"), policy.behavior);
  reader.Enum("adopt", {"Created", "All"}, policy.adopt);
  reader.Enum("volumes", {"Refuse", "CreateEmpty"}, policy.volumes);
  for (const char* later : {"costLatency", "forecast", "schedules", "standby", "pause"})
    reader.Reserved(later);
  reader.Finish();
}

}  // namespace

PlacementPolicy ParsePolicyDocument(DocumentReport& report) {
  PlacementPolicy policy;
  FieldReader reader(&report.root, "", report);
  ReadConstant(reader, "apiVersion", kApiVersion);
  ReadConstant(reader, "kind", kPolicyKind);
  ReadMetadata(reader.Map("metadata"), policy);
  ReadSpec(reader.Map("spec"), policy);
  reader.Ignored("status", kWrittenByController);
  reader.Finish();
  return policy;
}

}  // namespace placer
