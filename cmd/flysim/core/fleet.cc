#include "cmd/flysim/core/fleet.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace placer::flysim {
namespace {

constexpr std::size_t kMaxEvents = 10;
constexpr std::size_t kMaxDestroyed = 200;

constexpr std::array<const char*, 12> kAdjectives = {"bright", "calm",  "cold",  "dawn",  "green", "hidden",
                                                     "late",   "misty", "quiet", "rough", "small", "wild"};
constexpr std::array<const char*, 12> kNouns = {"brook", "cloud", "field",  "forest", "harbor", "hill",
                                                "leaf",  "moon",  "meadow", "river",  "sky",    "stone"};

absl::Time FloorToSecond(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

// A ULID: 48 bits of milliseconds and 80 random ones, in Crockford's base 32.
std::string MakeUlid(RandomStream& random, absl::Time now) {
  constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string text(26, '0');
  std::uint64_t millis = static_cast<std::uint64_t>(absl::ToUnixMillis(now));
  for (int i = 9; i >= 0; --i, millis /= 32) text[i] = kAlphabet[millis % 32];
  for (int i = 10; i < 26; ++i) text[i] = kAlphabet[random.Below(32)];
  return text;
}

std::string EventTypeOf(const std::string& state) {
  if (state == "started" || state == "starting") return "start";
  if (state == "stopped" || state == "stopping") return "stop";
  if (state == "suspended" || state == "suspending") return "suspend";
  if (state == "destroyed" || state == "destroying") return "destroy";
  if (state == "created") return "launch";
  return "exit";
}

}  // namespace

StatusCounts& StatusCounts::operator+=(const StatusCounts& other) {
  ok += other.ok;
  not_found += other.not_found;
  error += other.error;
  unavailable += other.unavailable;
  return *this;
}

Check MakeServiceCheck(const std::string& state) {
  Check check{.name = kServiceCheckName};
  if (state == "started") {
    check.status = "passing";
    check.output = "200 OK Output: \"ok\"";
  } else if (state == "failed") {
    check.status = "critical";
    check.output = "connect: connection refused";
  } else {
    check.status = "warning";
    check.output = "the machine hasn't started";
  }
  return check;
}

bool IsRoutable(const FleetMachine& machine) {
  return machine.machine.state == "started" && !machine.machine.cordoned;
}

bool IsStartable(const FleetMachine& machine) {
  const std::string& state = machine.machine.state;
  return machine.autostart && !machine.machine.cordoned && (state == "stopped" || state == "suspended");
}

Fleet::Fleet(const WorldOptions& options)
    : app_(options.app),
      process_group_(options.process_group),
      primary_region_(options.initial_regions.empty() ? "" : options.initial_regions.front()),
      random_(options.seed, "fleet"),
      release_id_(absl::StrCat("rel_", DrawHex(16))) {
  image_digest_ = absl::StrCat("sha256:", DrawHex(64));
}

std::string Fleet::DrawHex(int digits) {
  std::string text;
  for (int i = 0; i < digits; ++i) text += "0123456789abcdef"[random_.Below(16)];
  return text;
}

void Fleet::AddEvent(FleetMachine& machine, const std::string& type, const std::string& source,
                     absl::Time now) {
  machine.events.insert(machine.events.begin(), {.id = MakeUlid(random_, now),
                                                 .type = type,
                                                 .status = machine.machine.state,
                                                 .source = source,
                                                 .time = now});
  if (machine.events.size() > kMaxEvents) machine.events.pop_back();
  machine.machine.updated_at = FloorToSecond(now);
}

FleetMachine& Fleet::Add(const std::string& region, const std::string& state, absl::Time now) {
  std::string id = DrawHex(14);
  while (Find(id) != nullptr) id = DrawHex(14);
  auto owned = std::make_unique<FleetMachine>();
  FleetMachine& added = *owned;
  Machine& machine = added.machine;
  machine.id = id;
  machine.name = absl::StrCat(kAdjectives[random_.Below(kAdjectives.size())], "-",
                              kNouns[random_.Below(kNouns.size())], "-", random_.Below(9000) + 1000);
  machine.region = region;
  machine.state = "created";
  machine.instance_id = MakeUlid(random_, now);
  machine.image = image_digest_;
  machine.process_group = process_group_;
  machine.metadata = {{"fly_flyctl_version", "0.3.0"},
                      {"fly_platform_version", "v2"},
                      {"fly_process_group", process_group_},
                      {"fly_release_id", release_id_},
                      {"fly_release_version", "1"}};
  if (!primary_region_.empty()) machine.env["PRIMARY_REGION"] = primary_region_;
  machine.created_at = FloorToSecond(now);
  added.host = DrawHex(4);
  added.private_ip = absl::StrFormat("fdaa:0:18:a7b:%x:%x:%x:2", random_.Below(0x10000),
                                     random_.Below(0x10000), random_.Below(0x10000));
  machines_[id] = std::move(owned);
  ++generation_;
  AddEvent(added, "launch", "user", now);
  if (state != "created") SetState(added, state, "flyd", now);
  return added;
}

void Fleet::SetState(FleetMachine& machine, const std::string& state, const std::string& source,
                     absl::Time now) {
  if (machine.machine.state == state) return;
  machine.machine.state = state;
  machine.concurrency = 0;
  AddEvent(machine, EventTypeOf(state), source, now);
}

void Fleet::SetCordoned(FleetMachine& machine, bool cordoned, absl::Time now) {
  if (machine.machine.cordoned == cordoned) return;
  machine.machine.cordoned = cordoned;
  machine.machine.updated_at = FloorToSecond(now);
}

void Fleet::Remove(const std::string& id, absl::Time now) {
  auto found = machines_.find(id);
  if (found == machines_.end()) return;
  SetState(*found->second, "destroyed", "user", now);
  destroyed_.insert(machines_.extract(found));
  destroyed_order_.push_back(id);
  if (destroyed_order_.size() > kMaxDestroyed) {
    destroyed_.erase(destroyed_order_.front());
    destroyed_order_.erase(destroyed_order_.begin());
  }
  ++generation_;
}

const FleetMachine* Fleet::Find(const std::string& id) const {
  for (const auto* machines : {&machines_, &destroyed_}) {
    const auto found = machines->find(id);
    if (found != machines->end()) return found->second.get();
  }
  return nullptr;
}

FleetMachine* Fleet::Find(const std::string& id) {
  return const_cast<FleetMachine*>(std::as_const(*this).Find(id));
}

int Fleet::CountStarted() const {
  int started = 0;
  for (const auto& [id, machine] : machines_) started += machine->machine.state == "started" ? 1 : 0;
  return started;
}

}  // namespace placer::flysim
