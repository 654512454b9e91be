// A TLS server on loopback, with certificates that the openssl program makes for this test run and throws
// away.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/ssl.hpp>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/controller/net/loopback.h"
#include "tests/simulated/temporary_folder.h"

namespace placer {

using TlsStream = asio::ssl::stream<tcp::socket>;

inline bool RunOpenssl(const std::string& folder, const std::string& arguments) {
  return std::system(absl::StrCat("cd ", folder, " && openssl ", arguments, " >/dev/null 2>&1").c_str()) == 0;
}

// ca.pem signs cert.pem, which is good for name.test and 127.0.0.1, and expired.pem, which was; other-ca.pem
// signs nothing.
inline bool MakeCertificates(const std::string& folder) {
  std::ofstream(folder + "/ext") << "subjectAltName=DNS:name.test,IP:127.0.0.1\n";
  const std::string key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
  const std::string sign = "x509 -req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ext ";
  return RunOpenssl(folder,
                    absl::StrCat("req -x509 ", key, "-keyout ca.key -out ca.pem -days 2 -subj /CN=ca")) &&
         RunOpenssl(folder, absl::StrCat("req -x509 ", key,
                                         "-keyout other.key -out other-ca.pem -days 2 -subj /CN=other")) &&
         RunOpenssl(folder, absl::StrCat("req ", key, "-keyout key.pem -out req.pem -subj /CN=server")) &&
         RunOpenssl(folder, sign + "-out cert.pem -days 2") &&
         RunOpenssl(folder, sign + "-out expired.pem -days -1");
}

// Skips itself where there is no openssl program.
class TlsServerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    has_openssl_ = std::system("command -v openssl >/dev/null 2>&1") == 0;
    have_certificates_ = has_openssl_ && MakeCertificates(folder_->path());
  }
  static void TearDownTestSuite() { folder_.reset(); }
  void SetUp() override {
    if (!has_openssl_) GTEST_SKIP() << "no openssl program";
    ASSERT_TRUE(have_certificates_) << "openssl makes no certificates";
    StartServer("cert.pem");
  }
  void StartServer(const std::string& certificate) {
    context_.use_certificate_file(folder_->PathOf(certificate), asio::ssl::context::pem);
    context_.use_private_key_file(folder_->PathOf("key.pem"), asio::ssl::context::pem);
    server_ = std::make_unique<RawServer>(
        io_, [this](std::shared_ptr<tcp::socket> socket, int) { return Serve(std::move(*socket), *this); });
  }
  static std::string PathOf(const std::string& file) { return file.empty() ? "" : folder_->PathOf(file); }

  static Task<void> Serve(tcp::socket socket, TlsServerTest& test) {
    TlsStream stream(std::move(socket), test.context_);
    if (const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::server, kAsTuple); error)
      co_return;
    const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
    test.server_name_ = name == nullptr ? "" : name;
    char chunk[4096];
    for (;;) {
      const auto [error, bytes] = co_await stream.async_read_some(asio::buffer(chunk), kAsTuple);
      if (error) co_return;
      ++test.requests_;
      const std::string answer =
          absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", test.body_.size(), "\r\n\r\n", test.body_);
      co_await asio::async_write(stream, asio::buffer(answer), kAsTuple);
    }
  }

  static inline std::unique_ptr<TemporaryFolder> folder_;
  static inline bool has_openssl_ = false;
  static inline bool have_certificates_ = false;
  asio::io_context io_;
  asio::ssl::context context_{asio::ssl::context::tls_server};
  std::string server_name_ = "(no handshake)";
  std::string body_ = "ok";
  int requests_ = 0;
  std::unique_ptr<RawServer> server_;
};

}  // namespace placer
