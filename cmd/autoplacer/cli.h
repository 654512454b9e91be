// Cli: from argv to an exit code.
#pragma once

#include <string>
#include <vector>

namespace placer {

// `args` without the program's name. Never throws.
int RunCli(std::vector<std::string> args);

}  // namespace placer
