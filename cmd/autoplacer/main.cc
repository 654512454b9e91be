#include "cmd/autoplacer/cli.h"

int main(int argc, char** argv) {
  return placer::RunCli({argv + 1, argv + argc});
}
