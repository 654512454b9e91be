// A lease, as the lease calls answer it and as a machine may list it. Included by .cc files of api/ only.
#pragma once

#include <boost/json.hpp>
#include <optional>

#include "api/machine.h"

namespace placer {

// No value: the object names neither a nonce nor an owner. A missing or odd expiry is InfiniteFuture: a lease
// that is listed is held.
std::optional<Lease> ReadLeaseJson(const boost::json::object& object);

}  // namespace placer
