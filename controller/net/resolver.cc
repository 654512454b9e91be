#include "controller/net/resolver.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace placer {

using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

constexpr std::chrono::seconds kKeepAnswer{30};

Resolver::Lookup MakeSystemLookup(asio::io_context& io) {
  return [&io](const std::string& host, const std::string& port, Resolver::LookupDone done) {
    auto resolver = std::make_shared<tcp::resolver>(io);
    resolver->async_resolve(
        host, port,
        [resolver, done = std::move(done)](error_code error, const tcp::resolver::results_type& results) {
          Endpoints endpoints;
          for (const auto& entry : results) endpoints.push_back(entry.endpoint());
          done(error, std::move(endpoints));
        });
  };
}

}  // namespace

struct Resolver::Answer {
  explicit Answer(asio::io_context& io) : ready(io, asio::steady_timer::time_point::max()) {}

  bool done = false;
  error_code error;
  Endpoints endpoints;
  std::chrono::steady_clock::time_point fresh_until;
  asio::steady_timer ready;  // never expires; cancelling it wakes everyone who waits for the answer
};

Resolver::Resolver(asio::io_context& io) : Resolver(io, MakeSystemLookup(io)) {}
Resolver::Resolver(asio::io_context& io, Lookup lookup) : io_(io), lookup_(std::move(lookup)) {}

std::shared_ptr<Resolver::Answer> Resolver::FindOrStart(const std::string& host, const std::string& port) {
  std::shared_ptr<Answer>& slot = answers_[{host, port}];
  const bool usable =
      slot != nullptr && (!slot->done || (!slot->error && !slot->endpoints.empty() &&
                                          std::chrono::steady_clock::now() < slot->fresh_until));
  if (usable) return slot;
  const auto answer = std::make_shared<Answer>(io_);
  slot = answer;
  lookup_(host, port, [answer](error_code error, Endpoints endpoints) {
    answer->done = true;
    answer->error = error;
    answer->endpoints = std::move(endpoints);
    answer->fresh_until = std::chrono::steady_clock::now() + kKeepAnswer;
    answer->ready.cancel();
  });
  return answer;
}

Task<absl::StatusOr<Endpoints>> Resolver::Resolve(std::string host, std::string port) {
  error_code error;
  const asio::ip::address numeric = asio::ip::make_address(host, error);
  if (!error) {
    std::uint32_t number = 0;
    if (!absl::SimpleAtoi(port, &number) || number > 65535) {
      co_return absl::InvalidArgumentError(absl::StrCat("port ", port, " is no number up to 65535"));
    }
    co_return Endpoints{tcp::endpoint(numeric, static_cast<unsigned short>(number))};
  }
  const std::shared_ptr<Answer> answer = FindOrStart(host, port);
  if (!answer->done) co_await answer->ready.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!answer->done) co_return absl::CancelledError("cancelled");
  if (answer->error || answer->endpoints.empty()) {
    const std::string why = answer->error ? answer->error.message() : "no address";
    co_return absl::UnavailableError(absl::StrCat("cannot resolve ", host, ": ", why));
  }
  co_return answer->endpoints;
}

void Resolver::Forget(const std::string& host, const std::string& port) {
  const auto found = answers_.find({host, port});
  if (found != answers_.end() && found->second->done) answers_.erase(found);
}

}  // namespace placer
