#include "controller/observer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/prometheus_api.h"

namespace placer {
namespace {

// GETs that one pass spends on machines that vanished from the list: the platform's burst for this call.
constexpr int kMaxConfirmations = 10;

bool ById(const Machine& a, const Machine& b) {
  return a.id < b.id;
}

const Machine* FindById(const std::vector<Machine>& machines, const std::string& id) {
  const auto it =
      std::lower_bound(machines.begin(), machines.end(), id,
                       [](const Machine& machine, const std::string& key) { return machine.id < key; });
  return it != machines.end() && it->id == id ? &*it : nullptr;
}

// PRIMARY_REGION of the target's own machines; our environment says nothing about them.
std::string FindPrimaryRegion(const PlacementPolicy& policy, const std::vector<Machine>& machines) {
  for (const Machine& machine : machines) {
    if (machine.process_group != policy.process_group) continue;
    const auto primary = machine.env.find("PRIMARY_REGION");
    if (primary != machine.env.end() && !primary->second.empty()) return primary->second;
  }
  return "";
}

}  // namespace

Observer::Observer(Clock& clock, MachinesApi& machines, TrafficApi& traffic, PlatformSource& platform,
                   std::string self_machine_id)
    : clock_(clock),
      machines_(machines),
      traffic_(traffic),
      platform_(platform),
      self_machine_id_(std::move(self_machine_id)) {}

Task<absl::StatusOr<std::vector<Machine>>> Observer::ReadMachines(
    const std::string& app, std::map<std::string, std::string>& last_seen) {
  absl::StatusOr<std::vector<Machine>> list = co_await machines_.List(app);
  if (!list.ok()) co_return list;
  std::vector<Machine> carried;
  int asked = 0;
  const std::map<std::string, std::string> before = last_seen;
  for (const auto& [id, region] : before) {
    if (FindById(*list, id) != nullptr) continue;
    const Machine* known = FindById(known_, id);
    absl::StatusOr<Machine> answer = absl::UnavailableError("not asked: too many machines vanished at once");
    if (asked++ < kMaxConfirmations) answer = co_await machines_.Get(app, id);
    if (absl::IsNotFound(answer.status()) || (answer.ok() && !Exists(*answer))) {
      last_seen.erase(id);  // proven, even if the pass as a whole fails: the next one asks for the others
    } else if (answer.ok()) {
      carried.push_back(*std::move(answer));
    } else if (known != nullptr && !list->empty()) {
      carried.push_back(*known);
    } else {
      co_return absl::UnavailableError(absl::StrCat(
          "machine ", id, " in ", region, " vanished from the list and could not be confirmed gone: ",
          std::string(answer.status().message())));
    }
  }
  list->insert(list->end(), std::make_move_iterator(carried.begin()), std::make_move_iterator(carried.end()));
  std::sort(list->begin(), list->end(), ById);
  co_return list;
}

Task<void> Observer::ReadTraffic(const PlacementPolicy& policy) {
  const absl::Time end =
      ComputeNewestExpectedPoint(clock_.Now(), policy.traffic.resolution, policy.traffic.delay);
  const int points = ComputeTrafficPoints(policy);
  const std::string query = MakeTrafficQuery(policy);
  const bool same = query == query_ && traffic_seen_.resolution == policy.traffic.resolution;
  if (same && traffic_seen_.error.ok() && traffic_seen_.end == end && traffic_seen_.points == points)
    co_return;
  if (!same) traffic_seen_ = Traffic{.end = absl::InfinitePast(), .resolution = policy.traffic.resolution};
  absl::StatusOr<Traffic> answer = co_await traffic_.Fetch(policy, end, points);
  query_ = query;
  if (answer.ok()) {
    traffic_seen_ = *std::move(answer);
  } else {
    traffic_seen_.error = answer.status();
  }
}

Task<Observation> Observer::Observe(PlacementPolicy policy, std::map<std::string, std::string>& last_seen) {
  if (app_ != policy.app) {
    if (!app_.empty()) last_seen.clear();
    known_.clear();
    known_once_ = false;
    query_.clear();
    app_ = policy.app;
  }
  co_await platform_.Refresh();
  Observation seen;
  absl::StatusOr<std::vector<Machine>> machines = co_await ReadMachines(policy.app, last_seen);
  if (machines.ok()) {
    known_ = *std::move(machines);
    known_once_ = true;
    last_seen.clear();
    for (const Machine& machine : known_) last_seen[machine.id] = machine.region;
  } else {
    seen.machines_error = machines.status();
  }
  co_await ReadTraffic(policy);
  seen.machines = known_;
  seen.machines_known = known_once_;
  seen.traffic = traffic_seen_;
  seen.platform = platform_.last();
  seen.platform.primary_region = FindPrimaryRegion(policy, known_);
  seen.self.machine_id = self_machine_id_;
  if (const Machine* self = FindById(known_, self_machine_id_); self != nullptr) {
    seen.self.process_group = self->process_group;
  }
  co_return seen;
}

}  // namespace placer
