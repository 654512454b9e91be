// The corpora of the fuzz targets in every test run: what is committed as it is, and damaged, seeded. The
// sanitizers watch where they are on.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "tests/fuzz/mutator.h"
#include "tests/fuzz/targets.h"

namespace placer::fuzz {
namespace {

constexpr int kDamaged = 3000;

struct Input {
  std::string file;
  std::string bytes;
};

std::vector<Input> ReadCorpus(const std::string& target) {
  std::vector<Input> inputs;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(PLACER_CORPUS) + "/" + target)) {
    std::ifstream stream(entry.path(), std::ios::binary);
    inputs.push_back({entry.path().filename().string(), {std::istreambuf_iterator<char>(stream), {}}});
  }
  std::sort(inputs.begin(), inputs.end(), [](const Input& a, const Input& b) { return a.file < b.file; });
  return inputs;
}

// What the formats find meaningful.
const std::vector<std::string>& Words() {
  static const std::vector<std::string> kWords = {"---\n",
                                                  "&a ",
                                                  "*a",
                                                  "!!str ",
                                                  "{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  ": ",
                                                  "- ",
                                                  "\n  - ",
                                                  "\t",
                                                  "\"",
                                                  "'",
                                                  "\\",
                                                  "=",
                                                  "#",
                                                  ",",
                                                  "null",
                                                  "true",
                                                  "1e400",
                                                  "-1",
                                                  "\"+Inf\"",
                                                  "NaN",
                                                  "fra",
                                                  "sfo",
                                                  "\r\n",
                                                  "\n",
                                                  "\r\n\r\n",
                                                  "%zz",
                                                  "\\u0000",
                                                  "GET ",
                                                  "HTTP/1.1",
                                                  "POST ",
                                                  "Host:",
                                                  "?",
                                                  "export ",
                                                  "1.5",
                                                  "Content-Length: 99999",
                                                  "Transfer-Encoding: chunked\r\n",
                                                  "9223372036854775808",
                                                  "\\ud800"};
  return kWords;
}

void ExpectPromisesKept(const Target& target, const Input& input) {
  try {
    target.run(input.bytes);
  } catch (const BrokenPromise& broken) {
    FAIL() << target.name << "/" << input.file << ": not true: " << broken.what() << "\n"
           << absl::CHexEscape(input.bytes.substr(0, 4000));
  }
}

class Corpus : public testing::TestWithParam<Target> {};

TEST_P(Corpus, EveryInputKeepsThePromises) {
  const std::vector<Input> inputs = ReadCorpus(GetParam().name);
  ASSERT_GE(inputs.size(), 3u);
  for (const Input& input : inputs) ASSERT_NO_FATAL_FAILURE(ExpectPromisesKept(GetParam(), input));
}

TEST_P(Corpus, SoDoesEveryDamagedInput) {
  const std::vector<Input> inputs = ReadCorpus(GetParam().name);
  ASSERT_FALSE(inputs.empty());
  Mutator mutator(1, Words());
  for (int i = 0; i < kDamaged; ++i) {
    Input input = inputs[static_cast<std::size_t>(i) % inputs.size()];
    input.bytes = mutator.Mutate(input.bytes);
    ASSERT_NO_FATAL_FAILURE(ExpectPromisesKept(GetParam(), input));
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, testing::ValuesIn(kTargets),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace placer::fuzz
