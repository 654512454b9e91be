#include "api/machine_template.h"

#include <boost/json.hpp>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "api/clone_config.h"
#include "api/json_reading.h"
#include "api/machine_calls.h"

namespace placer {
namespace {

namespace json = boost::json;

constexpr char kFallbackVolumeName[] = "data";  // where the mount does not say, as `fly launch` calls its own

std::string FindMetadata(const Machine& machine, const char* key) {
  const auto found = machine.metadata.find(key);
  return found == machine.metadata.end() ? "" : found->second;
}

bool MayBeTemplate(const PlacementPolicy& policy, const Machine& machine) {
  return IsHealthy(machine) && IsServiceMachine(machine) && machine.has_config && machine.config != nullptr &&
         machine.process_group == policy.process_group;
}

absl::StatusOr<json::object> ReadConfig(const std::string& config, const std::string& whose) {
  absl::StatusOr<json::value> value = ParseJsonBody(config);
  if (!value.ok() || !value->is_object()) {
    return absl::InternalError(absl::StrCat("the config of ", whose, " is no JSON object"));
  }
  return std::move(value->get_object());
}

const json::array* FindMounts(const json::object& config) {
  const json::value* mounts = FindField(config, "mounts");
  return mounts == nullptr || !mounts->is_array() || mounts->get_array().empty() ? nullptr
                                                                                 : &mounts->get_array();
}

std::size_t CountMounts(const json::object& config) {
  const json::array* mounts = FindMounts(config);
  return mounts == nullptr ? 0 : mounts->size();
}

absl::Status MountVolumes(json::object& config, const MachineTemplate& source, const CloneSpec& spec) {
  const std::size_t mounts = CountMounts(config);
  if (mounts != spec.volume_ids.size()) {
    return absl::FailedPreconditionError(absl::StrCat("the template ", source.machine_id, " mounts ", mounts,
                                                      " volumes, and ", spec.volume_ids.size(),
                                                      " are there for the clone"));
  }
  if (mounts == 0) {
    config.erase("mounts");
    return absl::OkStatus();
  }
  json::array& list = config["mounts"].get_array();
  for (std::size_t i = 0; i < mounts; ++i) {
    if (!list[i].is_object()) {
      return absl::InternalError(absl::StrCat("the config of machine ", source.machine_id, ": mounts[", i,
                                              "] is ", KindName(list[i]), ", want an object"));
    }
    list[i].get_object()["volume"] = spec.volume_ids[i];
  }
  return absl::OkStatus();
}

}  // namespace

const Machine* FindTemplateMachine(const PlacementPolicy& policy, const std::vector<Machine>& machines) {
  const auto rank = [](const Machine& machine) {
    return std::make_tuple(ReleaseVersionOf(machine), machine.created_at);
  };
  const Machine* best = nullptr;
  for (const Machine& machine : machines) {
    if (!MayBeTemplate(policy, machine)) continue;
    if (best == nullptr || rank(*best) < rank(machine) ||
        (rank(*best) == rank(machine) && machine.id < best->id)) {
      best = &machine;
    }
  }
  return best;
}

MachineTemplate MakeTemplate(const Machine& machine) {
  return MachineTemplate{.machine_id = machine.id,
                         .instance_id = machine.instance_id,
                         .image = machine.image,
                         .image_ref = machine.image_ref,
                         .release = FindMetadata(machine, kMetadataReleaseId),
                         .config = machine.config == nullptr ? "" : *machine.config,
                         .has_volumes = machine.has_volumes};
}

absl::StatusOr<std::string> MakeCloneConfig(const MachineTemplate& source, const CloneSpec& spec) {
  absl::StatusOr<json::object> config =
      ReadConfig(source.config, absl::StrCat("machine ", source.machine_id));
  if (!config.ok()) return config.status();
  MakeCopyable(*config, source.image_ref);
  if (absl::Status status = MountVolumes(*config, source, spec); !status.ok()) return status;
  std::map<std::string, std::string> marks = {{kMetadataPolicy, spec.policy}, {kMetadataIntent, spec.intent}};
  if (!spec.owner.empty()) marks[kMetadataOwner] = spec.owner;
  SetMarks(*config, marks);
  return json::serialize(*config);
}

absl::StatusOr<std::string> MakeUpdatedConfig(const MachineTemplate& source, const Machine& machine) {
  absl::StatusOr<json::object> config =
      ReadConfig(source.config, absl::StrCat("machine ", source.machine_id));
  if (!config.ok()) return config.status();
  if (machine.config == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("the config of machine ", machine.id, " is not known"));
  }
  absl::StatusOr<json::object> own = ReadConfig(*machine.config, absl::StrCat("machine ", machine.id));
  if (!own.ok()) return own.status();
  if (CountMounts(*config) != CountMounts(*own)) {
    return absl::FailedPreconditionError(absl::StrCat("machine ", machine.id, " mounts ", CountMounts(*own),
                                                      " volumes, the template ", source.machine_id, " ",
                                                      CountMounts(*config)));
  }
  MakeCopyable(*config, source.image_ref);
  if (const json::array* mounts = FindMounts(*own); mounts != nullptr) {
    (*config)["mounts"] = *mounts;
  } else {
    config->erase("mounts");
  }
  std::map<std::string, std::string> marks;
  for (const auto& [key, value] : machine.metadata) {
    if (IsMark(key)) marks[key] = value;
  }
  SetMarks(*config, marks);
  return json::serialize(*config);
}

absl::StatusOr<std::vector<MountedVolume>> ListTemplateVolumes(const MachineTemplate& source) {
  const absl::StatusOr<json::object> config =
      ReadConfig(source.config, absl::StrCat("machine ", source.machine_id));
  if (!config.ok()) return config.status();
  std::vector<MountedVolume> volumes;
  const json::array* mounts = FindMounts(*config);
  if (mounts == nullptr) return volumes;
  for (const json::value& mount : *mounts) {
    const json::object* object = mount.if_object();
    if (object == nullptr) {
      return absl::InternalError(absl::StrCat("the config of machine ", source.machine_id, ": mounts[",
                                              volumes.size(), "] is ", KindName(mount), ", want an object"));
    }
    MountedVolume volume{.name = ReadStringOrEmpty(*object, "name")};
    if (volume.name.empty()) volume.name = kFallbackVolumeName;
    const json::value* size_gb = FindField(*object, "size_gb");
    if (size_gb != nullptr && size_gb->is_int64() && size_gb->get_int64() > 0 &&
        size_gb->get_int64() <= kMostGigabytes) {
      volume.size_gb = static_cast<int>(size_gb->get_int64());
    }
    const json::value* encrypted = FindField(*object, "encrypted");
    volume.encrypted = encrypted == nullptr || !encrypted->is_bool() || encrypted->get_bool();
    volumes.push_back(std::move(volume));
  }
  return volumes;
}

}  // namespace placer
