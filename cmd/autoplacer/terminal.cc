#include "cmd/autoplacer/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace placer {
namespace {

std::string ReadVariable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Terminal DetectTerminal(int file_descriptor) {
  Terminal terminal;
  terminal.is_terminal = isatty(file_descriptor) == 1;
  if (!terminal.is_terminal) return terminal;
  winsize size{};
  if (ioctl(file_descriptor, TIOCGWINSZ, &size) == 0) {
    terminal.width = size.ws_col;
    terminal.height = size.ws_row;
  }
  terminal.colour = ReadVariable("NO_COLOR").empty() && ReadVariable("TERM") != "dumb";
  return terminal;
}

Style StyleOf(const Terminal& terminal) {
  return {.width = terminal.width, .colour = terminal.colour};
}

std::string MakeFrame(absl::string_view text, int height) {
  std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (height > 0 && lines.size() > static_cast<std::size_t>(height))
    lines.resize(static_cast<std::size_t>(height));
  std::string frame = "\x1b[H";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    absl::StrAppend(&frame, i == 0 ? "" : "\r\n", lines[i], "\x1b[K");
  }
  return frame + "\x1b[J";
}

}  // namespace placer
