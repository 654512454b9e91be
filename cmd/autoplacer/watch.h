// Watch: `get --watch`, the region table of one policy redrawn in place every second until Ctrl-C.
#pragma once

#include <string>

#include "cmd/autoplacer/options.h"

namespace placer {

// An empty name means the only policy. The result is an ExitCode: of the first call that fails; later
// failures are shown above the last table, and the calls go on.
int RunWatch(const GetOptions& options, const std::string& token);

}  // namespace placer
