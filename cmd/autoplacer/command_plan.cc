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
  if (options.output == OutputFormat::kTable) {
    PrintOut(RenderPlan(pass, environment.machine_id, StyleOf(DetectTerminal(1))));
  } else if (const int failure = PrintAnswer(FormatPlanJson(pass, environment.machine_id), options.output);
             failure != kExitOk) {
    return failure;
  }
  if (!pass.status.ok()) PrintError(pass.status.message());
  return pass.status.ok() && ObservedAll(pass) ? kExitOk : kExitNegative;
}

}  // namespace placer
