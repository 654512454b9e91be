#include "cmd/autoplacer/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace placer {
namespace {

TEST(Frame, OverwritesEachLineAndClearsTheRest) {
  EXPECT_EQ(MakeFrame("one\ntwo\n", 0), "\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J");
}

TEST(Frame, NeverHasMoreLinesThanTheScreen) {
  EXPECT_EQ(MakeFrame("one\ntwo\nthree\n", 2), "\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J");
}

TEST(Frame, OfNothingClearsTheScreen) {
  EXPECT_EQ(MakeFrame("", 5), "\x1b[H\x1b[J");
}

TEST(Terminal, AFileIsNoneAndHasNoColour) {
  const int file = open("/dev/null", O_WRONLY);
  const Terminal terminal = DetectTerminal(file);
  close(file);
  EXPECT_FALSE(terminal.is_terminal);
  EXPECT_FALSE(terminal.colour);
  EXPECT_EQ(terminal.width, 0);
}

}  // namespace
}  // namespace placer
