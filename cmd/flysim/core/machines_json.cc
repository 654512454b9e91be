// The bodies of the Machines API, shaped as Fly's OpenAPI document of 2026-05 says and as Fly was seen to
// answer.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cmd/flysim/core/world_state.h"

namespace placer::flysim {
namespace {

namespace json = boost::json;

std::string FormatRfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

json::object MakeTextMap(const std::map<std::string, std::string>& values) {
  json::object object;
  for (const auto& [key, value] : values) object[key] = value;
  return object;
}

json::object MakeService(const FleetMachine& machine) {
  return {{"protocol", "tcp"},
          {"internal_port", kInternalPort},
          {"autostart", machine.autostart},
          // Sent as "off", "stop" or "suspend", but read back as false, true or "suspend".
          {"autostop", machine.machine.autostop},
          {"min_machines_running", 0},
          {"ports", json::array{{{"port", 80}, {"handlers", json::array{"http"}}, {"force_https", true}},
                                {{"port", 443}, {"handlers", json::array{"tls", "http"}}}}},
          {"checks", json::array{{{"type", "http"},
                                  {"method", "GET"},
                                  {"path", "/"},
                                  {"interval", "15s"},
                                  {"timeout", "2s"},
                                  {"grace_period", "5s"}}}},
          {"concurrency",
           {{"type", "requests"}, {"soft_limit", machine.soft_limit}, {"hard_limit", machine.hard_limit}}}};
}

json::object MakeConfig(const std::string& app, const FleetMachine& machine) {
  return {{"image", absl::StrCat("registry.fly.io/", app, ":release-1")},
          {"env", MakeTextMap(machine.machine.env)},
          {"init", json::object()},
          {"guest", {{"cpu_kind", "shared"}, {"cpus", 1}, {"memory_mb", 256}}},
          {"metadata", MakeTextMap(machine.machine.metadata)},
          {"services", json::array{MakeService(machine)}},
          {"checks", json::object()},
          {"restart", {{"policy", "on-failure"}, {"max_retries", 10}}}};
}

json::array MakeEvents(const FleetMachine& machine) {
  json::array events;
  for (const MachineEvent& event : machine.events) {
    events.push_back({{"id", event.id},
                      {"type", event.type},
                      {"status", event.status},
                      {"source", event.source},
                      {"timestamp", absl::ToUnixMillis(event.time)}});
  }
  return events;
}

json::object MakeBody(const std::string& app, const FleetMachine& known, bool summary) {
  const Machine& machine = known.machine;
  json::object body = {{"id", machine.id},
                       {"name", machine.name},
                       {"state", machine.state},
                       {"region", machine.region},
                       {"instance_id", machine.instance_id},
                       {"private_ip", known.private_ip},
                       {"cordoned", machine.cordoned},
                       {"created_at", FormatRfc3339(machine.created_at)},
                       {"updated_at", FormatRfc3339(machine.updated_at)},
                       {"image_ref",
                        {{"registry", "registry.fly.io"},
                         {"repository", app},
                         {"tag", "release-1"},
                         {"digest", machine.image},
                         {"labels", json::object()}}}};
  if (summary) return body;
  const Check check = MakeServiceCheck(machine.state);
  body["host_status"] = machine.host_status;
  body["config"] = MakeConfig(app, known);
  body["events"] = MakeEvents(known);
  body["checks"] = json::array{{{"name", check.name},
                                {"status", check.status},
                                {"output", check.output},
                                {"updated_at", FormatRfc3339(machine.updated_at)}}};
  return body;
}

bool Passes(const Machine& machine, const MachineFilter& filter) {
  if (!filter.region.empty() && machine.region != filter.region) return false;
  return filter.states.empty() ||
         std::find(filter.states.begin(), filter.states.end(), machine.state) != filter.states.end();
}

// Boost.JSON would write 5.01167E1, which reads badly in a terminal.
std::string FormatNumber(double number) {
  char text[32];
  const auto result = std::to_chars(text, text + sizeof(text), number, std::chars_format::fixed);
  return std::string(text, result.ptr);
}

std::string FormatRegion(const Region& region) {
  std::string body = absl::StrCat("{\"code\":\"", region.code,
                                  "\",\"name\":", std::string(json::serialize(json::string(region.name))));
  if (region.coordinates) {
    absl::StrAppend(&body, ",\"latitude\":", FormatNumber(region.coordinates->latitude_deg),
                    ",\"longitude\":", FormatNumber(region.coordinates->longitude_deg));
  }
  absl::StrAppend(&body, ",\"deprecated\":", region.deprecated ? "true" : "false",
                  ",\"gateway_available\":", region.deprecated ? "false" : "true",
                  ",\"requires_paid_plan\":", region.requires_paid_plan ? "true" : "false", "}");
  return body;
}

}  // namespace

std::string World::RenderMachineList(const MachineFilter& filter) const {
  json::array list;
  const Fleet& fleet = state_->fleet;
  for (const auto* machines : {&fleet.machines(), &fleet.destroyed()}) {
    if (machines == &fleet.destroyed() && !filter.include_deleted) continue;
    for (const auto& [id, machine] : *machines) {
      if (Passes(machine->machine, filter))
        list.push_back(MakeBody(state_->options.app, *machine, filter.summary));
    }
  }
  return json::serialize(list);
}

absl::StatusOr<std::string> World::RenderMachine(const std::string& id) const {
  const Fleet& fleet = state_->fleet;
  const FleetMachine* machine = fleet.Find(id);
  if (machine == nullptr) return absl::NotFoundError(absl::StrCat("no machine has the id ", id));
  return json::serialize(MakeBody(state_->options.app, *machine, /*summary=*/false));
}

std::string World::RenderRegions() const {
  const std::vector<Region> all = regions();
  const std::string& nearest =
      state_->options.initial_regions.empty() ? "fra" : state_->options.initial_regions.front();
  return absl::StrCat("{\"nearest\":\"", nearest, "\",\"regions\":[",
                      absl::StrJoin(all, ",",
                                    [](std::string* out, const Region& region) {
                                      absl::StrAppend(out, FormatRegion(region));
                                    }),
                      "]}");
}

}  // namespace placer::flysim
