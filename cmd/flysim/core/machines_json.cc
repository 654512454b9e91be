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

json::object MakeImageRef(const ImageName& image) {
  json::object reference = {
      {"registry", image.registry}, {"repository", image.repository}, {"digest", image.digest}};
  if (!image.tag.empty()) reference["tag"] = image.tag;
  reference["labels"] = json::object();
  return reference;
}

json::object MakeConfigParts(const FleetMachine& known, const Machine& shown) {
  if (HasConfigShown(known)) return {{"config", json::parse(*known.config.text)}};
  json::object metadata;
  for (const auto& [key, value] : shown.metadata) metadata[key] = value;
  return {{"incomplete_config", {{"metadata", metadata}}}};
}

json::object MakeBody(const FleetMachine& known, bool summary, absl::Time now) {
  const Machine machine = MakeShown(known, now);
  json::object body = {{"id", machine.id},
                       {"name", machine.name},
                       {"state", machine.state},
                       {"region", machine.region},
                       {"instance_id", machine.instance_id},
                       {"private_ip", known.private_ip},
                       {"cordoned", machine.cordoned},
                       {"created_at", FormatRfc3339(machine.created_at)},
                       {"updated_at", FormatRfc3339(machine.updated_at)},
                       {"image_ref", MakeImageRef(known.image)}};
  if (machine.lease) {
    body["lease"] = {{"owner", machine.lease->owner},
                     {"description", machine.lease->description},
                     {"expires_at", absl::ToUnixSeconds(machine.lease->expires_at)},
                     {"version", machine.instance_id}};
  }
  if (summary) return body;
  body["host_status"] = machine.host_status;
  for (const auto& part : MakeConfigParts(known, machine)) body[part.key()] = part.value();
  body["events"] = MakeEvents(known);
  json::array checks;
  for (const Check& check : machine.checks) {
    checks.push_back({{"name", check.name},
                      {"status", check.status},
                      {"output", check.output},
                      {"updated_at", FormatRfc3339(machine.updated_at)}});
  }
  body["checks"] = std::move(checks);
  return body;
}

bool Passes(const Machine& machine, const MachineFilter& filter) {
  if (!filter.region.empty() && machine.region != filter.region) return false;
  return filter.states.empty() ||
         std::find(filter.states.begin(), filter.states.end(), machine.state) != filter.states.end();
}

json::object MakeVolume(const KnownVolume& known) {
  const Volume& volume = known.volume;
  json::object body = {{"id", volume.id},
                       {"name", volume.name},
                       {"region", volume.region},
                       {"state", volume.state},
                       {"size_gb", volume.size_gb},
                       {"encrypted", known.encrypted},
                       {"created_at", FormatRfc3339(known.created_at)},
                       {"host_status", "ok"},
                       {"fstype", "ext4"},
                       {"zone", ""}};
  if (!volume.attached_machine.empty()) body["attached_machine_id"] = volume.attached_machine;
  return body;
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
                  ",\"requires_paid_plan\":false}");
  return body;
}

}  // namespace

std::string World::RenderMachineList(const MachineFilter& filter) {
  json::array list;
  const FleetPast::Snapshot listed = state_->TakeListed();
  for (const FleetMachine& machine : *listed) {
    if (machine.machine.state == "destroyed" && !filter.include_deleted) continue;
    if (Passes(machine.machine, filter)) list.push_back(MakeBody(machine, filter.summary, state_->now));
  }
  return json::serialize(list);
}

absl::StatusOr<std::string> World::RenderMachine(const std::string& id) const {
  const FleetMachine* machine = state_->fleet.Find(id);
  if (machine == nullptr) return absl::NotFoundError(absl::StrCat("no machine has the id ", id));
  return json::serialize(MakeBody(*machine, /*summary=*/false, state_->now));
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

std::string World::RenderVolume(const std::string& id) const {
  return json::serialize(MakeVolume(state_->volumes.all().at(id)));
}

std::string World::RenderVolumes() const {
  json::array list;
  for (const auto& [id, known] : state_->volumes.all()) list.push_back(MakeVolume(known));
  return json::serialize(list);
}

std::string World::RenderApp() const {
  const std::string& app = state_->options.app;
  return json::serialize(json::object{{"id", app},
                                      {"internal_numeric_id", 1},
                                      {"name", app},
                                      {"network", "default"},
                                      {"status", "deployed"},
                                      {"machine_count", state_->fleet.machines().size()},
                                      {"volume_count", state_->volumes.all().size()},
                                      {"organization", {{"name", "Personal"}, {"slug", "personal"}}}});
}

}  // namespace placer::flysim
