#include "cmd/flysim/control.h"

#include <boost/json.hpp>
#include <functional>
#include <initializer_list>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cmd/flysim/api_call.h"
#include "cmd/flysim/core/machine_config.h"
#include "cmd/flysim/core/refusal.h"

namespace placer::flysim {
namespace {

namespace json = boost::json;

using Change = std::function<void(World&)>;

std::string ToText(json::string_view text) {
  return std::string(text.data(), text.size());
}

// Collects the changes that the body asks for, and the first thing that is wrong with it.
class ControlReader {
 public:
  explicit ControlReader(const World& world) : faults_(world.faults()) {}

  void Read(const json::object& body) {
    Each(body, "",
         {{"faults", [this](const json::value& value) { ReadFaults(value); }},
          {"traffic", [this](const json::value& value) { ReadTraffic(value); }},
          {"capacity", [this](const json::value& value) { ReadCapacity(value); }},
          {"create_errors", [this](const json::value& value) { ReadCreateErrors(value); }},
          {"checks", [this](const json::value& value) { ReadChecks(value, /*of_images=*/false); }},
          {"images", [this](const json::value& value) { ReadChecks(value, /*of_images=*/true); }},
          {"host_status", [this](const json::value& value) { ReadHostStatus(value); }},
          {"release", [this](const json::value& value) { ReadRelease(value); }},
          {"machines", [this](const json::value& value) { ReadMachines(value); }}});
  }
  const absl::Status& status() const { return status_; }
  const std::vector<Change>& changes() const { return changes_; }

 private:
  using Member = std::pair<const char*, std::function<void(const json::value&)>>;

  void Fail(const std::string& text) {
    if (status_.ok()) status_ = RefuseBadRequest(text);
  }
  void Wrong(const std::string& where, const char* want) { Fail(absl::StrCat(where, ": want ", want)); }

  // Every member of the object by the reader of its name; a name that has none is wrong.
  void Each(const json::object& object, const std::string& where, std::initializer_list<Member> members) {
    for (const auto& entry : object) {
      const std::string name = ToText(entry.key());
      const Member* found = nullptr;
      for (const Member& member : members) found = member.first == name ? &member : found;
      if (found != nullptr) {
        found->second(entry.value());
      } else {
        Fail(absl::StrCat(where, name.substr(0, 60), ": unknown; known are ",
                          absl::StrJoin(members, ", ", [](std::string* out, const Member& member) {
                            absl::StrAppend(out, member.first);
                          })));
      }
    }
  }
  template <typename F>
  void EachEntry(const json::value& value, const std::string& where, F read) {
    if (!value.is_object()) return Wrong(where, "an object");
    for (const auto& entry : value.get_object()) {
      const std::string key = ToText(entry.key());
      read(key, entry.value(), absl::StrCat(where, ".", key.substr(0, 60)));
    }
  }

  double Number(const json::value& value, const std::string& where, double min, double max) {
    const double number = value.is_number() ? value.to_number<double>() : min - 1;
    if (number >= min && number <= max) return number;
    Wrong(where, absl::StrCat("a number from ", min, " to ", max).c_str());
    return min;
  }
  int Whole(const json::value& value, const std::string& where, int min, int max) {
    const std::int64_t number = value.is_int64() ? value.get_int64() : std::int64_t{min} - 1;
    if (number >= min && number <= max) return static_cast<int>(number);
    Wrong(where, absl::StrCat("a whole number from ", min, " to ", max).c_str());
    return min;
  }
  bool Flag(const json::value& value, const std::string& where) {
    if (!value.is_bool()) Wrong(where, "true or false");
    return value.is_bool() && value.get_bool();
  }
  std::string Text(const json::value& value, const std::string& where) {
    if (!value.is_string()) Wrong(where, "a string");
    return value.is_string() ? ToText(value.get_string()) : "";
  }
  // [min, max] in seconds.
  void Range(const json::value& value, const std::string& where, absl::Duration& min, absl::Duration& max) {
    const json::array* pair = value.if_array();
    if (pair == nullptr || pair->size() != 2) return Wrong(where, "[from, to] in seconds");
    min = absl::Seconds(Number((*pair)[0], where, 0, 120));
    max = absl::Seconds(Number((*pair)[1], where, 0, 120));
    if (max < min) Wrong(where, "[from, to] in seconds");
  }
  // "passing" or "critical".
  std::optional<bool> Passing(const json::value& value, const std::string& where) {
    const std::string text = value.is_string() ? ToText(value.get_string()) : "";
    if (text == "passing" || text == "critical") return text == "passing";
    Wrong(where, "\"passing\" or \"critical\"");
    return std::nullopt;
  }

  void ReadFaults(const json::value& value) {
    if (!value.is_object()) return Wrong("faults", "an object");
    Each(
        value.get_object(), "faults.",
        {{"lost_replies",
          [this](const json::value& p) { faults_.lost_replies = Number(p, "faults.lost_replies", 0, 1); }},
         {"errors", [this](const json::value& p) { faults_.errors = Number(p, "faults.errors", 0, 1); }},
         {"error_status",
          [this](const json::value& s) { faults_.error_status = Whole(s, "faults.error_status", 500, 599); }},
         {"delay_seconds",
          [this](const json::value& r) {
            Range(r, "faults.delay_seconds", faults_.delay_min, faults_.delay_max);
          }},
         {"list_age_seconds",
          [this](const json::value& r) {
            Range(r, "faults.list_age_seconds", faults_.list_age_min, faults_.list_age_max);
          }},
         {"empty_lists",
          [this](const json::value& b) { faults_.empty_lists = Flag(b, "faults.empty_lists"); }},
         {"frozen_edges",
          [this](const json::value& b) { faults_.frozen_edges = Flag(b, "faults.frozen_edges"); }}});
    changes_.push_back([faults = faults_](World& world) { world.SetFaults(faults); });
  }

