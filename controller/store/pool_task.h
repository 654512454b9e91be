// Runs blocking work on a thread pool while a coroutine waits for it. The coroutine goes on where it was: on
// its own executor. The work cannot be cancelled; it is bounded instead.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <utility>

#include "controller/effects/task.h"

namespace placer {

// `pool` outlives the task, and is joined before the caller's io_context goes away. `work` must not throw.
template <typename Result>
Task<Result> RunOnPool(asio::thread_pool& pool, std::function<Result()> work) {
  auto start = [&pool](auto handler, std::function<Result()> job) {
    auto executor = asio::get_associated_executor(handler);
    auto guard = asio::make_work_guard(executor);
    asio::post(pool, [handler = std::move(handler), job = std::move(job), executor,
                      guard = std::move(guard)]() mutable {
      Result result = job();
      asio::post(executor, [handler = std::move(handler), result = std::move(result)]() mutable {
        std::move(handler)(std::move(result));
      });
    });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result)>(
      std::move(start), asio::use_awaitable, std::move(work));
}

}  // namespace placer
