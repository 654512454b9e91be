// Fuzz targets: each feeds one text from outside to the code that reads it, and throws BrokenPromise where
// what came out is not what the header promises. Two callers: libFuzzer (tests/fuzz/run), and corpus_test,
// which replays tests/fuzz/corpus/<name>/ in every test run. Equal inputs do equal things.
#pragma once

#include <stdexcept>
#include <string>

#include "absl/strings/string_view.h"
#include "api/http_message.h"

namespace placer::fuzz {

struct BrokenPromise : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void Require(bool holds, const std::string& promise) {
  if (!holds) throw BrokenPromise(promise);
}

// A policy file of the present form; one of the proof of concept's.
void FuzzPolicy(absl::string_view text);
void FuzzFlatConfig(absl::string_view text);
void FuzzDotenv(absl::string_view text);
// An answer as MakeAnswer reads it.
void FuzzPrometheus(absl::string_view text);
void FuzzMachines(absl::string_view text);
// The bytes that one client sends on one connection.
void FuzzServer(absl::string_view bytes);

// "429 7\nBODY": status 429, Retry-After 7. Without such a first line all of it is the body of a 200.
HttpResponse MakeAnswer(absl::string_view text);

struct Target {
  const char* name;  // of the corpus' folder
  void (*run)(absl::string_view input);
};
inline constexpr Target kTargets[] = {
    {"policy", FuzzPolicy},         {"flat_config", FuzzFlatConfig}, {"dotenv", FuzzDotenv},
    {"prometheus", FuzzPrometheus}, {"machines", FuzzMachines},      {"server", FuzzServer},
};

}  // namespace placer::fuzz
