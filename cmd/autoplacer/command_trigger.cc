#include <string>

#include "absl/strings/str_cat.h"
#include "api/http_message.h"
#include "cmd/autoplacer/commands.h"
#include "cmd/autoplacer/controller_client.h"
#include "cmd/autoplacer/pass_report.h"
#include "cmd/autoplacer/print.h"
#include "cmd/autoplacer/terminal.h"

namespace placer {

int RunTrigger(const TriggerOptions& options, const Environment& environment) {
  std::string path = "/trigger";
  if (!options.policy_name.empty()) absl::StrAppend(&path, "?policy=", PercentEncode(options.policy_name));
  const absl::StatusOr<std::string> body =
      CallController(options.client, environment.autoplacer_token, "POST", path);
  if (!body.ok()) return Fail(body.status());
  const absl::StatusOr<PassReport> report = ParsePassReport(*body);
  if (!report.ok()) return Fail(report.status());
  const int printed = options.client.output == OutputFormat::kTable
                          ? PrintAnswer(RenderPassReport(*report, StyleOf(DetectTerminal(1))))
                          : PrintAnswer(*body, options.client.output);
  if (printed != kExitOk) return printed;
  return report->errors.empty() ? kExitOk : kExitNegative;
}

}  // namespace placer
