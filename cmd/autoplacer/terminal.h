// Terminal: what stdout is, and the frames of a display that updates in place. Frames are pure text; only
// DetectTerminal asks the system.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "cmd/autoplacer/table.h"

namespace placer {

struct Terminal {
  bool is_terminal = false;
  int width = 0;        // 0: unknown, no limit
  int height = 0;       // 0: unknown, no limit
  bool colour = false;  // on a terminal that can, and NO_COLOR is not set
};

Terminal DetectTerminal(int file_descriptor);
Style StyleOf(const Terminal& terminal);

inline constexpr char kEnterFrames[] = "\x1b[?25l\x1b[2J";  // hides the cursor and clears once
inline constexpr char kLeaveFrames[] = "\x1b[?25h";         // shows the cursor again

// Overwrites the screen from its top left corner: each line clears its own rest, the last one everything
// below. At most `height` lines (0: no limit); the last one has no newline, so that the screen never scrolls.
std::string MakeFrame(absl::string_view text, int height);

}  // namespace placer
