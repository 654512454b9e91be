// RenderControl: the faults in force, and what happened, for tests that talk HTTP only.
#include <map>

#include "api/json_writer.h"
#include "cmd/flysim/control.h"

namespace placer::flysim {
namespace {

void WriteRange(JsonWriter& json, const char* name, absl::Duration min, absl::Duration max) {
  json.Key(name);
  json.BeginArray();
  json.Number(absl::ToDoubleSeconds(min));
  json.Number(absl::ToDoubleSeconds(max));
  json.EndArray();
}

void WriteFaults(JsonWriter& json, const Faults& faults) {
  json.BeginObject();
  json.Key("lost_replies");
  json.Number(faults.lost_replies);
  json.Key("errors");
  json.Number(faults.errors);
  json.Key("error_status");
  json.Integer(faults.error_status);
  WriteRange(json, "delay_seconds", faults.delay_min, faults.delay_max);
  WriteRange(json, "list_age_seconds", faults.list_age_min, faults.list_age_max);
  json.Key("empty_lists");
  json.Bool(faults.empty_lists);
  json.Key("frozen_edges");
  json.Bool(faults.frozen_edges);
  json.EndObject();
}

void WriteTotals(JsonWriter& json, const Totals& totals) {
  const std::pair<const char*, std::int64_t> numbers[] = {{"requests", totals.requests},
                                                          {"dropped", totals.dropped},
                                                          {"cut_off", totals.cut_off},
                                                          {"overflowed", totals.overflowed},
                                                          {"most_machines", totals.most_machines}};
  json.BeginObject();
  for (const auto& [name, number] : numbers) {
    json.Key(name);
    json.Integer(number);
  }
  json.EndObject();
}

void WriteWrites(JsonWriter& json, const std::deque<WriteRecord>& writes) {
  json.BeginArray();
  for (const WriteRecord& write : writes) {
    json.BeginObject();
    json.Key("time");
    json.Time(write.time);
    for (const auto& [name, text] : {std::pair<const char*, const std::string&>("kind", write.kind),
                                     {"machine_id", write.machine_id},
                                     {"region", write.region},
                                     {"name", write.name}}) {
      json.Key(name);
      json.String(text);
    }
    json.Key("ok");
    json.Bool(write.ok);
    if (!write.ok) {
      json.Key("scope");
      json.String(ToString(write.scope));
    }
    json.EndObject();
  }
  json.EndArray();
}

void WriteMachines(JsonWriter& json, const std::vector<MachineRecord>& machines) {
  json.BeginArray();
  for (const MachineRecord& machine : machines) {
    json.BeginObject();
    json.Key("id");
    json.String(machine.id);
    json.Key("name");
    json.String(machine.name);
    json.Key("region");
    json.String(machine.region);
    json.Key("created_at");
    json.Time(machine.created_at);
    json.Key("destroyed_at");
    json.Time(machine.destroyed_at);
    json.Key("metadata");
    json.BeginObject();
    for (const auto& [key, value] : machine.metadata) {
      json.Key(key);
      json.String(value);
    }
    json.EndObject();
    json.Key("peak_concurrency");
    json.Number(machine.peak_concurrency);
    json.Key("hard_limit");
    json.Integer(machine.hard_limit);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string RenderControl(const World& world) {
  JsonWriter json(false);
  json.BeginObject();
  json.Key("now");
  json.Time(world.now());
  json.Key("faults");
  WriteFaults(json, world.faults());
  json.Key("release_under_way");
  json.Bool(world.ReleaseUnderWay());
  json.Key("totals");
  WriteTotals(json, world.totals());
  json.Key("writes");
  WriteWrites(json, world.writes());
  json.Key("machines_ever");
  WriteMachines(json, world.machines_ever());
  json.EndObject();
  return json.text();
}

}  // namespace placer::flysim
