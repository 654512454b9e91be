#include "api/policy_format.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "api/policy_codec.h"
#include "api/yaml_reader.h"

namespace placer {
namespace {

// Both printers offer: Begin(key), End(), Text, Number, Integer, Null, List. The order of fields below is
// that of the policy reference.
class JsonPrinter {
 public:
  explicit JsonPrinter(JsonWriter& writer) : writer_(writer) {}

  void Begin(const char* key) {
    writer_.Key(key);
    writer_.BeginObject();
  }
  void End() { writer_.EndObject(); }
  void Text(const char* key, const std::string& text) {
    writer_.Key(key);
    writer_.String(text);
  }
  void Number(const char* key, double number) {
    writer_.Key(key);
    writer_.Number(number);
  }
  void Integer(const char* key, std::int64_t number) {
    writer_.Key(key);
    writer_.Integer(number);
  }
  void Null(const char* key) {
    writer_.Key(key);
    writer_.Null();
  }
  void List(const char* key, const std::vector<std::string>& items) {
    writer_.Key(key);
    writer_.BeginArray();
    for (const std::string& item : items) writer_.String(item);
    writer_.EndArray();
  }

 private:
  JsonWriter& writer_;
};

// Names that no YAML reader takes for anything but a string stand as they are; the rest is quoted as in JSON.
std::string FormatYamlString(const std::string& text) {
  static constexpr const char* kNotStrings[] = {"y",    "n",     "yes",  "no",  "on", "off",
                                                "true", "false", "null", "nan", "inf"};
  bool plain = !text.empty() && absl::ascii_isalpha(text.front());
  for (char c : text)
    plain = plain && (absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '/');
  for (const char* word : kNotStrings) plain = plain && absl::AsciiStrToLower(text) != word;
  return plain ? text : FormatJsonString(text);
}

class YamlPrinter {
 public:
  void Begin(const char* key) {
    Line(key, "");
    ++depth_;
  }
  void End() { --depth_; }
  void Text(const char* key, const std::string& text) { Line(key, " " + FormatYamlString(text)); }
  // Durations: a digit in front, yet no reader takes them for a number.
  void Plain(const char* key, const std::string& text) { Line(key, " " + text); }
  void Number(const char* key, double number) { Plain(key, FormatJsonNumber(number)); }
  void Integer(const char* key, std::int64_t number) { Plain(key, absl::StrCat(number)); }
  void Null(const char* key) { Plain(key, "null"); }
  void List(const char* key, const std::vector<std::string>& items) {
    std::string line;
    for (const std::string& item : items)
      absl::StrAppend(&line, line.empty() ? "" : ", ", FormatYamlString(item));
    Plain(key, absl::StrCat("[", line, "]"));
  }

  const std::string& text() const { return text_; }

 private:
  void Line(const char* key, const std::string& rest) {
    absl::StrAppend(&text_, std::string(2 * depth_, ' '), key, ":", rest, "\n");
  }

  std::string text_;
  std::size_t depth_ = 0;
};

void PrintDuration(JsonPrinter& out, const char* key, absl::Duration duration) {
  out.Text(key, FormatPolicyDuration(duration));
}
void PrintDuration(YamlPrinter& out, const char* key, absl::Duration duration) {
  out.Plain(key, FormatPolicyDuration(duration));
}

template <typename Printer>
void PrintLimit(Printer& out, const char* key, const std::optional<int>& limit) {
  if (limit.has_value()) {
    out.Integer(key, *limit);
  } else {
    out.Null(key);
  }
}

template <typename Printer>
void PrintTraffic(Printer& out, const TrafficSpec& traffic) {
  out.Begin("traffic");
  out.Text("source", ToString(traffic.source));
  out.Text("query", traffic.query);
  PrintDuration(out, "resolution", traffic.resolution);
  PrintDuration(out, "delay", traffic.delay);
  PrintDuration(out, "maxAge", traffic.max_age);
  out.End();
}

template <typename Printer>
void PrintThreshold(Printer& out, const ThresholdSpec& threshold) {
  out.Begin("threshold");
  PrintDuration(out, "per", threshold.per);
  out.Number("deploy", threshold.deploy);
  out.Number("remove", threshold.remove);
  out.Integer("shortWindow", threshold.short_window);
  out.Integer("longWindow", threshold.long_window);
  out.Number("alphaShort", threshold.alpha_short);
  out.Number("alphaLong", threshold.alpha_long);
  out.Text("attribution", ToString(threshold.attribution));
  out.End();
}

template <typename Printer>
void PrintCapacity(Printer& out, const CapacitySpec& capacity) {
  out.Begin("capacity");
  out.Begin("perRegion");
  out.Integer("min", capacity.per_region_min);
  PrintLimit(out, "max", capacity.per_region_max);
  out.End();
  out.Begin("total");
  out.Integer("min", capacity.total_min);
  out.Integer("max", capacity.total_max);
  out.End();
  out.Integer("maxCreatesPerHour", capacity.max_creates_per_hour);
  out.End();
}

template <typename Printer>
void PrintScaling(Printer& out, const ScalingBehavior& scaling) {
  PrintDuration(out, "cooldown", scaling.cooldown);
  PrintDuration(out, "stabilizationWindow", scaling.stabilization_window);
  PrintLimit(out, "maxActions", scaling.max_actions);
  PrintDuration(out, "per", scaling.per);
}

template <typename Printer>
void PrintBehavior(Printer& out, const BehaviorSpec& behavior) {
  out.Begin("behavior");
  out.Begin("scaleUp");
  PrintScaling(out, behavior.scale_up);
  out.End();
  out.Begin("scaleDown");
  PrintScaling(out, behavior.scale_down);
  out.Text("method", ToString(behavior.method));
  PrintDuration(out, "drainTimeout", behavior.drain_timeout);
  out.End();
  out.End();
}

template <typename Printer>
void PrintPolicy(Printer& out, const PlacementPolicy& policy, bool with_generation) {
  out.Text("apiVersion", kApiVersion);
  out.Text("kind", kPolicyKind);
  out.Begin("metadata");
  out.Text("name", policy.name);
  if (with_generation) out.Integer("generation", policy.generation);
  out.End();
  out.Begin("spec");
  out.Text("app", policy.app);
  out.Text("processGroup", policy.process_group);
  out.Text("mode", ToString(policy.mode));
  PrintDuration(out, "interval", policy.interval);
  PrintTraffic(out, policy.traffic);
  out.Begin("regions");
  out.List("allowed", policy.regions.allowed);
  out.List("excluded", policy.regions.excluded);
  out.List("alwaysRunning", policy.regions.always_running);
  out.End();
  out.Text("strategy", "Threshold");
  PrintThreshold(out, policy.threshold);
  PrintCapacity(out, policy.capacity);
  PrintBehavior(out, policy.behavior);
  out.Text("adopt", ToString(policy.adopt));
  out.Text("volumes", ToString(policy.volumes));
  out.End();
}

}  // namespace

void WritePolicyMembers(JsonWriter& writer, const PlacementPolicy& policy, bool with_generation) {
  JsonPrinter printer(writer);
  PrintPolicy(printer, policy, with_generation);
}

std::string FormatPolicyYaml(const PlacementPolicy& policy) {
  YamlPrinter printer;
  PrintPolicy(printer, policy, false);
  return printer.text();
}

std::string FormatPolicyJson(const PlacementPolicy& policy, bool pretty) {
  JsonWriter writer(pretty);
  writer.BeginObject();
  WritePolicyMembers(writer, policy, false);
  writer.EndObject();
  return writer.text();
}

}  // namespace placer
