#include "cmd/flysim/core/fleet.h"

#include <algorithm>
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

std::vector<Check> MakeChecks(const FleetMachine& machine) {
  const std::string& state = machine.machine.state;
  Check shown{.status = "warning", .output = "the machine hasn't started"};
  if (state == "failed") {
    shown = {.status = "critical", .output = "connect: connection refused"};
  } else if (state == "started" && machine.health == Health::kPassing) {
    shown = {.status = "passing", .output = "200 OK Output: \"ok\""};
  } else if (state == "started" && machine.health == Health::kFailing) {
    shown = {.status = "critical", .output = "500 Internal Server Error"};
  } else if (state == "started") {
    shown.output = "waiting for the first check";
  }
  std::vector<Check> checks;
  for (const ConfiguredCheck& configured : machine.config.checks) {
    shown.name = configured.name;
    checks.push_back(shown);
  }
  return checks;
}

bool HasConfigShown(const FleetMachine& machine) {
  return machine.machine.host_status == "ok";
}

Machine MakeShown(const FleetMachine& known, absl::Time now) {
  Machine machine = known.machine;
  machine.checks = MakeChecks(known);
  if (known.lease && known.lease->expires_at > now) {
    machine.lease = known.lease;
    machine.lease->nonce.clear();
  }
  if (HasConfigShown(known)) return machine;
  machine.has_config = false;
  machine.config = nullptr;
  // Of the incomplete config only the metadata is left.
  machine.primary_region.clear();
  machine.hard_limit = 0;
  machine.has_volumes = false;
  machine.is_standby = false;
  if (known.hides_its_group) machine.metadata.clear();
  const auto group = machine.metadata.find(kMetadataProcessGroup);
  machine.process_group = group == machine.metadata.end() ? "" : group->second;
  machine.is_release_command =
      machine.process_group == "fly_app_release_command" || machine.process_group == "fly_app_console";
  return machine;
}

bool IsRoutable(const FleetMachine& machine) {
  return machine.machine.state == "started" && machine.health == Health::kPassing &&
         !machine.machine.cordoned && machine.machine.host_status == "ok";
}

bool IsStartable(const FleetMachine& machine) {
  const std::string& state = machine.machine.state;
  return machine.autostart && !machine.machine.cordoned && machine.machine.host_status == "ok" &&
         machine.transitions.empty() && (state == "stopped" || state == "suspended");
}

Fleet::Fleet(const WorldOptions& options)
    : app_(options.app),
      process_group_(options.process_group),
      primary_region_(options.initial_regions.empty() ? "" : options.initial_regions.front()),
      seed_(options.seed),
      random_(options.seed, "fleet"),
      release_id_(absl::StrCat("rel_", DrawHex(16))) {}

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
  if (type == "launch" || type == "update") {
    machine.machine.config_changed_at = absl::FromUnixMillis(absl::ToUnixMillis(now));
  }
  Touch();
}

std::map<std::string, std::string> Fleet::MakeMetadata(const MachineSpec& spec) const {
  std::map<std::string, std::string> metadata = spec.metadata;
  if (!spec.from_flyctl) return metadata;
  metadata.insert({{"fly_flyctl_version", "0.3.0"},
                   {"fly_platform_version", "v2"},
                   {kMetadataProcessGroup, spec.process_group.empty() ? process_group_ : spec.process_group},
                   {kMetadataReleaseId, release_id_},
                   {kMetadataReleaseVersion, "1"}});
  return metadata;
}

FleetMachine& Fleet::Add(const MachineSpec& spec, const MachineConfig* config, absl::Time now) {
  std::string id = DrawHex(14);
  while (Find(id) != nullptr) id = DrawHex(14);
  auto owned = std::make_unique<FleetMachine>();
  FleetMachine& added = *owned;
  Machine& machine = added.machine;
  machine.id = id;
  machine.name = absl::StrCat(kAdjectives[random_.Below(kAdjectives.size())], "-",
                              kNouns[random_.Below(kNouns.size())], "-", random_.Below(9000) + 1000);
  if (!spec.name.empty()) machine.name = spec.name;
  machine.region = spec.region;
  machine.state = "created";
  machine.cordoned = spec.cordoned;
  machine.created_at = FloorToSecond(now);
  DrawInstance(added, now);
  if (config == nullptr) {
    std::map<std::string, std::string> env;
    if (!primary_region_.empty()) env["PRIMARY_REGION"] = primary_region_;
    SetConfig(added, *ReadMachineConfig(MakeDefaultConfig(
                         absl::StrCat("registry.fly.io/", app_, ":release-1"), env, MakeMetadata(spec))));
  } else {
    SetConfig(added, *config);
  }
  added.host = DrawHex(4);
  added.private_ip = absl::StrFormat("fdaa:0:18:a7b:%x:%x:%x:2", random_.Below(0x10000),
                                     random_.Below(0x10000), random_.Below(0x10000));
  machines_[id] = std::move(owned);
  ++generation_;
  place_in_ever_[id] = ever_.size();
  ever_.push_back({.id = id,
                   .name = machine.name,
                   .region = machine.region,
                   .created_at = now,
                   .metadata = machine.metadata,
                   .hard_limit = added.hard_limit});
  most_machines_ = std::max(
      most_machines_,
      static_cast<int>(std::count_if(machines_.begin(), machines_.end(),
                                     [](const auto& entry) { return Exists(entry.second->machine); })));
  AddEvent(added, "launch", "user", now);
  if (spec.state != "created") SetState(added, spec.state, "flyd", now);
  return added;
}

