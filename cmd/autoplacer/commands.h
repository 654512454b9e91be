// Commands: one function each, in command_<name>.cc. Answers go to stdout, everything else to stderr; the
// result is an ExitCode.
#pragma once

#include "cmd/autoplacer/environment.h"
#include "cmd/autoplacer/options.h"

namespace placer {

int RunPlan(const PlanOptions& options, const Environment& environment);
int RunExplain(const ExplainOptions& options, const Environment& environment);
int RunTrigger(const TriggerOptions& options, const Environment& environment);
int RunGet(const GetOptions& options, const Environment& environment);
int RunEvents(const EventsOptions& options, const Environment& environment);
int RunDoctor(const DoctorOptions& options, const Environment& environment);
int RunValidate(const ValidateOptions& options, const Environment& environment);
int RunConvert(const ConvertOptions& options);
int RunSchema();

}  // namespace placer
