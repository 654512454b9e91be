#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "api/status_codec.h"
#include "cmd/autoplacer/commands.h"
#include "cmd/autoplacer/controller_client.h"
#include "cmd/autoplacer/json_view.h"
#include "cmd/autoplacer/print.h"
#include "cmd/autoplacer/render.h"
#include "cmd/autoplacer/terminal.h"
#include "cmd/autoplacer/view.h"
#include "cmd/autoplacer/wiring.h"

namespace placer {
namespace {

namespace json = boost::json;

std::string FormatPass(const OnePass& pass) {
  std::vector<std::string> objects;
  for (const PolicySnapshot& each : pass.policies) {
    objects.push_back(FormatPolicyObject(each.policy, each.status, false));
  }
  return FormatPolicyList(objects);
}

const RegionView* FindRegion(const PolicyView& policy, const std::string& code) {
  for (const RegionView& each : policy.regions) {
    if (each.region == code) return &each;
  }
  return nullptr;
}

absl::Status MakeUnknownError(const ExplainOptions& options, const std::vector<PolicyView>& views) {
  std::vector<std::string> names;
  for (const PolicyView& each : views) names.push_back(each.name);
  if (views.empty()) return absl::NotFoundError("no policy is in force");
  if (!options.policy_name.empty() && std::none_of(names.begin(), names.end(), [&](const auto& each) {
        return each == options.policy_name;
      })) {
    return absl::NotFoundError(absl::StrCat("no policy named \"", options.policy_name,
                                            "\"; there are: ", absl::StrJoin(names, ", ")));
  }
  return absl::NotFoundError(
      absl::StrCat("no decision about \"", options.region,
                   "\": no traffic enters there, no machine is there, and no policy names it"));
}

// [{"policy","decision"}] of the region, for machines.
std::string FormatExplanations(const std::vector<json::object>& objects, const std::string& region) {
  json::array answers;
  for (const json::object& object : objects) {
    const json::object status = FindObject(object, "status");
    const json::object decision = FindObject(status, "lastDecision");
    for (json::object& each : FindObjects(status, "regions")) {
      if (FindText(each, "region") != region) continue;
      answers.push_back(json::object{{"policy", FindText(FindObject(object, "metadata"), "name")},
                                     {"time", FindText(decision, "time")},
                                     {"evidence", FindText(decision, "evidence")},
                                     {"decision", std::move(each)}});
    }
  }
  return FormatJson(answers);
}

}  // namespace

int RunExplain(const ExplainOptions& given, const Environment& environment) {
  ExplainOptions options = given;
  absl::AsciiStrToLower(&options.region);  // codes are lower case; people write FRA as well
  absl::StatusOr<std::string> list;
  absl::Status observed;
  if (options.offline) {
    const OnePass pass = RunOnePass(options.run, environment);
    PrintDiagnostics(pass.diagnostics);
    if (pass.policies.empty() && !pass.status.ok()) return FailPass(pass);
    list = FormatPass(pass);
    observed = pass.status;
    if (!observed.ok()) PrintError(observed.message());
  } else {
    list = CallController(options.client, environment.autoplacer_token, "GET", kPoliciesPath);
  }
  if (!list.ok()) {
    const int exit_code = Fail(list.status());
    if (exit_code == kExitUnreachable)
      PrintError("without a controller: --policy FILE makes a pass of its own");
    return exit_code;
  }
  const absl::StatusOr<std::vector<PolicyView>> views = ParsePolicyViews(*list);
  const absl::StatusOr<json::object> parsed = ParseJsonObject(*list);
  if (!views.ok()) return Fail(views.status());
  if (!parsed.ok()) return Fail(parsed.status());

  const Style style = StyleOf(DetectTerminal(1));
  const std::vector<json::object> all = FindObjects(*parsed, "items");
  std::vector<json::object> chosen;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < views->size() && i < all.size(); ++i) {
    const PolicyView& view = (*views)[i];
    if (!options.policy_name.empty() && view.name != options.policy_name) continue;
    const RegionView* region = FindRegion(view, options.region);
    if (region == nullptr) continue;
    texts.push_back(RenderExplanation(view, *region, style));
    chosen.push_back(all[i]);
  }
  // A pass that could not look does not know that nothing is there; what it could not see is said already.
  if (texts.empty()) return observed.ok() ? Fail(MakeUnknownError(options, *views)) : kExitNegative;
  const int printed = options.client.output == OutputFormat::kTable
                          ? PrintAnswer(absl::StrJoin(texts, "\n"))
                          : PrintAnswer(FormatExplanations(chosen, options.region), options.client.output);
  return printed == kExitOk && !observed.ok() ? kExitNegative : printed;
}

}  // namespace placer
