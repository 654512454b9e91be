// Command line: argv to option structs, in two pure steps. First the flags alone (CLI11, in this .cc only),
// which also says which .env file to read; then, with the environment at hand, everything that a flag left
// open.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cmd/autoplacer/environment.h"
#include "cmd/autoplacer/options.h"

namespace placer {

using Command =
    std::variant<RunOptions, PlanOptions, ExplainOptions, TriggerOptions, GetOptions, EventsOptions,
                 DoctorOptions, ValidateOptions, ConvertOptions, SchemaOptions, VersionOptions>;

struct ParsedCommandLine {
  std::optional<Command> command;  // nothing: print `out` and `err`, and leave with `exit_code`
  std::string env_file;            // --env-file; "" = not given
  int exit_code = kExitOk;
  std::string out;
  std::string err;
};

// `args` without the program's name. Options that were not given and have no fixed default are left empty.
ParsedCommandLine ParseCommandLine(std::vector<std::string> args);

using FileExists = std::function<bool(const std::string& path)>;

// The .env file to read: `given`, else ".env" where there is one, else "".
std::string ChooseEnvFile(const std::string& given, const FileExists& exists);

// Fills what the flags left open: URLs and server from the environment, the policy from the usual places. A
// message for the user where something needed is nowhere to be found; "" if all is well.
std::string ResolveOptions(Command& command, const Environment& environment, const FileExists& exists);

}  // namespace placer
