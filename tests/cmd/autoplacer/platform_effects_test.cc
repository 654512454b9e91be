// The clients of both APIs as the program makes them, against a TLS server: which certificates they trust.
#include "cmd/autoplacer/platform_effects.h"

#include <gmock/gmock.h>

#include "tests/controller/net/tls_server.h"

namespace placer {
namespace {

using testing::HasSubstr;

class PlatformEffectsTest : public TlsServerTest {
 protected:
  PlatformEffects Make(const std::string& ca) {
    const std::string url = absl::StrCat("https://127.0.0.1:", server_->port());
    RunOptions options;
    options.machines_url = options.prometheus_url = url;
    options.ca_file = PathOf(ca);
    absl::StatusOr<PlatformEffects> effects =
        MakeFlyEffects(io_, options, {.api_token = "secret", .prometheus_token = "secret"}, {});
    EXPECT_TRUE(effects.ok()) << effects.status();
    return *std::move(effects);
  }
  absl::Status AskMachines(const std::string& ca) {
    const PlatformEffects effects = Make(ca);
    body_ = "[]";
    return RunTask(io_, effects.unpaced->List("shop")).status();
  }
  absl::Status AskPrometheus(const std::string& ca) {
    const PlatformEffects effects = Make(ca);
    body_ = R"({"status":"success","data":{"resultType":"matrix","result":[]}})";
    PlacementPolicy policy;
    policy.app = "shop";
    return RunTask(io_, effects.traffic->Fetch(policy, absl::FromUnixSeconds(1788220920), 5)).status();
  }
};

TEST_F(PlatformEffectsTest, BothClientsTrustTheAuthorityOfTheCaFile) {
  EXPECT_TRUE(AskMachines("ca.pem").ok()) << AskMachines("ca.pem");
  EXPECT_TRUE(AskPrometheus("ca.pem").ok()) << AskPrometheus("ca.pem");
}

TEST_F(PlatformEffectsTest, NeitherSendsItsTokenToAServerThatTheCaFileDoesNotVouchFor) {
  for (const char* ca : {"other-ca.pem", ""}) {
    EXPECT_THAT(AskMachines(ca).message(), HasSubstr("certificate verify failed")) << ca;
    EXPECT_THAT(AskPrometheus(ca).message(), HasSubstr("certificate verify failed")) << ca;
  }
  EXPECT_EQ(requests_, 0);
}

TEST_F(PlatformEffectsTest, ACaFileThatCannotBeUsedIsSaidAtStart) {
  std::ofstream(PathOf("empty.pem")) << "no certificate\n";
  RunOptions options;
  options.machines_url = options.prometheus_url = "https://127.0.0.1:1";
  for (const char* file : {"nowhere.pem", "empty.pem"}) {
    options.ca_file = PathOf(file);
    const absl::Status status = MakeFlyEffects(io_, options, {}, {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(status.message(), HasSubstr(absl::StrCat("CA file ", PathOf(file)))) << status;
  }
}

}  // namespace
}  // namespace placer
