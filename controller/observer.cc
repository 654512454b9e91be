#include "controller/observer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/prometheus_api.h"

namespace placer {
namespace {

// GETs that one pass spends on machines that vanished from the list: the platform's burst for this call.
constexpr int kMaxConfirmations = 10;
constexpr absl::Duration kSiblingCheckEvery = absl::Minutes(5);

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
    if (!machine.primary_region.empty()) return machine.primary_region;
  }
  return "";
}

// The id of a live machine beside `self`; "" if there is none.
std::string FindOtherOfGroup(const std::vector<Machine>& machines, const Machine& self) {
  for (const Machine& machine : machines) {
    const bool runs = machine.state == "started" || machine.state == "starting";
    if (runs && machine.id != self.id && machine.process_group == self.process_group) return machine.id;
  }
  return "";
}

}  // namespace

Observer::Observer(Clock& clock, MachinesApi& machines, TrafficApi& traffic, PlatformSource& platform,
                   Self self, std::string own_app)
    : clock_(clock),
      machines_(machines),
      traffic_(traffic),
      platform_(platform),
      own_app_(std::move(own_app)) {
  seen_.self = std::move(self);
}

Task<absl::StatusOr<std::vector<Machine>>> Observer::ReadMachines(
    const std::string& app, std::map<std::string, std::string>& last_seen) {
  absl::StatusOr<std::vector<Machine>> list = co_await machines_.List(app);
  if (!list.ok()) co_return list;
  std::vector<Machine> carried;
  int asked = 0;
  for (auto next = last_seen.begin(); next != last_seen.end();) {
    const auto [id, region] = *next++;
    if (FindById(*list, id) != nullptr) continue;
    const Machine* known = FindById(seen_.machines, id);
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
  ForgetCopiedMarks(*list);
  co_return list;
}

Task<void> Observer::ReadTraffic(const PlacementPolicy& policy) {
  const absl::Time end =
      ComputeNewestExpectedPoint(clock_.Now(), policy.traffic.resolution, policy.traffic.delay);
  const int points = ComputeTrafficPoints(policy);
  const std::string query = MakeTrafficQuery(policy);
  Traffic& seen = seen_.traffic;
  const bool same = query == query_ && seen.resolution == policy.traffic.resolution;
  if (same && seen.error.ok() && seen.end == end && seen.points == points) co_return;
  if (!same) seen = Traffic{.end = absl::InfinitePast(), .resolution = policy.traffic.resolution};
  absl::StatusOr<Traffic> answer = co_await traffic_.Fetch(policy, end, points);
  query_ = query;
  if (answer.ok()) {
    seen = *std::move(answer);
  } else {
    seen.error = answer.status();
  }
}

Task<void> Observer::Observe(PlacementPolicy policy, std::map<std::string, std::string>& last_seen) {
  if (app_ != policy.app) {
    seen_.machines.clear();
    seen_.machines_known = false;
    query_.clear();
    seen_.self.process_group.clear();
    seen_.self.sibling.clear();
    next_sibling_check_ = absl::InfinitePast();
    app_ = policy.app;
  }
  co_await platform_.Refresh();
  absl::StatusOr<std::vector<Machine>> machines = co_await ReadMachines(policy.app, last_seen);
  seen_.machines_error = machines.status();
  if (machines.ok()) {
    seen_.machines = *std::move(machines);
    seen_.machines_known = true;
    for (const Machine& machine : seen_.machines) last_seen[machine.id] = machine.region;
  }
  co_await ReadTraffic(policy);
  seen_.platform = platform_.last();
  seen_.primary_region = FindPrimaryRegion(policy, seen_.machines);
  co_await FindSibling(policy);
}

// Two machines of our own process group are two controllers. Where we run in an app of our own, our token may
// not be allowed to list it; the claims on the target's machines tell as well.
Task<void> Observer::FindSibling(const PlacementPolicy& policy) {
  if (seen_.self.machine_id.empty()) co_return;
  if (const Machine* self = FindById(seen_.machines, seen_.self.machine_id); self != nullptr) {
    seen_.self.process_group = self->process_group;
    seen_.self.sibling = FindOtherOfGroup(seen_.machines, *self);
    co_return;
  }
  if (own_app_.empty() || own_app_ == policy.app || clock_.Now() < next_sibling_check_) co_return;
  next_sibling_check_ = clock_.Now() + kSiblingCheckEvery;
  const absl::StatusOr<std::vector<Machine>> own = co_await machines_.List(own_app_);
  if (!own.ok()) co_return;
  const Machine* self = FindById(*own, seen_.self.machine_id);
  seen_.self.sibling = self == nullptr ? "" : FindOtherOfGroup(*own, *self);
}

Task<void> Observer::Refresh(std::string app, std::map<std::string, std::string>& last_seen) {
  std::vector<Machine> fresh;
  for (const Machine& machine : seen_.machines) {
    absl::StatusOr<Machine> now = co_await machines_.Get(app, machine.id);
    if (absl::IsNotFound(now.status()) || (now.ok() && !Exists(*now))) {
      last_seen.erase(machine.id);
    } else if (now.ok()) {
      fresh.push_back(*std::move(now));
    } else if (machine.host_status != "ok") {
      fresh.push_back(machine);  // a dead host answers nothing, and nothing is done there
    } else {
      seen_.machines_error = now.status();
      co_return;
    }
  }
  ForgetCopiedMarks(fresh);
  seen_.machines = std::move(fresh);
}

}  // namespace placer
