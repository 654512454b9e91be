#include <gtest/gtest.h>

#include "controller/net/http_client.h"
#include "controller/net/http_request_text.h"
#include "controller/net/http_server.h"

namespace placer {
namespace {

struct UrlCase {
  const char* text;
  Url want;
};

TEST(UrlTest, GoodUrlsAreSplit) {
  const UrlCase cases[] = {
      {"https://api.machines.dev", {"https", "api.machines.dev", "443", ""}},
      {"http://_api.internal:4280/", {"http", "_api.internal", "4280", ""}},
      {"https://api.fly.io/prometheus/personal/", {"https", "api.fly.io", "443", "/prometheus/personal"}},
      {"http://[::1]:09090//", {"http", "::1", "9090", ""}},
      {"HTTP://Example.COM/A%20b", {"http", "example.com", "80", "/A%20b"}},
      {" http://h \n", {"http", "h", "80", ""}},
  };
  for (const UrlCase& c : cases) {
    const absl::StatusOr<Url> url = ParseUrl(c.text);
    ASSERT_TRUE(url.ok()) << c.text << ": " << url.status();
    EXPECT_EQ(url->scheme, c.want.scheme) << c.text;
    EXPECT_EQ(url->host, c.want.host) << c.text;
    EXPECT_EQ(url->port, c.want.port) << c.text;
    EXPECT_EQ(url->path, c.want.path) << c.text;
  }
}

TEST(UrlTest, BadUrlsAreRefused) {
  for (const char* text : {"", "example.com", "ftp://x", "http://", "http://:80", "http://h:0",
                           "http://h:65536", "http://h:", "http://h:+1", "http://h:8 0", "http://[::1",
                           "http://[::1]x", "http://[evil.com]", "http://a b", "http://h/a b",
                           "http://h\r\nX: y", "http://h/p?q=1", "http://h/#f", "https://h/\xc3\xa9"}) {
    EXPECT_EQ(ParseUrl(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(UrlTest, APasswordInAUrlIsRefusedAndNotRepeated) {
  const absl::Status status = ParseUrl("https://me:hunter2@h/").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(status.message()).find("hunter2"), std::string::npos);
}

TEST(ListenAddressTest, GoodAddressesAreSplit) {
  EXPECT_EQ(ParseListenAddress("127.0.0.1:8000")->host, "127.0.0.1");
  EXPECT_EQ(ParseListenAddress("[::]:9091")->host, "::");
  EXPECT_EQ(ParseListenAddress("[::]:9091")->port, 9091);
  EXPECT_EQ(ParseListenAddress(":8000")->host, "127.0.0.1");
  EXPECT_EQ(ParseListenAddress(":0")->port, 0);
}

TEST(ListenAddressTest, BadAddressesAreRefused) {
  for (const char* text : {"", "8000", "127.0.0.1", "localhost:80", "::1:80", "[127.0.0.1]:80", "[]:80",
                           "1.2.3.4:65536", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:-1"}) {
    EXPECT_EQ(ParseListenAddress(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(HttpRequestTextTest, HeadNamesHostAndLength) {
  const HttpRequest request{
      .method = "POST", .target = "/q?x=1", .headers = {{"Accept", "a"}}, .body = "abc"};
  EXPECT_EQ(FormatRequest(request, Url{"http", "::1", "81", ""}),
            "POST /q?x=1 HTTP/1.1\r\nHost: [::1]:81\r\nUser-Agent: fly-autoplacer\r\nAccept: "
            "a\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_NE(FormatRequest(request, Url{"https", "h", "443", ""}).find("Host: h\r\n"), std::string::npos);
}

TEST(HttpRequestTextTest, WhatWouldBreakTheHeadIsRefusedWithoutItsValue) {
  for (const HttpRequest& request :
       {HttpRequest{.method = "GET X"}, HttpRequest{.target = "x"}, HttpRequest{.target = "/a b"},
        HttpRequest{.target = "/a\r\nX: y"}, HttpRequest{.headers = {{"A: b", "c"}}},
        HttpRequest{.headers = {{"", "c"}}},
        HttpRequest{.headers = {{"Authorization", "Bearer s3cret\r\nX: y"}}}}) {
    const absl::Status status = CheckRequest(request);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(status.message()).find("s3cret"), std::string::npos);
  }
}

TEST(HttpRequestTextTest, MessagesNameTheRequestWithoutItsQuery) {
  EXPECT_EQ(DescribeRequest({.target = "/a?q=1"}, Url{"http", "::1", "81", ""}), "GET http://[::1]:81/a");
}

}  // namespace
}  // namespace placer
