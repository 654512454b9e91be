#include <string>
#include <vector>

#include "cmd/autoplacer/commands.h"
#include "cmd/autoplacer/controller_client.h"
#include "cmd/autoplacer/print.h"
#include "cmd/autoplacer/render.h"
#include "cmd/autoplacer/terminal.h"
#include "cmd/autoplacer/view.h"
#include "cmd/autoplacer/watch.h"

namespace placer {

int RunGet(const GetOptions& options, const Environment& environment) {
  const std::string& token = environment.autoplacer_token;
  if (options.watch) return RunWatch(options, token);
  const std::string path = options.name.empty() ? std::string(kPoliciesPath) : MakePolicyPath(options.name);
  const absl::StatusOr<std::string> body = CallController(options.client, token, "GET", path);
  if (!body.ok()) return Fail(body.status());
  if (options.client.output != OutputFormat::kTable) return PrintAnswer(*body, options.client.output);

  const Style style = StyleOf(DetectTerminal(1));
  if (options.name.empty()) {
    const absl::StatusOr<std::vector<PolicyView>> views = ParsePolicyViews(*body);
    if (!views.ok()) return Fail(views.status());
    return PrintAnswer(RenderPolicies(*views, style));
  }
  const absl::StatusOr<PolicyView> view = ParsePolicyView(*body);
  if (!view.ok()) return Fail(view.status());
  return PrintAnswer(RenderPolicy(*view, style, 0));
}

}  // namespace placer