  void ReadTraffic(const json::value& value) {
    EachEntry(value, "traffic",
              [this](const std::string& key, const json::value& one, const std::string& where) {
                const double factor = Number(one, where, 0, 1e6);
                changes_.push_back([key, factor](World& world) {
                  for (const Region& region : world.regions()) {
                    if (key == "*" || key == region.code) world.SetTrafficFactor(region.code, factor);
                  }
                });
              });
  }

  void ReadCapacity(const json::value& value) {
    EachEntry(value, "capacity",
              [this](const std::string& key, const json::value& one, const std::string& where) {
                std::optional<int> machines;
                if (!one.is_null()) machines = Whole(one, where, 0, 100'000);
                changes_.push_back([key, machines](World& world) { world.SetCapacity(key, machines); });
              });
  }

  void ReadCreateErrors(const json::value& value) {
    EachEntry(
        value, "create_errors",
        [this](const std::string& key, const json::value& one, const std::string& where) {
          if (!one.is_object()) return Wrong(where, "an object");
          int http_status = 422;
          int times = 1;
          std::string body;
          Each(one.get_object(), where + ".",
               {{"http_status",
                 [&](const json::value& s) { http_status = Whole(s, where + ".http_status", 400, 599); }},
                {"times", [&](const json::value& n) { times = Whole(n, where + ".times", 1, 1'000'000); }},
                {"body", [&](const json::value& t) { body = Text(t, where + ".body"); }}});
          changes_.push_back([=](World& world) { world.FailCreates(key, http_status, body, times); });
        });
  }

  void ReadChecks(const json::value& value, bool of_images) {
    EachEntry(value, of_images ? "images" : "checks",
              [&](const std::string& key, const json::value& one, const std::string& where) {
                const std::optional<bool> passing = Passing(one, where);
                if (!passing) return;
                changes_.push_back([=](World& world) {
                  if (of_images) {
                    world.SetImageHealthy(key, *passing);
                  } else {
                    world.SetChecksPassing(key, *passing);
                  }
                });
              });
  }

  void ReadHostStatus(const json::value& value) {
    EachEntry(value, "host_status",
              [this](const std::string& key, const json::value& one, const std::string& where) {
                const std::string status = one.is_string() ? ToText(one.get_string()) : "";
                if (status != "ok" && status != "unknown" && status != "unreachable")
                  return Wrong(where, "\"ok\", \"unknown\" or \"unreachable\"");
                changes_.push_back([key, status](World& world) { world.SetHostStatus(key, status); });
              });
  }

  void ReadRelease(const json::value& value) {
    if (!value.is_object()) return Wrong("release", "an object");
    ReleaseOptions options;
    Each(value.get_object(), "release.",
         {{"image", [&](const json::value& t) { options.image = Text(t, "release.image"); }},
          {"machines",
           [&](const json::value& n) { options.max_machines = Whole(n, "release.machines", 0, 1000); }},
          {"drops_foreign_marks", [&](const json::value& b) {
             options.drops_foreign_marks = Flag(b, "release.drops_foreign_marks");
           }}});
    if (options.image.empty()) return Wrong("release.image", "the image's name");
    changes_.push_back([options](World& world) { world.Release(options); });
  }

  void ReadMachines(const json::value& value) {
    const json::array* list = value.if_array();
    if (list == nullptr) return Wrong("machines", "an array");
    for (const json::value& one : *list) ReadMachine(one);
  }
  void ReadMachine(const json::value& value) {
    if (!value.is_object()) return Wrong("machines[]", "an object");
    MachineSpec spec;
    Each(
        value.get_object(), "machines[].",
        {{"region", [&](const json::value& t) { spec.region = Text(t, "machines[].region"); }},
         {"state", [&](const json::value& t) { spec.state = Text(t, "machines[].state"); }},
         {"name", [&](const json::value& t) { spec.name = Text(t, "machines[].name"); }},
         {"process_group",
          [&](const json::value& t) { spec.process_group = Text(t, "machines[].process_group"); }},
         {"cordoned", [&](const json::value& b) { spec.cordoned = Flag(b, "machines[].cordoned"); }},
         {"from_flyctl", [&](const json::value& b) { spec.from_flyctl = Flag(b, "machines[].from_flyctl"); }},
         {"metadata", [&](const json::value& map) {
            EachEntry(map, "machines[].metadata",
                      [&](const std::string& key, const json::value& text, const std::string& where) {
                        spec.metadata[key] = Text(text, where);
                      });
          }}});
    if (!EmbeddedRegions().contains(spec.region)) return Wrong("machines[].region", "a region's code");
    changes_.push_back([spec](World& world) { world.AddMachine(spec); });
  }

  Faults faults_;
  absl::Status status_;
  std::vector<Change> changes_;
};

}  // namespace

HttpResponse AnswerControl(World& world, const HttpRequest& request) {
  if (request.method == "GET") return MakeJson(200, RenderControl(world));
  if (request.method != "POST") {
    HttpResponse refused = MakeError(405, "method not allowed");
    refused.headers.emplace_back("Allow", "GET, POST");
    return refused;
  }
  json::error_code error;
  const json::value body = json::parse(request.body, error);
  if (error || !body.is_object())
    return MakeRefusalAnswer(RefuseBadRequest("invalid JSON: want an object; see flysim's README"));
  ControlReader reader(world);
  reader.Read(body.get_object());
  if (!reader.status().ok()) return MakeRefusalAnswer(reader.status());
  for (const Change& change : reader.changes()) change(world);
  return MakeJson(200, RenderControl(world));
}

}  // namespace placer::flysim
