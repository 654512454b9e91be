// TLS against a certificate authority of the test's own.
#include <gmock/gmock.h>

#include "controller/net/http_client.h"
#include "controller/net/resolver.h"
#include "tests/controller/net/tls_server.h"

namespace placer {
namespace {

using absl::StatusCode;
using testing::HasSubstr;

class TlsTest : public TlsServerTest {
 protected:
  std::unique_ptr<HttpClient> MakeClient(const std::string& host, const std::string& ca) {
    const unsigned short port = server_->port();
    auto resolver =
        std::make_shared<Resolver>(io_, [port](std::string, std::string, Resolver::LookupDone done) {
          done({}, {tcp::endpoint(asio::ip::make_address("127.0.0.1"), port)});
        });
    return std::make_unique<HttpClient>(io_, *ParseUrl(absl::StrCat("https://", host, ":", port)),
                                        HttpClientOptions{.ca_file = PathOf(ca), .resolver = resolver});
  }
  absl::StatusOr<HttpResponse> Send(HttpClient& client) { return RunTask(io_, client.Send({})); }
};

TEST_F(TlsTest, TheRightNameIsAcceptedAndSentAsServerName) {
  const auto response = Send(*MakeClient("name.test", "ca.pem"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "ok");
  EXPECT_EQ(server_name_, "name.test");
}

TEST_F(TlsTest, AnAddressIsAcceptedByItsOwnEntryAndSendsNoServerName) {
  ASSERT_TRUE(Send(*MakeClient("127.0.0.1", "ca.pem")).ok());
  EXPECT_EQ(server_name_, "");
}

TEST_F(TlsTest, ConnectionsAreUsedAgain) {
  const auto client = MakeClient("name.test", "ca.pem");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Send(*client).ok());
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(TlsTest, AnotherNameIsRefused) {
  const auto response = Send(*MakeClient("other.test", "ca.pem"));
  EXPECT_EQ(response.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(response.status().message(),
              HasSubstr("TLS handshake with other.test: certificate verify failed"));
}

TEST_F(TlsTest, AnotherAuthorityIsRefused) {
  const auto response = Send(*MakeClient("name.test", "other-ca.pem"));
  EXPECT_EQ(response.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(response.status().message(), HasSubstr("unable to get local issuer certificate"));
}

TEST_F(TlsTest, AnExpiredCertificateIsRefused) {
  StartServer("expired.pem");
  const auto response = Send(*MakeClient("name.test", "ca.pem"));
  EXPECT_EQ(response.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(response.status().message(), HasSubstr("certificate has expired"));
  EXPECT_EQ(requests_, 0) << "nothing was sent";
}

TEST_F(TlsTest, TheSystemsAuthoritiesDoNotKnowOurs) {
  EXPECT_EQ(Send(*MakeClient("name.test", "")).status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace placer
