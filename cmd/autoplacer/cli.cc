#include "cmd/autoplacer/cli.h"

#include <sys/stat.h>

#include <cstdio>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cmd/autoplacer/command_line.h"
#include "cmd/autoplacer/commands.h"
#include "cmd/autoplacer/print.h"
#include "cmd/autoplacer/wiring.h"

namespace placer {
namespace {

bool FileIsThere(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0;
}

struct Dispatch {
  const Environment& environment;

  int operator()(const RunOptions& options) const { return RunController(options, environment); }
  int operator()(const PlanOptions& options) const { return RunPlan(options, environment); }
  int operator()(const ExplainOptions& options) const { return RunExplain(options, environment); }
  int operator()(const TriggerOptions& options) const { return RunTrigger(options, environment); }
  int operator()(const GetOptions& options) const { return RunGet(options, environment); }
  int operator()(const EventsOptions& options) const { return RunEvents(options, environment); }
  int operator()(const DoctorOptions& options) const { return RunDoctor(options, environment); }
  int operator()(const ValidateOptions& options) const { return RunValidate(options, environment); }
  int operator()(const ConvertOptions& options) const { return RunConvert(options); }
  int operator()(const SchemaOptions&) const { return RunSchema(); }
  int operator()(const VersionOptions&) const {
    return PrintAnswer(absl::StrCat("autoplacer ", kVersion, "\n"));
  }
};

// A broken .env file is no reason not to tell the version.
bool NeedsEnvironment(const Command& command) {
  return !std::holds_alternative<SchemaOptions>(command) && !std::holds_alternative<VersionOptions>(command);
}

int RunParsed(ParsedCommandLine parsed) {
  if (!parsed.command) {
    std::fputs(parsed.err.c_str(), stderr);
    const int failure = PrintAnswer(parsed.out);
    return failure != kExitOk ? failure : parsed.exit_code;
  }
  absl::StatusOr<Environment> environment = NeedsEnvironment(*parsed.command)
                                                ? LoadEnvironment(ChooseEnvFile(parsed.env_file, FileIsThere))
                                                : Environment();
  if (!environment.ok()) {
    PrintError(environment.status().message());
    return kExitUsage;
  }
  PrintDiagnostics(environment->diagnostics);
  const std::string problem = ResolveOptions(*parsed.command, *environment, FileIsThere);
  if (!problem.empty()) {
    PrintError(problem);
    return kExitUsage;
  }
  return std::visit(Dispatch{*environment}, *parsed.command);
}

}  // namespace

int RunCli(std::vector<std::string> args) {
  try {
    return RunParsed(ParseCommandLine(std::move(args)));
  } catch (const std::exception& error) {
    PrintError(error.what());
    return kExitNegative;
  }
}

}  // namespace placer
