// TLS against a certificate authority of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/asio/ssl.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "controller/net/http_client.h"
#include "controller/net/resolver.h"
#include "tests/controller/net/loopback.h"

namespace placer {
namespace {

using absl::StatusCode;
using testing::HasSubstr;
using TlsStream = asio::ssl::stream<tcp::socket>;

bool RunOpenssl(const std::string& folder, const std::string& arguments) {
  return std::system(absl::StrCat("cd ", folder, " && openssl ", arguments, " >/dev/null 2>&1").c_str()) == 0;
}

// ca.pem signs cert.pem, which is good for name.test and 127.0.0.1; other-ca.pem signs nothing.
bool MakeCertificates(const std::string& folder) {
  std::ofstream(folder + "/ext") << "subjectAltName=DNS:name.test,IP:127.0.0.1\n";
  const std::string key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
  return RunOpenssl(folder,
                    absl::StrCat("req -x509 ", key, "-keyout ca.key -out ca.pem -days 2 -subj /CN=ca")) &&
         RunOpenssl(folder, absl::StrCat("req -x509 ", key,
                                         "-keyout other.key -out other-ca.pem -days 2 -subj /CN=other")) &&
         RunOpenssl(folder, absl::StrCat("req ", key, "-keyout key.pem -out req.pem -subj /CN=server")) &&
         RunOpenssl(folder,
                    "x509 -req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 "
                    "-extfile ext");
}

class TlsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    char pattern[] = "/tmp/placer-tls-XXXXXX";
    const char* made = mkdtemp(pattern);
    if (made != nullptr) folder_ = made;
    have_certificates_ = made != nullptr && MakeCertificates(folder_);
  }
  static void TearDownTestSuite() {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  void SetUp() override {
    if (!have_certificates_) GTEST_SKIP() << "no openssl program";
    context_.use_certificate_file(folder_ + "/cert.pem", asio::ssl::context::pem);
    context_.use_private_key_file(folder_ + "/key.pem", asio::ssl::context::pem);
    server_ = std::make_unique<RawServer>(io_, [this](std::shared_ptr<tcp::socket> socket, int) {
      return Serve(std::move(*socket), context_, server_name_);
    });
  }

  static Task<void> Serve(tcp::socket socket, asio::ssl::context& context, std::string& server_name) {
    TlsStream stream(std::move(socket), context);
    if (const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::server, kAsTuple); error)
      co_return;
    const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
    server_name = name == nullptr ? "" : name;
    char chunk[4096];
    for (;;) {
      const auto [error, bytes] = co_await stream.async_read_some(asio::buffer(chunk), kAsTuple);
      if (error) co_return;
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      co_await asio::async_write(stream, asio::buffer(answer), kAsTuple);
    }
  }

  std::unique_ptr<HttpClient> MakeClient(const std::string& host, const std::string& ca) {
    const unsigned short port = server_->port();
    auto resolver =
        std::make_shared<Resolver>(io_, [port](std::string, std::string, Resolver::LookupDone done) {
          done({}, {tcp::endpoint(asio::ip::make_address("127.0.0.1"), port)});
        });
    return std::make_unique<HttpClient>(
        io_, *ParseUrl(absl::StrCat("https://", host, ":", port)),
        HttpClientOptions{.ca_file = ca.empty() ? "" : folder_ + "/" + ca, .resolver = resolver});
  }
  absl::StatusOr<HttpResponse> Send(HttpClient& client) { return RunTask(io_, client.Send({})); }

  static inline std::string folder_;
  static inline bool have_certificates_ = false;
  asio::io_context io_;
  asio::ssl::context context_{asio::ssl::context::tls_server};
  std::string server_name_ = "(no handshake)";
  std::unique_ptr<RawServer> server_;
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

TEST_F(TlsTest, TheSystemsAuthoritiesDoNotKnowOurs) {
  EXPECT_EQ(Send(*MakeClient("name.test", "")).status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace placer