FleetMachine& Fleet::Add(const std::string& region, const std::string& state, absl::Time now) {
  return Add({.region = region, .state = state}, nullptr, now);
}

void Fleet::SetConfig(FleetMachine& known, MachineConfig config) {
  known.image = ResolveImage(config.image, seed_);
  Machine& machine = known.machine;
  machine.image = known.image.digest;
  machine.image_ref = MakePinnedName(known.image);
  machine.process_group = config.process_group;
  machine.metadata = config.metadata;
  const auto primary = config.env.find("PRIMARY_REGION");
  machine.primary_region = primary == config.env.end() ? "" : primary->second;
  machine.is_standby = config.is_standby;
  machine.is_release_command = config.is_one_off;
  machine.has_volumes = !config.mounts.empty();
  machine.hard_limit = config.named_hard_limit;
  machine.config = config.text;
  known.soft_limit = config.soft_limit;
  known.hard_limit = config.hard_limit;
  known.autostart = config.autostart;
  known.config = std::move(config);
  Touch();
}

void Fleet::DrawInstance(FleetMachine& machine, absl::Time now) {
  machine.machine.instance_id = MakeUlid(random_, now);
  Touch();
}

bool Fleet::IsBad(const FleetMachine& machine) const {
  return machine.made_critical || bad_images_.contains(machine.config.image) ||
         bad_images_.contains(machine.image.digest);
}

void Fleet::SetHealth(FleetMachine& machine, Health health) {
  machine.health = health;
  Touch();
}

void Fleet::SetImageHealthy(const std::string& image, bool healthy) {
  if (healthy) {
    bad_images_.erase(image);
  } else {
    bad_images_.insert(image);
  }
  RefreshHealth();
}

void Fleet::RefreshHealth() {
  for (const auto& [id, machine] : machines_) {
    if (machine->machine.state == "started" && machine->transitions.empty())
      SetHealth(*machine, IsBad(*machine) ? Health::kFailing : Health::kPassing);
  }
}

void Fleet::SetState(FleetMachine& machine, const std::string& state, const std::string& source,
                     absl::Time now) {
  if (machine.machine.state == state) return;
  machine.machine.state = state;
  machine.concurrency = 0;
  machine.health = state != "started" ? Health::kWaiting
                   : IsBad(machine)   ? Health::kFailing
                                      : Health::kPassing;
  AddEvent(machine, EventTypeOf(state), source, now);
}

void Fleet::SetCordoned(FleetMachine& machine, bool cordoned, absl::Time now) {
  if (machine.machine.cordoned == cordoned) return;
  machine.machine.cordoned = cordoned;
  machine.machine.updated_at = FloorToSecond(now);
  Touch();
}

void Fleet::Remove(const std::string& id, absl::Time now) {
  auto found = machines_.find(id);
  if (found == machines_.end()) return;
  SetState(*found->second, "destroyed", "user", now);
  found->second->transitions.clear();
  found->second->lease.reset();
  MachineRecord& record = ever_[place_in_ever_[id]];
  record.destroyed_at = now;
  record.peak_concurrency = found->second->peak_concurrency;
  destroyed_.insert(machines_.extract(found));
  destroyed_order_.push_back(id);
  if (destroyed_order_.size() > kMaxDestroyed) {
    destroyed_.erase(destroyed_order_.front());
    destroyed_order_.erase(destroyed_order_.begin());
  }
  ++generation_;
}

std::vector<MachineRecord> Fleet::ListEver() const {
  std::vector<MachineRecord> ever = ever_;
  for (MachineRecord& record : ever) {
    if (const auto found = machines_.find(record.id); found != machines_.end())
      record.peak_concurrency = found->second->peak_concurrency;
  }
  return ever;
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

FleetMachine* Fleet::FindByName(const std::string& name) {
  for (const auto& [id, machine] : machines_) {
    if (machine->machine.name == name) return machine.get();
  }
  return nullptr;
}

int Fleet::CountIn(const std::string& region) const {
  int count = 0;
  for (const auto& [id, machine] : machines_) count += machine->machine.region == region ? 1 : 0;
  return count;
}

int Fleet::CountStarted() const {
  int started = 0;
  for (const auto& [id, machine] : machines_) started += machine->machine.state == "started" ? 1 : 0;
  return started;
}

}  // namespace placer::flysim
