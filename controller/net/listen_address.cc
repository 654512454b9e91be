#include <boost/asio/ip/address.hpp>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "controller/net/http_server.h"

namespace placer {
namespace {

absl::Status MakeAddressError(const std::string& text, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("listen address \"", text, "\": ", why,
                   "; want ADDRESS:PORT such as 127.0.0.1:8000, [::]:8000 or :8000"));
}

}  // namespace

absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return MakeAddressError(text, "there is no port");
  const absl::string_view port = absl::string_view(text).substr(colon + 1);
  std::string host = text.substr(0, colon);
  std::uint32_t number = 0;
  if (port.empty() || port.size() > 5 || !absl::ascii_isdigit(static_cast<unsigned char>(port[0])) ||
      !absl::SimpleAtoi(port, &number) || number > 65535) {
    return MakeAddressError(text, "the port is no number from 0 to 65535");
  }
  const bool bracketed = absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() && !bracketed) host = "127.0.0.1";
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (error) return MakeAddressError(text, "the host is no numeric address");
  if (address.is_v6() != bracketed)
    return MakeAddressError(text, "an IPv6 address, and only one, stands in brackets");
  return ListenAddress{.host = host, .port = static_cast<unsigned short>(number)};
}

}  // namespace placer
