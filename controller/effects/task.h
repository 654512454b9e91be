// Task: the one coroutine type of this program. Tasks start lazily and run on the one thread of the io_context.
// Pass parameters by value, or by reference to something that outlives the task.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace placer {

namespace asio = boost::asio;

template <typename T>
using Task = asio::awaitable<T>;

}  // namespace placer
