// Small parsers of outside text under seeded damage, and what a damaged .env file must not tell. The large
// ones: corpus_test.cc.
#include <gtest/gtest.h>

#include "api/dotenv.h"
#include "controller/net/http_client.h"
#include "controller/net/http_server.h"
#include "tests/fuzz/mutator.h"

namespace placer {
namespace {

constexpr int kRounds = 3000;

TEST(HostileInput, DotenvFilesNeverShowAValue) {
  Mutator mutator(3, {"export ", "'", "\"", "=", "\n", "#", "\\"});
  std::size_t said = 0;
  for (int i = 0; i < kRounds; ++i) {
    const ParsedDotenv parsed =
        ParseDotenv(mutator.Mutate("export FLY_API_TOKEN='topsecret' # mine\nA=\"topsecret\"\n"), "f");
    said += parsed.diagnostics.size();
    for (const Diagnostic& diagnostic : parsed.diagnostics) {
      ASSERT_EQ(diagnostic.message.find("topsecret"), std::string::npos) << diagnostic.message;
    }
  }
  EXPECT_GT(said, 0u);
}

TEST(HostileInput, AddressesAndUrls) {
  Mutator mutator(6, {"[", "]", ":", "//", "@", "?", "#", "::", "99999", "%zz"});
  for (int i = 0; i < kRounds; ++i) {
    const absl::StatusOr<Url> url = ParseUrl(mutator.Mutate("https://api.machines.dev:443/v1"));
    if (url.ok()) {
      ASSERT_FALSE(url->host.empty());
      ASSERT_FALSE(url->port.empty());
      ASSERT_TRUE(url->scheme == "http" || url->scheme == "https");
    }
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(mutator.Mutate("[::1]:8000"));
    if (!address.ok()) ASSERT_FALSE(address.status().message().empty());
  }
}

}  // namespace
}  // namespace placer
