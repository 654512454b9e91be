// World::RenderMetrics: Fly's names and labels in Prometheus' text format, without time stamps.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "cmd/flysim/core/world_state.h"

namespace placer::flysim {
namespace {

std::string Quote(const std::string& value) {
  return absl::StrCat("\"", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}),
                      "\"");
}

// The labels that every series of Fly has.
std::string MakePlace(const std::string& app, const std::string& region, const std::string& host) {
  return absl::StrCat("app=", Quote(app), ",region=", Quote(region), ",host=", Quote(host));
}

void OpenFamily(std::string& page, const char* name, const char* type, const char* help) {
  absl::StrAppendFormat(&page, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void AppendStatuses(std::string& page, const char* name, const std::string& labels,
                    const StatusCounts& counts) {
  const std::pair<const char*, std::int64_t> statuses[] = {
      {"200", counts.ok}, {"404", counts.not_found}, {"500", counts.error}, {"503", counts.unavailable}};
  for (const auto& [status, count] : statuses) {
    if (count > 0) absl::StrAppendFormat(&page, "%s{%s,status=\"%s\"} %d\n", name, labels, status, count);
  }
}

std::string MakeMachineLabels(const std::string& app, const FleetMachine& machine) {
  return absl::StrCat(MakePlace(app, machine.machine.region, machine.host),
                      ",instance=", Quote(machine.machine.id));
}

void AppendEdges(std::string& page, const std::string& app, const std::vector<EdgeRegion>& edges) {
  const auto labels = [&](const EdgeRegion& edge, const EdgeProxy& proxy) {
    return absl::StrCat(MakePlace(app, edge.code(), proxy.host), ",proxy_id=\"", proxy.proxy_id(), "\"");
  };
  OpenFamily(page, "fly_edge_http_responses_count", "counter",
             "HTTP responses sent to users, where they entered.");
  for (const EdgeRegion& edge : edges) {
    for (const EdgeProxy& proxy : edge.proxies()) {
      AppendStatuses(page, "fly_edge_http_responses_count", labels(edge, proxy), proxy.responses);
    }
  }
  OpenFamily(page, "fly_edge_tcp_connects_count", "counter", "TCP connections of users, where they entered.");
  for (const EdgeRegion& edge : edges) {
    for (const EdgeProxy& proxy : edge.proxies()) {
      if (proxy.responses.total() == 0) continue;
      absl::StrAppendFormat(&page, "fly_edge_tcp_connects_count{%s} %d\n", labels(edge, proxy),
                            proxy.responses.total());
    }
  }
}

}  // namespace

std::string World::RenderMetrics() const {
  std::string page;
  const std::string& app = state_->options.app;
  const auto& machines = state_->fleet.machines();
  AppendEdges(page, app, state_->edges);
  OpenFamily(page, "fly_app_http_responses_count", "counter", "HTTP responses of a machine.");
  for (const auto& [id, machine] : machines) {
    AppendStatuses(page, "fly_app_http_responses_count", MakeMachineLabels(app, *machine), machine->served);
  }
  OpenFamily(page, "fly_app_concurrency", "gauge", "Requests that a machine works on at a time.");
  for (const auto& [id, machine] : machines) {
    if (machine->machine.state != "started") continue;
    absl::StrAppendFormat(&page, "fly_app_concurrency{%s} %.6g\n", MakeMachineLabels(app, *machine),
                          machine->concurrency);
  }
  OpenFamily(page, "fly_instance_up", "gauge", "1 for each started machine.");
  for (const auto& [id, machine] : machines) {
    if (machine->machine.state != "started") continue;
    absl::StrAppendFormat(&page, "fly_instance_up{%s} 1\n", MakeMachineLabels(app, *machine));
  }
  return page;
}

}  // namespace placer::flysim
