// RunBlocking: runs one task to its end on an io_context that nobody else uses. For commands that ask one
// question; the controller itself never blocks.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "controller/effects/task.h"

namespace placer {

template <typename T>
T RunBlocking(asio::io_context& io, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T value) {
    failure = error;
    result.emplace(std::move(value));
    io.stop();  // idle connections of a client may still be waited on
  });
  io.run();
  io.restart();
  if (failure) std::rethrow_exception(failure);
  return *std::move(result);
}

}  // namespace placer
