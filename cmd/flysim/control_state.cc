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
  json.Number("lost_replies", faults.lost_replies);
  json.Number("errors", faults.errors);
  json.Integer("error_status", faults.error_status);
  WriteRange(json, "delay_seconds", faults.delay_min, faults.delay_max);
  WriteRange(json, "list_age_seconds", faults.list_age_min, faults.list_age_max);
  json.Bool("empty_lists", faults.empty_lists);
  json.Bool("frozen_edges", faults.frozen_edges);
  json.EndObject();
}

void WriteTotals(JsonWriter& json, const Totals& totals) {
  const std::pair<const char*, std::int64_t> numbers[] = {{"requests", totals.requests},
                                                          {"dropped", totals.dropped},
                                                          {"cut_off", totals.cut_off},
                                                          {"overflowed", totals.overflowed},
                                                          {"most_machines", totals.most_machines}};
  json.BeginObject();
  for (const auto& [name, number] : numbers) json.Integer(name, number);
  json.EndObject();
}

void WriteWrites(JsonWriter& json, const std::deque<WriteRecord>& writes) {
  json.BeginArray();
  for (const WriteRecord& write : writes) {
    json.BeginObject();
    json.Time("time", write.time);
    for (const auto& [name, text] : {std::pair<const char*, const std::string&>("kind", write.kind),
                                     {"machine_id", write.machine_id},
                                     {"region", write.region},
                                     {"name", write.name}}) {
      json.String(name, text);
    }
    json.Bool("ok", write.ok);
    if (!write.ok) {
      json.String("scope", ToString(write.scope));
    }
    json.EndObject();
  }
  json.EndArray();
}

void WriteMachines(JsonWriter& json, const std::vector<MachineRecord>& machines) {
  json.BeginArray();
  for (const MachineRecord& machine : machines) {
    json.BeginObject();
    json.String("id", machine.id);
    json.String("name", machine.name);
    json.String("region", machine.region);
    json.Time("created_at", machine.created_at);
    json.Time("destroyed_at", machine.destroyed_at);
    json.Key("metadata");
    json.BeginObject();
    for (const auto& [key, value] : machine.metadata) json.String(key, value);
    json.EndObject();
    json.Number("peak_concurrency", machine.peak_concurrency);
    json.Integer("hard_limit", machine.hard_limit);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string RenderControl(const World& world) {
  JsonWriter json(false);
  json.BeginObject();
  json.Time("now", world.now());
  json.Key("faults");
  WriteFaults(json, world.faults());
  json.Bool("release_under_way", world.ReleaseUnderWay());
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
