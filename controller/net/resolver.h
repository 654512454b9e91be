// Resolver: host names to addresses. Asio looks names up on one thread of its own and cannot be interrupted
// there, so a lookup runs on by itself while callers wait for it as long as they like; the next caller of
// that name joins it. Answers are kept for 30 seconds, failures are not. Numeric hosts never wait for a
// thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/effects/task.h"

namespace placer {

using Endpoints = std::vector<asio::ip::tcp::endpoint>;

class Resolver {
 public:
  using LookupDone = std::function<void(boost::system::error_code, Endpoints)>;
  // Begins a lookup and calls back once, on the thread of the io_context.
  using Lookup = std::function<void(std::string host, std::string port, LookupDone done)>;

  explicit Resolver(asio::io_context& io);  // the system's resolver
  Resolver(asio::io_context& io, Lookup lookup);

  // At least one address. Unavailable: there is none. Cancelled, as its caller asked.
  Task<absl::StatusOr<Endpoints>> Resolve(std::string host, std::string port);
  // After none of the addresses answered: the next call asks again.
  void Forget(const std::string& host, const std::string& port);

 private:
  using Name = std::pair<std::string, std::string>;
  struct Answer;

  std::shared_ptr<Answer> FindOrStart(const std::string& host, const std::string& port);

  asio::io_context& io_;
  Lookup lookup_;
  std::map<Name, std::shared_ptr<Answer>> answers_;
};

}  // namespace placer
