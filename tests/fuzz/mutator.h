// Mutator: damages a text the way the world does, and the way an attacker would. Seeded, so that a failure
// comes back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace placer {

class Mutator {
 public:
  // `words`: what the format finds meaningful, sprinkled in.
  Mutator(std::uint64_t seed, std::vector<std::string> words) : random_(seed), words_(std::move(words)) {}

  std::string Mutate(std::string text) {
    for (std::uint64_t steps = 1 + Draw(4); steps > 0; --steps) MutateOnce(text);
    return text;
  }

 private:
  std::uint64_t Draw(std::uint64_t below) { return below == 0 ? 0 : random_() % below; }

  void MutateOnce(std::string& text) {
    const std::size_t at = Draw(text.size() + 1);
    const std::size_t length = Draw(std::min<std::size_t>(text.size() - at, 64) + 1);
    switch (Draw(6)) {
      case 0:
        text.insert(at, 1, static_cast<char>(Draw(256)));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << Draw(8)));
        break;
      case 2:
        text.erase(at, length);
        break;
      case 3:
        text.insert(Draw(text.size() + 1), text.substr(at, length));
        break;
      case 4:
        text.insert(at, words_[Draw(words_.size())]);
        break;
      default:
        text.resize(at);
    }
  }

  std::mt19937_64 random_;
  std::vector<std::string> words_;
};

}  // namespace placer
