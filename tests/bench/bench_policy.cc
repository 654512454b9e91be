// Loading 1,000 policies (goal 0.5 s): as files of one policy each; and half as many in one file, which
// its size limit allows.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "api/policy_codec.h"

namespace placer {
namespace {

// All of the fields, as they are printed.
std::string MakePolicyText(int number) {
  PlacementPolicy policy;
  policy.name = absl::StrCat("policy-", number);
  policy.app = absl::StrCat("app-", number);
  policy.regions.allowed = {"fra", "ams", "iad", "nrt", "syd"};
  policy.regions.always_running = {"fra"};
  return FormatPolicyYaml(policy);
}

void LoadPolicyFiles(benchmark::State& state) {
  std::vector<std::string> files;
  for (int i = 0; i < state.range(0); ++i) files.push_back(MakePolicyText(i));
  PolicyContext context;
  context.platform.regions = EmbeddedRegions();
  for (auto _ : state) {
    for (const std::string& file : files) {
      const ParsedPolicies parsed = ParsePolicies(file, "policy.yaml", context);
      if (parsed.policies.size() != 1) {
        state.SkipWithError("a policy did not load");
        return;
      }
    }
  }
}

void LoadOneFileOfManyPolicies(benchmark::State& state) {
  std::string file;
  for (int i = 0; i < state.range(0); ++i) absl::StrAppend(&file, "---\n", MakePolicyText(i));
  PolicyContext context;
  context.platform.regions = EmbeddedRegions();
  for (auto _ : state) {
    const ParsedPolicies parsed = ParsePolicies(file, "policies.yaml", context);
    if (static_cast<int>(parsed.policies.size()) != state.range(0)) {
      state.SkipWithError("the policies did not load");
      return;
    }
  }
}

BENCHMARK(LoadPolicyFiles)->Arg(1)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK(LoadOneFileOfManyPolicies)->Arg(500)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace placer
