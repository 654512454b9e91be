// Answers of the two remote APIs.
#include <algorithm>
#include <boost/json.hpp>

#include "absl/strings/numbers.h"
#include "api/machine_template.h"
#include "api/machines_api.h"
#include "api/machines_writes.h"
#include "api/prometheus_api.h"
#include "tests/fuzz/targets.h"

namespace placer::fuzz {
namespace {

constexpr int kPoints = 60;

// A value, or an error that says something.
template <typename T>
bool Check(const absl::StatusOr<T>& result) {
  Require(result.ok() || !result.status().message().empty(), "an error has words");
  return result.ok();
}

void CheckMachine(const Machine& machine) {
  Require(machine.hard_limit >= 0, "limits are not negative");
  const MachineTemplate source = MakeTemplate(machine);
  const auto clone = MakeCloneConfig(source, {.policy = "p", .intent = "i", .volume_ids = {"vol"}});
  if (!Check(clone)) return;
  Require(boost::json::parse(*clone).at("metadata").at("autoplacer_policy") == "p",
          "a clone carries our mark");
  Require(MakeUpdatedConfig(source, machine).ok(), "what can be cloned can be updated");
  Require(ListTemplateVolumes(source).ok(), "what can be cloned has volumes that can be told");
}

void CheckLists(const HttpResponse& answer) {
  const auto machines = ParseMachineList(answer);
  if (Check(machines)) {
    const auto by_id = [](const Machine& a, const Machine& b) { return a.id < b.id; };
    Require(std::is_sorted(machines->begin(), machines->end(), by_id), "machines are sorted by id");
    PlacementPolicy policy;
    const Machine* chosen = FindTemplateMachine(policy, *machines);
    if (chosen != nullptr) CheckMachine(*chosen);
  }
  Check(ParseRegionList(answer));
  if (const auto volumes = ParseVolumeList(answer); Check(volumes)) {
    for (const Volume& each : *volumes) Require(each.size_gb >= 0, "sizes are not negative");
  }
  if (const auto rooms = ParsePlacements(answer); Check(rooms)) {
    for (const RegionRoom& each : *rooms) Require(each.count >= 0, "counts are not negative");
  }
}

}  // namespace

HttpResponse MakeAnswer(absl::string_view text) {
  const std::size_t end = text.find('\n');
  int status = 0;
  const bool begins = end != absl::string_view::npos && end >= 3 && end < 16 &&
                      absl::SimpleAtoi(text.substr(0, 3), &status) && status >= 100;
  if (!begins) return {.body = std::string(text)};
  HttpResponse answer{.status = status, .body = std::string(text.substr(end + 1))};
  if (end > 4) answer.headers.emplace_back("Retry-After", std::string(text.substr(4, end - 4)));
  return answer;
}

void FuzzPrometheus(absl::string_view text) {
  const absl::StatusOr<QueryAnswer> answer = ParseQueryAnswer(MakeAnswer(text));
  if (!Check(answer)) return;
  for (const Series& series : answer->series) {
    const auto later = [](const Sample& a, const Sample& b) { return a.time >= b.time; };
    Require(std::adjacent_find(series.samples.begin(), series.samples.end(), later) == series.samples.end(),
            "times increase");
  }
  PlacementPolicy policy;
  policy.app = "shop";
  const auto traffic = MakeTraffic(policy, *answer, absl::FromUnixSeconds(1788220920), kPoints);
  if (!Check(traffic)) return;
  Require(traffic->witnessed.size() == kPoints, "every point is witnessed or not");
  for (const auto& [region, values] : traffic->regions) {
    Require(values.size() == kPoints, "every point has a place");
  }
}

void FuzzMachines(absl::string_view text) {
  const HttpResponse answer = MakeAnswer(text);
  CheckLists(answer);
  if (const auto machine = ParseMachine(answer); Check(machine)) CheckMachine(*machine);
  if (const auto lease = ParseTakenLease(answer); Check(lease)) {
    Require(!lease->nonce.empty(), "a lease that was taken has a nonce");
  }
  Check(ParseLease(answer));
  Check(ParseVolume(answer));
  for (const auto kind : {MachineChange::Kind::kDestroy, MachineChange::Kind::kReleaseLease}) {
    ParseMachineChanged(answer, {.kind = kind, .machine_id = "m"}).IgnoreError();
  }
  ParseWaited(answer).IgnoreError();
  if (answer.status / 100 == 2) return;
  const absl::Status error = MakeMachinesApiError(answer);
  Require(!error.ok() && error.message().size() < 500, "a refusal is an error in few words");
  ToString(ScopeOf(error));
  if (const auto pause = RetryAfterOf(error))
    Require(*pause >= absl::ZeroDuration(), "a pause is not negative");
}

}  // namespace placer::fuzz
