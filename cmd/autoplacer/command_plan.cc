#include "cmd/autoplacer/commands.h"
#include "cmd/autoplacer/plan_report.h"
#include "cmd/autoplacer/print.h"
#include "cmd/autoplacer/terminal.h"
#include "cmd/autoplacer/wiring.h"

namespace placer {

int RunPlan(const PlanOptions& options, const Environment& environment) {
  const OnePass pass = RunOnePass(options.run, environment);
  PrintDiagnostics(pass.diagnostics);
  if (pass.policies.empty() && !pass.status.ok()) return FailPass(pass);
  const int printed = options.output == OutputFormat::kTable
                          ? PrintAnswer(RenderPlan(pass, environment.machine_id, StyleOf(DetectTerminal(1))))
                          : PrintAnswer(FormatPlanJson(pass, environment.machine_id), options.output);
  if (printed != kExitOk) return printed;
  if (!pass.status.ok()) PrintError(pass.status.message());
  return pass.status.ok() ? kExitOk : kExitNegative;
}

}  // namespace placer
