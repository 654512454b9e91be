#include "api/machine_name.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace placer {
namespace {

constexpr std::size_t kMaxPolicyBytes = 36;

// FNV-1a: the name must mean the same in every process and build.
std::uint32_t Hash(absl::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

bool IsPlain(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// A cut or mended name could meet another policy's.
std::string MakeStem(absl::string_view policy) {
  if (policy.size() <= kMaxPolicyBytes && IsPlain(policy)) return std::string(policy);
  std::string stem;
  for (const char c : policy.substr(0, kMaxPolicyBytes - 9))
    stem += IsPlain(absl::string_view(&c, 1)) ? c : '-';
  return absl::StrFormat("%s-%08x", stem, Hash(policy));
}

}  // namespace

std::string MakeMachineName(absl::string_view policy, absl::string_view region, int slot, int generation) {
  return absl::StrCat(kMachineNamePrefix, MakeStem(policy), "-", region, "-", slot, "-g", generation);
}

std::optional<NameParts> ParseMachineName(absl::string_view name, absl::string_view policy,
                                          absl::string_view region) {
  const std::string prefix = absl::StrCat(kMachineNamePrefix, MakeStem(policy), "-", region, "-");
  if (!absl::StartsWith(name, prefix)) return std::nullopt;
  const std::vector<absl::string_view> rest = absl::StrSplit(name.substr(prefix.size()), "-g");
  NameParts parts;
  if (rest.size() != 2 || !absl::SimpleAtoi(rest[0], &parts.slot) ||
      !absl::SimpleAtoi(rest[1], &parts.generation) || parts.slot < 0 || parts.generation < 1 ||
      MakeMachineName(policy, region, parts.slot, parts.generation) != name) {
    return std::nullopt;
  }
  return parts;
}

std::string PickMachineName(absl::string_view policy, absl::string_view region,
                            const std::vector<Machine>& machines, const std::vector<std::string>& reserved) {
  const auto bears = [&](const std::string& name) {
    return std::any_of(machines.begin(), machines.end(), [&](const Machine& m) { return m.name == name; }) ||
           std::find(reserved.begin(), reserved.end(), name) != reserved.end();
  };
  const auto is_occupied = [&](int slot) {
    const auto of_slot = [&](absl::string_view name) {
      const std::optional<NameParts> parts = ParseMachineName(name, policy, region);
      return parts && parts->slot == slot;
    };
    return std::any_of(machines.begin(), machines.end(),
                       [&](const Machine& m) { return Exists(m) && of_slot(m.name); }) ||
           std::any_of(reserved.begin(), reserved.end(), of_slot);
  };
  int slot = 0;
  while (is_occupied(slot)) ++slot;
  int generation = 1;
  while (bears(MakeMachineName(policy, region, slot, generation))) ++generation;
  return MakeMachineName(policy, region, slot, generation);
}

}  // namespace placer
